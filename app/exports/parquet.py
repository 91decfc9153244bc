"""The hexagons of a question as GeoParquet 1.1; the file's metadata say what was asked."""

from __future__ import annotations

import io
import json

from app.exports.base import Export
from app.exports.frames import cell_frame
from app.exports.matter import Matter
from app.exports.words import about, notes, title
from geodata.types import Bilingual

ABOUT = b"yiping"  # the key of our metadata beside GeoParquet's own `geo`


def make(matter: Matter) -> bytes:
    """Columns cell, count, hidden, area_km2, geometry in EPSG:4326."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - half a second that no start should wait for

    plain = io.BytesIO()
    cell_frame(matter).to_parquet(plain, index=False)
    table = pq.read_table(plain)
    said = {"title": title(matter), "about": dict(about(matter)), "notes": notes(matter)}
    told = {**(table.schema.metadata or {}), ABOUT: json.dumps(said, ensure_ascii=False).encode()}
    full = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(told), full, compression="zstd")
    return full.getvalue()


EXPORT = Export(
    "parquet",
    Bilingual("GeoParquet（六边形）", "GeoParquet (hexagons)"),
    "application/vnd.apache.parquet",
    make,
)
