"""What the data page draws and lists of a file: its shapes over today's, its first rows, what was found and where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.jobs.uploaded import SAMPLE
from app.pages.planning_shapes import flat
from geodata.profile import Profile
from geodata.queries import uploads as queries
from geodata.queries.uploads import Upload
from geodata.space.crs import STORED, shapes_to_stored, to_stored

Fields = dict[str, Any]
MOST_FINDINGS = 5_000
NAMES = ("name", "title", "number", "code")
SIMPLE_DEG, SAME_DEG = 0.00002, 1e-9
FAR_DEG = 3.0  # what lies farther from the district than this is not flown to


def used_crs(it: Upload) -> str | None:
    """The CRS a file is read in as chosen now."""
    told = (it.looked or {}).get("crs") or {}
    read: str | None = it.choice.get("crs") or told.get("read")
    if read is None and not (it.looked or {}).get("has_shapes"):
        return (it.choice.get("mapping") or {}).get("crs") or STORED
    return read


def sample_of(folder: Path) -> Fields:
    """Rows and shapes kept when the file was looked at; empty when they are gone."""
    file = folder / SAMPLE
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def picture(c: Connection, profile: Profile, it: Upload, sample: Fields) -> Fields:
    """{shapes, points, today, bbox}: coordinates are longitude and latitude in turn, EPSG:4326."""
    crs = used_crs(it)
    numbers, shapes = _shapes(it, sample, crs) if crs else ([], np.empty(0, object))
    names, today = _column(it, sample, NAMES), _today(c, profile, it)
    same = _same(numbers, shapes, _column(it, sample, ("code",)), today)
    drawn = [
        _drawn(shape, row, names.get(row, "")) | ({"same": True} if row in same else {})
        for row, shape in zip(numbers, shapes, strict=True)
        if shape is not None and not shape.is_empty and np.isfinite(shape.bounds).all()
    ]
    return {
        "shapes": [one for one in drawn if "at" not in one],
        "points": [one for one in drawn if "at" in one],
        "today": [line for shape in today.values() for line in _lines(shapely.simplify(shape, SIMPLE_DEG))],
        "bbox": _box(profile, shapes),
    }


def _shapes(it: Upload, sample: Fields, crs: str) -> tuple[list[int], NDArray[np.object_]]:
    if pair := _pair(it, sample):
        lon, lat = to_stored(*pair, crs)
        good = np.isfinite(lon) & np.isfinite(lat)
        rows = [n for n, fine in zip(sample["numbers"], good, strict=True) if fine]
        return rows, np.asarray(shapely.points(lon[good], lat[good]), object)
    kept = [
        (n, one) for n, one in zip(sample.get("shape_rows", []), sample.get("shapes", []), strict=True) if one
    ]
    if not kept:
        return [], np.empty(0, object)
    raw = np.array([shapely.from_wkb(one) for _, one in kept], object)
    return [n for n, _ in kept], shapes_to_stored(raw, crs)


def _pair(it: Upload, sample: Fields) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    columns, names = it.choice.get("columns") or {}, sample.get("columns", [])
    said = [(columns.get(name) or [None])[0] for name in ("lon", "lat")]
    if not all(one in names for one in said):
        return None
    x, y = (np.array([_number(row[names.index(one)]) for row in sample["rows"]], float) for one in said)
    return x, y


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _column(it: Upload, sample: Fields, fields: Sequence[str]) -> dict[int, str]:
    """What the rows of the sample say in the column of the first of these fields that has one."""
    columns, names = it.choice.get("columns") or {}, sample.get("columns", [])
    said = next((columns[key][0] for key in fields if columns.get(key)), None)
    if said not in names:
        return {}
    at = names.index(said)
    return {n: row[at] or "" for n, row in zip(sample["numbers"], sample["rows"], strict=True)}


def _same(
    numbers: Sequence[int], shapes: NDArray[np.object_], codes: dict[int, str], today: dict[str, Any]
) -> set[int]:
    """Rows whose outline is just the one of today."""
    pairs = [
        (n, shape, today[codes[n]]) for n, shape in zip(numbers, shapes, strict=True) if codes.get(n) in today
    ]
    if not pairs:
        return set()
    rows, new, old = zip(*pairs, strict=True)
    equal = shapely.equals_exact(shapely.normalize(_many(new)), shapely.normalize(_many(old)), SAME_DEG)
    return {n for n, fine in zip(rows, equal, strict=True) if fine}


def _many(shapes: Sequence[Any]) -> NDArray[np.object_]:
    return np.array(
        [shapely.MultiPolygon([one]) if one.geom_type == "Polygon" else one for one in shapes], object
    )


def _drawn(shape: Any, row: int, name: str) -> Fields:
    if shape.geom_type == "Point":
        return {"row": row, "name": name, "at": flat(shape)}
    lines = list(_lines(shapely.simplify(shape, SIMPLE_DEG)))
    return {"row": row, "name": name, "lines": lines, "area": shape.geom_type.endswith("Polygon")}


def _lines(shape: Any) -> Iterator[list[float]]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield from (flat(ring) for ring in (part.exterior, *part.interiors))
        elif part.geom_type in ("LineString", "LinearRing", "Point"):
            yield flat(part)
        else:
            yield from _lines(part)


def _today(c: Connection, profile: Profile, it: Upload) -> dict[str, Any]:
    """Outlines of the level that boundaries are of, by code."""
    options = it.choice.get("options") or {}
    if it.choice.get("kind") != "boundaries" or not options.get("level"):
        return {}
    scheme = options.get("scheme") or profile.scheme
    found = queries.outlines(c, str(scheme), str(options["level"]))
    return {code: shapely.from_wkb(shape) for code, shape in found.items()}


def _box(profile: Profile, shapes: NDArray[np.object_]) -> list[float]:
    west, south, east, north = profile.bbox
    if not len(shapes):
        return [west, south, east, north]
    found = shapely.bounds(shapes)
    near = (found[:, 0] > west - FAR_DEG) & (found[:, 2] < east + FAR_DEG)
    near &= (found[:, 1] > south - FAR_DEG) & (found[:, 3] < north + FAR_DEG)
    if not near.any():
        return [west, south, east, north]
    kept = found[near]
    return [*kept[:, :2].min(axis=0).tolist(), *kept[:, 2:].max(axis=0).tolist()]


def marked(findings: list[Fields], it: Upload | None, sample: Fields) -> list[Fields]:
    """Findings with the place each is at, where it is known: its own shape, else the shape of its row."""
    crs = used_crs(it) if it else None
    at: dict[int, Any] = {}
    if it and crs:
        numbers, shapes = _shapes(it, sample, crs)
        at = dict(zip(numbers, shapes, strict=True))
    return [_marked(n, finding, at) for n, finding in enumerate(findings[:MOST_FINDINGS])]


def _marked(n: int, finding: Fields, at: dict[int, Any]) -> Fields:
    where = finding.get("where")
    own = shapely.geometry.shape(where) if where else None
    shape = own or at.get(finding.get("row") or -1)
    told = {
        key: finding.get(key) for key in ("severity", "row", "sheet", "column", "value", "message", "action")
    }
    told["n"] = n
    if shape is None or shape.is_empty or not np.isfinite(shape.bounds).all():
        return told
    spot = shapely.point_on_surface(shape)
    told |= {"lon": round(spot.x, 6), "lat": round(spot.y, 6), "bbox": list(shape.bounds)}
    return told | ({"lines": list(_lines(own))} if own is not None and own.geom_type != "Point" else {})
