"""GeoJSON (RFC 7946, and the older `crs` member): a FeatureCollection or a single Feature."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from etl.formats.base import Format, Opening, Raw, Source
from etl.intake import Intake
from etl.quality import Fault, Ledger
from geodata.errors import FileRefused
from geodata.space.crs import STORED, known_crs
from geodata.types import Bilingual

# The whole document is held in memory, about ten times its size.
LARGEST_BYTES = 100_000_000
BATCH_ROWS = 20_000
NO_FEATURE = Fault("not_a_feature", "rejected", Bilingual("不是要素对象", "not a GeoJSON feature"))
BAD_SHAPE = Fault("bad_shape", "rejected", Bilingual("坐标无法构成图形", "its coordinates make no shape"))


def recognises(intake: Intake) -> bool:
    """Whether the file begins as a JSON object does."""
    return intake.head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def open_geojson(intake: Intake, _: Opening) -> Source:
    """Read the document and its CRS; FileRefused when it is cut off, no GeoJSON, or in a CRS nobody knows."""
    document = _document(intake)
    features = _features(intake, document)
    declared = _declared(document)
    properties = [
        f["properties"] for f in features if _is_feature(f) and isinstance(f.get("properties"), dict)
    ]
    columns = tuple(dict.fromkeys(str(key) for each in properties for key in each))

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        for start in range(0, len(features), BATCH_ROWS):
            yield _batch(features[start : start + BATCH_ROWS], start + 1, wanted, ledger)

    return Source(columns, declared, _used(intake, document, declared), has_shapes=True, rows=rows)


def _document(intake: Intake) -> dict[str, Any]:
    name = intake.path.name
    if intake.size > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000
        raise FileRefused(
            f"“{name}” has {intake.size / 1e6:,.0f} MB; a GeoJSON may have {limit} MB: split it."
        )
    try:
        text = intake.path.read_text("utf-8-sig")
        document = json.loads(text)
    except UnicodeDecodeError as fault:
        raise FileRefused(
            f"“{name}” is not in UTF-8 (byte {fault.start:,}), as a GeoJSON has to be."
        ) from None
    except json.JSONDecodeError as fault:
        cut = fault.pos >= len(text.rstrip()) - 1 or "Unterminated" in fault.msg
        why = "is cut off" if cut else "is not valid JSON"
        raise FileRefused(
            f"“{name}” {why} (line {fault.lineno}, character {fault.colno}); ask for it again."
        ) from None
    except RecursionError:
        raise FileRefused(f"“{name}” is nested deeper than any GeoJSON; ask for it again.") from None
    if not isinstance(document, dict):
        raise FileRefused(f"“{name}” is JSON but no GeoJSON FeatureCollection.")
    return document


def _features(intake: Intake, document: Mapping[str, Any]) -> list[Any]:
    if document.get("type") == "Feature":
        return [document]
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise FileRefused(f"“{intake.path.name}” is JSON but no GeoJSON FeatureCollection.")
    if not features:
        raise FileRefused(f"“{intake.path.name}” holds no features.")
    return features


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
    columns: dict[str, list[str | None]] = {name: [] for name in wanted}
    for row, feature in enumerate(features, first):
        if not _is_feature(feature):
            _refuse_row(ledger, NO_FEATURE, row)
            continue
        try:
            drawn = shape(feature["geometry"]) if feature.get("geometry") else None
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
            _refuse_row(ledger, BAD_SHAPE, row)
            continue
        rows.append(row)
        shapes.append(drawn)
        properties = feature.get("properties") or {}
        for name, values in columns.items():
            values.append(_as_text(properties.get(name)))
    table = pd.DataFrame(columns, index=pd.Index(rows, dtype="int64"), dtype=object)
    return Raw(table, _array(shapes))


def _refuse_row(ledger: Ledger, fault: Fault, row: int) -> None:
    ledger.add(fault, row=row, column="geometry" if fault is BAD_SHAPE else None)
    ledger.rejected += 1


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # 311.0 is how some programs write the code 311
    return str(value)


def _array(shapes: Sequence[Any]) -> Any:
    array = np.empty(len(shapes), object)
    array[:] = shapes
    return array


FORMAT = Format("geojson", recognises, open_geojson)
