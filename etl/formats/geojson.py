"""GeoJSON (RFC 7946, and the older `crs` member): a collection, a feature, a shape, a list of them, or one a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from etl.formats import topojson
from etl.formats.base import Format, Opening, Raw, Source
from etl.formats.cells import as_array, as_table
from etl.formats.encodings import codec_of
from etl.formats.gdal import closed_ring, nowhere, refuse_shape
from etl.formats.json_sequence import BROKEN, SEPARATOR, is_sequence, records
from etl.intake import Intake
from etl.quality import Fault, Ledger
from geodata.errors import FileRefused
from geodata.space.crs import STORED, known_crs
from geodata.types import Bilingual

# The whole document is held in memory, about ten times its size.
LARGEST_BYTES = 100_000_000
BATCH_ROWS = 20_000
NO_FEATURE = Fault("not_a_feature", "rejected", Bilingual("不是要素对象", "not a GeoJSON feature"))
NO_JSON = Fault("bad_json", "rejected", Bilingual("不是有效的 JSON", "not valid JSON"))
GEOMETRIES = {
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
}  # fmt: skip


def recognises(intake: Intake) -> bool:
    """Whether the file begins as a JSON object or list does, or a sequence of them, and is no TopoJSON."""
    begins = intake.head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    return begins in (b"{", b"[", SEPARATOR) and not topojson.recognises(intake)


def open_geojson(intake: Intake, opening: Opening) -> Source:
    """Read the document and its CRS; FileRefused when it is cut off, no GeoJSON, or in a CRS nobody knows."""
    if is_sequence(intake):
        return _opened(intake, lambda: map(_as_feature, records(intake)), {})
    document = _document(intake, opening.encoding)
    features = _features(intake, document)
    return _opened(intake, lambda: iter(features), document if isinstance(document, dict) else {})


def _opened(intake: Intake, features: Callable[[], Iterator[Any]], document: Mapping[str, Any]) -> Source:
    declared = _declared(document)
    columns: dict[str, None] = {}
    for feature in features():
        if _is_feature(feature) and isinstance(feature.get("properties"), dict):
            columns |= dict.fromkeys(feature["properties"])

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        first, left = 1, features()
        while batch := list(islice(left, BATCH_ROWS)):
            yield _batch(batch, first, wanted, ledger)
            first += len(batch)

    return Source(tuple(columns), declared, _used(intake, document, declared), has_shapes=True, rows=rows)


def _document(intake: Intake, encoding: str | None) -> Any:
    name = intake.path.name
    if intake.size > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000
        raise FileRefused(
            f"“{name}” has {intake.size / 1e6:,.0f} MB; a GeoJSON may have {limit} MB: split it, or write one feature a line."
        )
    body = intake.path.read_bytes()
    text = ""
    try:
        text = body.decode((encoding and codec_of(encoding)) or json.detect_encoding(body))
        return json.loads(text)
    except UnicodeDecodeError as fault:
        where = f" (byte {fault.start:,})"
        raise FileRefused(
            f"“{name}” is not in {encoding or 'UTF-8'}{where}, as a GeoJSON has to be."
        ) from None
    except json.JSONDecodeError as fault:
        cut = fault.pos >= len(text.rstrip()) - 1 or "Unterminated" in fault.msg
        why = "is cut off" if cut else "is not valid JSON"
        raise FileRefused(
            f"“{name}” {why} (line {fault.lineno}, character {fault.colno}); ask for it again."
        ) from None
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        raise FileRefused(
            f"“{name}” holds what no GeoJSON holds (too deep or too long); ask for it again."
        ) from None


def _features(intake: Intake, document: Any) -> list[Any]:
    """The features of a collection or a list; bare shapes become features without properties."""
    features = document if isinstance(document, list) else _held(document)
    bare = all(
        isinstance(each, dict) and str(each.get("type")) in GEOMETRIES | {"Feature"}
        for each in features or ()
    )
    if features is None or (isinstance(document, list) and not bare):
        raise FileRefused(f"“{intake.path.name}” is JSON but no GeoJSON FeatureCollection.")
    if not features:
        raise FileRefused(f"“{intake.path.name}” holds no features.")
    return [_as_feature(each) for each in features] if bare else features


def _held(document: Any) -> list[Any] | None:
    said = document.get("type") if isinstance(document, dict) else None
    member = {"FeatureCollection": "features", "GeometryCollection": "geometries"}.get(str(said))
    if member is None:
        return (
            [document]
            if said == "Feature" or (str(said) in GEOMETRIES and "coordinates" in document)
            else None
        )
    found = document.get(member)
    return found if isinstance(found, list) else None


def _as_feature(record: Any) -> Any:
    bare = isinstance(record, dict) and str(record.get("type")) in GEOMETRIES
    return {"type": "Feature", "properties": {}, "geometry": record} if bare else record


def _is_feature(feature: Any) -> bool:
    return isinstance(feature, dict) and feature.get("type") == "Feature"


def _declared(document: Mapping[str, Any]) -> str | None:
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name) if name else None


def _used(intake: Intake, document: Mapping[str, Any], declared: str | None) -> str:
    if "crs" not in document:
        return STORED  # RFC 7946: then it is WGS 84
    if declared is None or known_crs(declared) is None:
        said = f"the CRS “{declared}”, which nobody knows" if declared else "a CRS without a name"
        raise FileRefused(
            f"“{intake.path.name}” names {said}; ask which it is (an EPSG code) and write that in."
        )
    return declared


def _batch(features: Sequence[Any], first: int, wanted: Sequence[str], ledger: Ledger) -> Raw:
    ledger.read += len(features)
    rows: list[int] = []
    shapes: list[Any] = []
    columns: dict[str, list[Any]] = {name: [] for name in wanted}
    for row, feature in enumerate(features, first):
        if not _is_feature(feature):
            _refuse_row(ledger, NO_JSON if feature is BROKEN else NO_FEATURE, row)
            continue
        try:
            drawn = _drawn(feature.get("geometry"), row, ledger)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, ShapelyError):
            refuse_shape(ledger, row)
            continue
        rows.append(row)
        shapes.append(drawn)
        properties = feature.get("properties")
        for name, values in columns.items():
            values.append(properties.get(name) if isinstance(properties, dict) else None)
    table, drawn_all = as_table(columns, rows), as_array(shapes)
    lost = nowhere(drawn_all)
    for row in table.index[lost].tolist():
        refuse_shape(ledger, row)
    return Raw(table[~lost], drawn_all[~lost])


def _drawn(geometry: Any, row: int, ledger: Ledger) -> Any:
    """The shape; shapely closes rings without a word, so it is said here."""
    if not geometry:
        return None
    drawn = (_quickly(geometry["coordinates"]) if geometry["type"] == "Polygon" else None) or shape(geometry)
    rings = geometry.get("coordinates", ()) if geometry["type"] in ("Polygon", "MultiPolygon") else ()
    if geometry["type"] == "MultiPolygon":
        rings = [ring for polygon in rings for ring in polygon]
    if any(ring and ring[0] != ring[-1] for ring in rings):
        closed_ring(ledger, row)
    return drawn


def _quickly(rings: Any) -> Any:
    """A polygon of plain numbers, which is what nearly all are; None for any other, which shapely looks at in its own way."""
    try:
        corners = [np.array(ring) for ring in rings]
        if corners and all(
            one.ndim == 2 and one.shape[1] in {2, 3} and one.dtype.kind in "fi" for one in corners
        ):
            drawn: list[Any] = [shapely.linearrings(one) for one in corners]
            return shapely.polygons(drawn[0], drawn[1:] or None)
    except (ValueError, TypeError, ShapelyError):
        pass
    return None


def _refuse_row(ledger: Ledger, fault: Fault, row: int) -> None:
    ledger.add(fault, row=row)
    ledger.rejected += 1


FORMAT = Format("geojson", recognises, open_geojson)
