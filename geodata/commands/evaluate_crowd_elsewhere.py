"""Crowds where no place is listed: hot cells that touch, followed under the coarser cell in which they were densest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
from sqlalchemy import text

from geodata.commands.desk import Desk
from geodata.commands.finding import Finding
from geodata.commands.findings import refresh
from geodata.commands.intake import Taken
from geodata.queries.thresholds import limits_and_holding
from geodata.rules.crowd import Crowd, Judged, People
from geodata.rules.levels import Watch, step
from geodata.space.crowd_ground import Ground, outline
from geodata.space.hexes import Cells

RULE, UNIT = "crowd_density", "persons/m²"
MARK = f"{RULE}:@"  # a listed place's code never begins so
NAMED_AT = 9  # resolution of the cell that gives a crowd its key


@dataclass(frozen=True, slots=True)
class CrowdWatch:
    """Where the judging of one such crowd stands, and the cells it had last."""

    watch: Watch = field(default_factory=Watch)
    cells: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it; cells in hex, for JavaScript cannot read such numbers."""
        return {"watch": self.watch.as_dict(), "cells": [f"{cell:x}" for cell in self.cells]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> CrowdWatch:
        """Read what `as_dict` wrote."""
        return cls(
            Watch.from_dict(told.get("watch", {})), tuple(int(cell, 16) for cell in told.get("cells", ()))
        )


def judge_elsewhere(
    desk: Desk, taken: Taken, at: datetime, *, ground: Ground, people: People, judged: Judged
) -> None:
    """Follow the crowds off listed places: those that are there, and those that were."""
    drill = taken.drill_id or 0
    known = {key: state for key in desk.watches.keys(RULE) if key[0].startswith(MARK)
             and key[1] == drill and (state := desk.watches.get(key, CrowdWatch))}  # fmt: skip
    met: set[tuple[str, int]] = set()
    least = float(desk.thresholds.numbers(RULE)["least_people"])
    for found in (each for each in judged.crowds if each.place is None):
        key = _key_of(found, known, drill)
        if found.people < least and key not in known:
            continue
        if key not in met:  # of two that touch the same old one the larger goes on as it
            met.add(key)
            state = known.get(key, CrowdWatch())
            _step(desk, taken, at, key, state, cells=found.cells, density=found.density_per_m2, found=found)
    for key, state in known.items():
        if key not in met:
            cells = np.array(state.cells, np.int64)
            _step(
                desk, taken, at, key, state, cells=cells, density=_density(ground, people, cells), found=None
            )


def _key_of(found: Crowd, known: Mapping[tuple[str, int], CrowdWatch], drill: int) -> tuple[str, int]:
    mine = set(found.cells.tolist())
    for key, state in known.items():
        if mine & set(state.cells):
            return key
    return f"{MARK}{h3.cell_to_parent(found.peak_cell, NAMED_AT):x}", drill


def _density(ground: Ground, people: People, cells: Cells) -> float:
    """People per m² over cells that were a crowd before; NaN where nothing is told of them any more."""
    rows = np.searchsorted(ground.cells, cells)
    rows = rows[rows < len(ground)]
    rows = rows[np.isin(ground.cells[rows], cells)]
    rows = rows[~np.isnan(people[rows])]
    metres = float(ground.walkable_m2[rows].sum())
    return float(people[rows].astype(np.float64).sum()) / metres if metres else np.nan


def _step(
    desk: Desk, taken: Taken, at: datetime, key: tuple[str, int], state: CrowdWatch, *,
    cells: Cells, density: float, found: Crowd | None,
) -> None:  # fmt: skip
    limits, holding = limits_and_holding(desk.thresholds.numbers(RULE))
    watch, change = step(state.watch, density, at, limits, holding)
    if watch.last_at == state.watch.last_at:
        return
    if watch.level is None and watch.pending is None and watch.easing_since is None and change == "none":
        desk.watches.drop(key)
        return
    desk.watches.put(key, CrowdWatch(watch, tuple(cells.tolist())))
    if change == "none" and (watch.level is None or found is None):
        return
    level = watch.level or state.watch.level or "notice"
    finding = Finding(
        cause=key[0], rule=RULE, level=level, value=density, unit=UNIT, threshold=limits.limit(level), observed_at=at,
        accepted_at=taken.accepted_at, drill_id=taken.drill_id, reopen_s=holding.reopen_s,
        outline_wkb=shapely.to_wkb(outline(cells)), **_where(desk, key, cells, found),
    )  # fmt: skip
    if change == "none":
        refresh(desk.c, finding)
    else:
        desk.decide(change, finding)


def _where(desk: Desk, key: tuple[str, int], cells: Cells, found: Crowd | None) -> dict[str, Any]:
    """Position, area and name of a crowd: it is called after the finest area that holds its densest cell."""
    lat, lon = h3.cell_to_latlng(found.peak_cell if found else int(cells[len(cells) // 2]))
    area = desk.c.execute(
        text("""select a.id, a.code, concat(p.name, a.name) as name, concat_ws(', ', a.name_en, p.name_en) as name_en
                from areas a left join areas p on p.code = a.parent_code and p.scheme = a.scheme and p.valid_to is null
                where a.scheme = :scheme and a.valid_to is null and st_covers(a.geom, st_point(:lon, :lat, 4326))
                order by a.area_km2 limit 1"""),
        {"scheme": desk.profile.scheme, "lon": lon, "lat": lat},
    ).one_or_none()
    facts = {} if found is None else {
        "people": round(found.people), "peak_per_m2": round(found.peak_per_m2, 3), "peak_cell": f"{found.peak_cell:x}",
    }  # fmt: skip
    return {
        "subject_kind": "crowd", "subject_key": key[0].removeprefix(MARK), "lon": lon, "lat": lat, "facts": facts,
        "subject_name": area.name if area else "区外", "subject_name_en": (area.name_en or area.name) if area else "outside",
        "area_id": area.id if area else None, "area_code": area.code if area else None,
    }  # fmt: skip
