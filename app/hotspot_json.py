"""Hotspot roads and repeated demand as JSON documents, the same for the command line and over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geodata.queries.hotspot_roads import HotspotRoads, RoadRow, items, left_out
from geodata.queries.repeated import Repeated
from geodata.rules.hotspots import paragraph
from geodata.rules.suppression import Part, hide
from geodata.space.hexes import as_text

DECIMALS = 6  # of a degree: 0.1 m
COUNTS = ("total", "located", "default_points", "unlocated", "off_road")


def as_json(found: Sequence[HotspotRoads], *, suppressed: bool = False) -> dict[str, Any]:
    """Categories with their stretches, the report's paragraph and what is left out.

    Suppressed, counts of 1 to 4 and what they could be reckoned from are null; stretches have five tickets or more.
    """
    shown = [(one, counts_of(one, suppressed=suppressed)) for one in found]
    told = items([one for one, counts in shown if counts["total"] is not None])
    whole = all(None not in counts.values() for _, counts in shown)
    words = left_out(found) if whole else None
    return {
        "categories": [_category(one, counts) for one, counts in shown],
        "paragraph": {"zh": paragraph.chinese(told), "en": paragraph.english(told)},
        "left_out": words._asdict() if words else None,
    }


def repeated_json(found: Repeated, *, suppressed: bool = False) -> dict[str, Any]:
    """The events of repeated demand, and what they leave out."""
    counts = counts_of(found, suppressed=suppressed)
    return counts | {
        "in_events": found.in_events,
        "events": [
            {
                "key": row.key, "sentence": row.sentence, "category": row.category._asdict() | {"code": row.category_code},
                "place": row.place._asdict(),
                "area": {"code": row.area_code, "name": row.area_name, "name_en": row.area_name_en},
                "count": row.count, "first_at": row.first_at, "last_at": row.last_at, "lon": round(row.lon, DECIMALS),
                "lat": round(row.lat, DECIMALS), "tickets": list(row.ticket_numbers),
            }
            for row in found.rows
        ],
    }  # fmt: skip


def counts_of(one: HotspotRoads | Repeated, *, suppressed: bool) -> dict[str, int | None]:
    """What an answer is of: in all, located, and what is left out."""
    names = [name for name in COUNTS if hasattr(one, name)]
    counts = {name: int(getattr(one, name)) for name in names}
    if not suppressed:
        return dict(counts)
    parts = {name: Part(count) for name, count in counts.items()}
    parts["total"].divided([parts[name] for name in ("located", "default_points", "unlocated")])
    if "off_road" in parts:
        parts["located"].divided([parts["off_road"]])
    hide(parts["total"])
    return {name: None if parts[name].hidden else counts[name] for name in names}


def _category(one: HotspotRoads, counts: dict[str, int | None]) -> dict[str, Any]:
    rows = [_row(row) | ({"share": None} if counts["located"] is None else {}) for row in one.rows]
    return {"code": one.code, "title": one.title._asdict(), **counts, "stretches": rows}


def _row(row: RoadRow) -> dict[str, Any]:
    return {
        "key": row.key, "rank": row.rank, "name": row.name._asdict(), "road": row.road and row.road._asdict(),
        "area": {"code": row.area_code, "name": row.area_name, "name_en": row.area_name_en}, "count": row.count,
        "share": round(row.share, 6), "expected": round(row.expected, 3), "length_m": round(row.length_m, 1),
        "per_100m": round(row.per_100m, 3), "p_value": row.p_value, "cells": [as_text(cell) for cell in row.cells],
        "geometry": mapping(_rounded(row.geometry)),
    }  # fmt: skip


def _rounded(shape: BaseGeometry) -> BaseGeometry:
    return shapely.transform(shape, lambda points: np.round(points, DECIMALS))
