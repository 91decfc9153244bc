"""A look at a file before anything is made of it: what it is, which kind, which column is what, where it may lie.

What a person then chooses is a plain document, the same for every kind: {kind, layer, header_row, encoding, crs,
options, columns: {field: [columns]}, mapping}. `load` carries it out as the command line would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine

from etl.choice import opening_of, options_of
from etl.choice_guess import fitting, proposed
from etl.formats import open_file
from etl.formats.base import Raw, Source
from etl.intake import take_in
from etl.kinds import kind_of
from etl.kinds.base import KindOf, LoadOptions
from etl.loading import load as load_file
from etl.look_raster import look_at_raster
from etl.lying import lies
from etl.personal import personal_columns
from etl.quality import Ledger, LoadRefused, Report
from etl.report_sheet import write_report_sheet
from etl.templates import template
from geodata.commands.undo import roll_back
from geodata.profile import Profile
from geodata.store.db import transaction

Fields = dict[str, Any]
Heard = Callable[[int], None]
LOOKED_ROWS = 200_000  # beyond it rows are not counted, only told to be more
SAMPLE_ROWS, SAMPLE_SHAPES, EXAMPLES = 1_000, 4_000, 3
MOST_CORNERS, SIMPLE = (
    300_000,
    1 / 4_000,
)  # more corners are thinned out by this part of the extent: finer is not seen
LONGEST_VALUE = 60
CORRECTION = "correction.xlsx"


def look(engine: Engine, profile: Profile, file: Path, choice: Fields) -> Fields:
    """What a file seems to be: {found, choice, sample}; what `choice` says already is kept. Raises FileRefused."""
    intake = take_in(file)
    if raster := look_at_raster(intake, choice, _told):
        return raster
    source = open_file(intake, opening_of(choice))
    head, counted = _head(source)
    personal = [str(name) for name in personal_columns(head.table)]
    head = Raw(head.table.drop(columns=personal), head.shapes)  # what holds persons is not even shown
    chosen = proposed(engine, profile, source, head, choice) | {"personal": personal}
    found = {
        "format": source.format, "size": intake.size, "layers": list(source.layers), "layer": source.layer,
        "encoding": source.encoding, "header_row": source.header_row, "has_shapes": source.has_shapes,
        "shapes": _types(head), "rows": counted.rows, "more": counted.more, "personal": personal, "columns": _columns(head.table),
        "crs": lies(engine, profile, source, head, chosen), "kinds": [_told(kind_of(key)) for key in fitting(head)],
    }  # fmt: skip
    return {"found": found, "choice": chosen, "sample": _sample(head)}


def load(
    engine: Engine, profile: Profile, file: Path, choice: Fields, *, dry_run: bool, heard: Heard
) -> Fields:
    """The report of a load or of a dry run, as plain values; also of a file refused after it was opened."""
    kind, options = choice["kind"], options_of(choice, file.parent)
    try:
        report = load_file(engine, profile, kind, file, options, dry_run=dry_run, heard=heard)
    except LoadRefused as refusal:
        report = refusal.report
    return _with_sheet(report, file, options)


def take_back(engine: Engine, profile: Profile, number: int, who: str, rasters: Path) -> Fields:
    """Take a load back; Refused says why it cannot be."""
    with transaction(engine) as c:
        return asdict(roll_back(c, profile, number, by=who, rasters=rasters))


def template_of(kind: str, language: str) -> bytes:
    """An empty workbook for a kind; Refused when it has no columns."""
    return template(kind, "xlsx", language)


def _with_sheet(report: Report, file: Path, options: LoadOptions) -> Fields:
    """The report as plain values; the rows to be corrected are written beside the file."""
    sheet = file.parent / CORRECTION
    sheet.unlink(missing_ok=True)
    if any(finding.severity != "note" for finding in report.findings):
        drop = options.mapping.get("drop", []) if isinstance(options.mapping, dict) else []
        write_report_sheet(report, file, sheet, opening=options.opening, drop=drop)
    return report.as_dict() | {"correction": sheet.exists()}


class _Counted:
    rows: int = 0
    more: bool = False


def _head(source: Source) -> tuple[Raw, _Counted]:
    """The first rows with every column, and how many rows there are, up to a limit."""
    ledger, counted, kept, left = Ledger(), _Counted(), [], SAMPLE_SHAPES
    for raw in _batches(source, ledger):
        counted.rows = ledger.read
        if left > 0:
            kept.append(Raw(raw.table.iloc[:left], None if raw.shapes is None else raw.shapes[:left]))
            left -= len(raw.table)
        if counted.rows >= LOOKED_ROWS:
            counted.more = True
            break
    if not kept:
        return Raw(pd.DataFrame(columns=list(source.columns))), counted
    shapes = None if kept[0].shapes is None else np.concatenate([one.shapes for one in kept])
    return Raw(pd.concat([one.table for one in kept]), shapes), counted


def _batches(source: Source, ledger: Ledger) -> Iterator[Raw]:
    return source.rows(source.columns, ledger)


def _columns(table: pd.DataFrame) -> list[Fields]:
    return [{"name": str(name), "examples": _examples(table, name)} for name in table.columns.unique()]


def _examples(table: pd.DataFrame, name: str) -> list[str]:
    column = table[name] if name in table else pd.Series(dtype=object)
    values = column.iloc[:, 0] if isinstance(column, pd.DataFrame) else column
    said = values.dropna().astype(str).str.strip()
    return [_short(value) for value in said[said != ""].unique()[:EXAMPLES]]


def _short(value: str) -> str:
    return value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"


def _types(head: Raw) -> list[str]:
    if head.shapes is None:
        return []
    kinds = {shape.geom_type.removeprefix("Multi") for shape in head.shapes if shape is not None}
    return sorted(kinds)


def _told(kind: KindOf) -> Fields:
    fields = [
        {"name": one.name, "title": one.title._asdict(), "what": one.what._asdict(), "required": one.required,
         "many": one.many}
        for one in kind.fields
    ]  # fmt: skip
    options = [
        {"name": one.name, "title": one.title._asdict(), "required": one.required} for one in kind.options
    ]
    return {"key": kind.key, "title": kind.title._asdict(), "shape": kind.shape, "mapped": kind.mapped,
            "fields": fields, "options": options}  # fmt: skip


def _sample(head: Raw) -> Fields:
    """Rows for the table and shapes for the map, in the file's own coordinates."""
    table = head.table.loc[:, ~head.table.columns.duplicated()].iloc[:SAMPLE_ROWS]
    values = table.astype(object).where(table.notna(), None)
    rows = [[None if v is None else _short(str(v)) for v in row] for row in values.itertuples(index=False)]
    sample: Fields = {
        "columns": list(map(str, table.columns)),
        "numbers": [int(n) for n in table.index],
        "rows": rows,
    }
    if head.shapes is not None:
        sample |= {"shape_rows": [int(n) for n in head.table.index], "shapes": _drawn(head.shapes)}
    return sample


def _drawn(shapes: NDArray[Any]) -> list[str | None]:
    whole = shapely.total_bounds(shapes[~shapely.is_missing(shapes)])
    extent = np.nanmax([whole[2] - whole[0], whole[3] - whole[1], 0.0]) if len(whole) else 0.0
    plain = shapely.force_2d(shapes)
    if shapely.get_num_coordinates(plain).sum() > MOST_CORNERS and np.isfinite(extent):
        plain = shapely.simplify(plain, float(extent) * SIMPLE)
    return [None if one is None or one.is_empty else shapely.to_wkb(one, hex=True) for one in plain]
