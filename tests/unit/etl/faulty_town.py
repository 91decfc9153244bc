"""A small made-up district with streets, communities and cells, and the files of it that a department may send."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.commands.boundaries import BEGINNING, CurrentArea
from geodata.profile import Profile
from geodata.queries.evidence import Evidence, of_shapes
from geodata.space import crs, offset

Shapes = NDArray[np.object_]
NAMES = "桃李杏梅兰竹菊松柏柳荷桂枫桐槐榆杨樱茶莲"


@dataclass
class Rows:
    """The rows of a file of areas, in EPSG:4326."""

    codes: list[str]
    names: list[str]
    shapes: Shapes
    crs: str | None = None
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Town:
    """What the store holds of it."""

    profile: Profile
    cells: Rows
    communities: list[CurrentArea]
    stored: list[CurrentArea]
    known: Evidence


def town(profile: Profile, seed: int = 9, cells: int = 30) -> Town:
    """Cells around scattered points, six of them a community each, streets along the communities' edges."""
    rng = np.random.default_rng(seed)
    box = shapely.box(*profile.bbox)
    spots = rng.uniform(profile.bbox[:2], profile.bbox[2:], (cells, 2))
    spots[0] = profile.bbox[:2]
    areas = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(spots), extend_to=box))
    areas = shapely.intersection(areas, box)
    areas = areas[np.argsort(shapely.get_x(shapely.centroid(areas)))]
    groups = np.arange(len(areas)) // 6
    blocks = [shapely.coverage_union_all(areas[groups == n]) for n in range(groups.max() + 1)]
    communities = [_area(n, "community", (f"{profile.code}0{n:02d}", f"{NAMES[n]}花社区", profile.code), shape)
                   for n, shape in enumerate(blocks)]  # fmt: skip
    codes = [f"{profile.code}0{g:02d}{n:04d}" for n, g in enumerate(groups)]
    names = [f"{NAMES[g]}花社区第{n}网格" for n, g in enumerate(groups)]
    stored = [_area(100 + n, "grid_cell", (code, name, communities[g].code), shape)
              for n, (code, name, shape, g) in enumerate(zip(codes, names, areas, groups, strict=True))]  # fmt: skip
    streets = shapely.get_parts(shapely.union_all(shapely.boundary(areas)))
    known = of_shapes(
        profile, areas=([area.name for area in [*communities, *stored]], np.array([*blocks, *areas], object)),
        roads=np.asarray(streets, object), places=([], np.array([], object)), outline=box,
    )  # fmt: skip
    return Town(profile, Rows(codes, names, np.asarray(areas, object)), communities, stored, known)


def _area(key: int, level: str, named: tuple[str, str, str], shape: Any) -> CurrentArea:
    code, name, parent = named
    outline = shapely.MultiPolygon(shapely.get_parts(shape).tolist())
    return CurrentArea(key, level, code, name, None, parent, BEGINNING, outline)


def turned(shapes: Shapes, turn: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Shapes:
    """Every coordinate by a function of (x, y)."""
    return np.asarray(shapely.transform(shapes, turn), object)


def written_in(shapes: Shapes, system: str) -> Shapes:
    """The shapes as a file in a CRS has them, whatever it says."""
    if system == "EPSG:4326":
        return shapes
    if system.endswith(" yx"):
        return turned(written_in(shapes, system.removesuffix(" yx")), lambda p: p[:, ::-1])
    if system in (offset.GCJ02, offset.BD09):
        return turned(shapes, lambda p: np.column_stack(offset.from_wgs84(p[:, 0], p[:, 1], system)))
    return np.asarray(crs.shapes_to_metric(shapes, int(system.removeprefix("EPSG:"))), object)


def geojson(path: Path, rows: Rows) -> Path:
    """Write it as GeoJSON, with a `crs` member where the rows name a CRS."""
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": json.loads(shapely.to_geojson(shape))}
        for code, name, shape in zip(rows.codes, rows.names, rows.shapes, strict=True)
    ]  # fmt: skip
    said = {"crs": {"type": "name", "properties": {"name": rows.crs}}} if rows.crs else {}
    path.write_text(
        json.dumps({"type": "FeatureCollection", **said, "features": features}, ensure_ascii=False), "utf-8"
    )
    return path


def shapefile(path: Path, rows: Rows, encoding: str, *, declared: str | None) -> Path:
    """Write it as a zipped Shapefile; `declared` is what its .cpg says, None leaves it out."""
    folder = path.parent / path.stem
    folder.mkdir()
    frame = gpd.GeoDataFrame(
        {"code": rows.codes, "name": rows.names}, geometry=list(rows.shapes), crs="EPSG:4326"
    )
    frame.to_file(folder / "areas.shp", encoding=encoding, engine="pyogrio")
    cpg = folder / "areas.cpg"
    if declared is None:
        cpg.unlink(missing_ok=True)
    else:
        cpg.write_text(declared)
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, part.name)
    return path


def table(path: Path, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Path:
    """Write points as a table of two columns."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(("lon", "lat"))
        rows.writerows(zip(lon.tolist(), lat.tolist(), strict=True))
    return path
