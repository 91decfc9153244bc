"""GeoParquet, and Parquet as a plain table, by pyarrow, a batch at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.parquet as pq
from pyproj import CRS

from etl.formats.base import Format, Opening, Raw, Source
from etl.formats.gdal import BATCH_ROWS, Stream, calm, named_crs, raws
from etl.intake import Intake
from etl.quality import Ledger
from geodata.errors import FileRefused
from geodata.space.crs import STORED

MAGIC = b"PAR1"
LARGEST_GROUP_BYTES = 1_000_000_000  # a group of rows may be held whole


def recognises(intake: Intake) -> bool:
    """Whether the file begins with the mark of Parquet."""
    return intake.head.startswith(MAGIC)


def open_geoparquet(intake: Intake, _: Opening) -> Source:
    """Read the footer: columns, the column of shapes and its CRS."""
    name = intake.path.name
    with calm(name):
        parquet = pq.ParquetFile(intake.path)
        _check_size(name, parquet.metadata)
        geometry, about = _geometry(parquet.schema_arrow)
    declared, crs = _crs(name, about)
    columns = tuple(column for column in parquet.schema_arrow.names if column != geometry)

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        names = [*wanted, *([geometry] if geometry else [])]
        with pq.ParquetFile(intake.path) as opened:
            yield from raws(
                Stream(name, opened.iter_batches(BATCH_ROWS, columns=names), geometry), wanted, ledger
            )

    return Source(columns, declared, crs if geometry else None, has_shapes=bool(geometry), rows=rows)


def _check_size(name: str, metadata: Any) -> None:
    groups = range(metadata.num_row_groups)
    if any(metadata.row_group(n).total_byte_size > LARGEST_GROUP_BYTES for n in groups):
        limit = LARGEST_GROUP_BYTES // 1_000_000
        raise FileRefused(
            f"A group of rows in “{name}” unpacks to more than {limit:,} MB; write it with smaller groups."
        )


def _geometry(schema: Any) -> tuple[str, dict[str, Any]]:
    """The main column of shapes and what the file says of it; none, {} for a plain table."""
    said = (schema.metadata or {}).get(b"geo")
    if said is None:
        return "", {}
    document = json.loads(said)
    name = str(document["primary_column"])
    return name, dict(document["columns"][name])


def _crs(name: str, about: dict[str, Any]) -> tuple[str | None, str | None]:
    """WGS 84 where the file is silent, none where it says null, as the format has it."""
    if about and about.get("encoding") != "WKB":
        raise FileRefused(
            f"“{name}” keeps its shapes as {about.get('encoding')}; write it with WKB, as most programs do."
        )
    said = about.get("crs", STORED)
    if said is None or not about:
        return None, None
    with calm(name):
        return named_crs(CRS.from_user_input(said).to_wkt() if said != STORED else STORED)


FORMAT = Format("geoparquet", recognises, open_geoparquet)
