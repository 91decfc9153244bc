"""Small files of every format, written with the libraries that departments' own programs use."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import rasterio
import shapely

from etl.formats import open_file
from etl.formats.base import Opening, Source
from etl.intake import take_in
from etl.quality import Ledger

NAMES = ("平江街道", "沧浪街道", "观前街碧凤坊")
TRADITIONAL = ("平江街道", "滄浪街道", "觀前街碧鳳坊")


def areas(crs: int | None = 4326, names: Sequence[str] = NAMES) -> gpd.GeoDataFrame:
    """Three squares with a code, a name and a number."""
    boxes = [shapely.box(120.6 + n / 100, 31.3, 120.61 + n / 100, 31.31) for n in range(3)]
    columns = {"code": ["001", "002", "003"], "name": list(names), "people": [1200, 80, 5]}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=crs)


def shapefile(
    folder: Path,
    crs: int | None = 4326,
    encoding: str = "utf-8",
    stem: str = "areas",
    names: Sequence[str] = NAMES,
) -> dict[str, bytes]:
    """The parts of a shapefile by name."""
    folder.mkdir(exist_ok=True)
    areas(crs, names).to_file(folder / f"{stem}.shp", encoding=encoding)
    return {path.name: path.read_bytes() for path in folder.glob(f"{stem}.*")}


def zipped(path: Path, parts: Mapping[str, bytes]) -> Path:
    """A .zip of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return path


def workbook(path: Path, lines: Iterable[Iterable[Any]], merged: Iterable[str] = ()) -> Path:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for line in lines:
        sheet.append(list(line))
    for block in merged:
        sheet.merge_cells(block)
    book.save(path)
    return path


def raster(path: Path, **more: Any) -> Path:
    """A GeoTIFF of 8 by 8 pixels, 0 to 63."""
    facts: dict[str, Any] = {
        "driver": "GTiff", "width": 8, "height": 8, "count": 1, "dtype": "float32", "crs": "EPSG:4326",
        "transform": rasterio.Affine(0.01, 0, 120.5, 0, -0.01, 31.4), "nodata": -1.0,
    }  # fmt: skip
    with rasterio.open(path, "w", **(facts | more)) as file:
        file.write(np.arange(64).reshape(8, 8).astype(file.dtypes[0]), 1)
    return path


def _geojson(path: Path) -> Path:
    path.write_text(areas().to_json(), "utf-8")
    return path


def _sequence(path: Path) -> Path:
    features = json.loads(areas().to_json())["features"]
    path.write_text("".join(json.dumps(feature) + "\n" for feature in features), "utf-8")
    return path


def _topojson(path: Path) -> Path:
    point = {"type": "Point", "properties": {"code": "001", "name": NAMES[0]}, "coordinates": [120.6, 31.3]}
    lines = {"type": "LineString", "properties": {"code": "002", "name": NAMES[1]}, "arcs": [0]}
    topology = {"type": "GeometryCollection", "geometries": [point, lines]}
    arcs = [[[120.6, 31.3], [120.61, 31.31]]]
    path.write_text(json.dumps({"type": "Topology", "objects": {"areas": topology}, "arcs": arcs}), "utf-8")
    return path


def _table(path: Path) -> Path:
    path.write_text("code,name,people\n001,平江街道,1200\n002,沧浪街道,80\n", "utf-8")
    return path


def _kml(path: Path) -> Path:
    areas().to_file(path, driver="LIBKML")
    return path


def _kmz(path: Path) -> Path:
    kml = _kml(path.with_suffix(".kml"))
    return zipped(path, {"doc.kml": kml.read_bytes()})


def _written(path: Path, driver: str) -> Path:
    areas().to_file(path, driver=driver)
    return path


def _parquet(path: Path) -> Path:
    areas().to_parquet(path)
    return path


def _excel(path: Path) -> Path:
    return workbook(path, [["code", "name", "people"], ["001", "平江街道", 1200], ["002", "沧浪街道", 80]])


MAKERS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "csv": ("table.csv", _table),
    "dbf": ("areas.dbf", lambda path: _one_part(path, "areas.dbf")),
    "excel": ("table.xlsx", _excel),
    "flatgeobuf": ("areas.fgb", lambda path: _written(path, "FlatGeobuf")),
    "geojson": ("areas.geojson", _geojson),
    "geojson lines": ("areas.ndjson", _sequence),
    "geopackage": ("areas.gpkg", lambda path: _written(path, "GPKG")),
    "geoparquet": ("areas.parquet", _parquet),
    "kml": ("areas.kml", _kml),
    "kmz": ("areas.kmz", _kmz),
    "shapefile": ("areas.zip", lambda path: zipped(path, shapefile(path.parent / "shp"))),
    "topojson": ("areas.topojson", _topojson),
}


def _one_part(path: Path, name: str) -> Path:
    path.write_bytes(shapefile(path.parent / "part")[name])
    return path


def made(folder: Path, which: str) -> Path:
    """A small file by the name of its maker."""
    name, maker = MAKERS[which]
    return maker(folder / name)


def opened(path: Path, **said: Any) -> Source:
    """A file opened as a person says."""
    return open_file(take_in(path), Opening(**said))


def read(source: Source, ledger: Ledger | None = None) -> list[list[Any]]:
    """All rows, each with its number and, at the end, its shape."""
    rows: list[list[Any]] = []
    for raw in source.rows(source.columns, ledger or Ledger()):
        shapes = [None] * len(raw.table) if raw.shapes is None else raw.shapes
        lines = zip(raw.table.index.tolist(), raw.table.to_numpy().tolist(), shapes, strict=True)
        rows += [[row, *cells, shape] for row, cells, shape in lines]
    return rows
