"""An uploaded file read as an area: GeoJSON, or a zipped shapefile; in a process that may break without harm."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from app.jobs.base import Doing, Fields, Kind
from geodata.commands import shapes
from geodata.errors import FileRefused
from geodata.store.db import transaction
from geodata.types import Bilingual

MOST_UNPACKED_BYTES, MOST_MEMBERS, MOST_FEATURES = 20 * 2**20, 20, 2_000
PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
UNREADABLE = "This file is neither GeoJSON nor a zipped shapefile with polygons; check it, or draw the area."


def do(doing: Doing) -> Fields:
    """Keep the union of all polygons of the file; gives the number of the new area."""
    content = base64.b64decode(doing.asked["content"])
    doing.say(0.1, None)
    found: Any = from_zip(content) if content[:2] == b"PK" else from_geojson(content)
    doing.say(0.6, None)
    with transaction(doing.engine) as c:
        number = shapes.draw(
            c, doing.profile, doing.account, doing.asked["name"], mapping(found), origin="upload"
        )
        return {"data": {"shape": number}}


def from_geojson(content: bytes) -> shapely.Geometry:
    """The union of all polygons of a GeoJSON document, degrees (RFC 7946)."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
        return _union([shape(one) for one in _geometries(document)])
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        RecursionError,
        shapely.errors.ShapelyError,
    ) as fault:
        raise FileRefused(UNREADABLE) from fault


def from_zip(content: bytes) -> shapely.Geometry:
    """The union of all polygons of the one shapefile in a zip, turned to degrees by its .prj."""
    import pyogrio  # noqa: PLC0415 - only here is it needed

    with TemporaryDirectory() as folder:
        try:
            name = _unpack(content, folder)
            frame = pyogrio.read_dataframe(f"{folder}/{name}.shp", columns=[], max_features=MOST_FEATURES + 1)
        except (
            zipfile.BadZipFile,
            pyogrio.errors.DataSourceError,
            pyogrio.errors.DataLayerError,
            ValueError,
        ) as fault:
            raise FileRefused(UNREADABLE) from fault
    if frame.crs is None:
        raise FileRefused("The shapefile does not say its coordinate system; add its .prj file to the zip.")
    return _union(list(frame.to_crs("EPSG:4326").geometry))


def _unpack(content: bytes, folder: str) -> str:
    """Write the parts of the one shapefile under a name of ours; a zip's own paths are never used."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [one for one in archive.infolist() if PurePosixPath(one.filename).suffix.lower() in PARTS]
        stems = {PurePosixPath(one.filename).stem for one in members if one.filename.lower().endswith(".shp")}
        if len(stems) != 1 or len(archive.infolist()) > MOST_MEMBERS:
            raise FileRefused("The zip must hold one shapefile: .shp, .shx, .dbf and .prj.")
        left = MOST_UNPACKED_BYTES
        for one in members:
            if PurePosixPath(one.filename).stem not in stems:
                continue
            with archive.open(one) as packed:
                body = packed.read(left + 1)
            left -= len(body)
            if left < 0:
                raise FileRefused(f"The file is larger than {MOST_UNPACKED_BYTES // 2**20} MB when unpacked.")
            suffix = PurePosixPath(one.filename).suffix.lower()
            with open(f"{folder}/upload{suffix}", "wb") as file:  # noqa: PTH123 - a temporary folder of ours
                file.write(body)
    return "upload"


def _geometries(document: dict[str, Any]) -> list[dict[str, Any]]:
    if document["type"] == "FeatureCollection":
        return [one["geometry"] for one in document["features"] if one["geometry"]]
    return [document["geometry"]] if document["type"] == "Feature" else [document]


def _union(found: list[shapely.Geometry]) -> shapely.Geometry:
    if len(found) > MOST_FEATURES:
        raise FileRefused(f"The file has more than {MOST_FEATURES:,} features; an area has one, or a few.")
    whole = shapely.union_all([shapely.make_valid(shapely.force_2d(one)) for one in found if one is not None])
    polygons = [
        part for part in shapely.get_parts(whole) if isinstance(part, shapely.Polygon | shapely.MultiPolygon)
    ]
    if not polygons:
        raise FileRefused(UNREADABLE)
    return shapely.MultiPolygon([one for part in polygons for one in shapely.get_parts(part)])


KIND = Kind("upload_shape", Bilingual("读取上传的范围", "Read an uploaded area"), do, askable=False)
