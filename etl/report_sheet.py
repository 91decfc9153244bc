"""The workbook that goes back to a department: rows that were rejected or mended, with each faulty cell marked.

Its first sheet has the columns of the file that was sent, so that it can be corrected and sent back as it is; two more
columns, the row's number and what is wrong with it, belong to no field and are passed over then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from etl.formats import open_file
from etl.formats.base import Opening, Raw
from etl.intake import take_in
from etl.personal import screened
from etl.quality import Finding, Ledger, Report
from etl.sheet_cells import harmless
from geodata.errors import Refused
from geodata.refusals import in_language
from geodata.rules.scrub import scrub
from geodata.types import Bilingual

TO_CORRECT = Bilingual("待更正", "To correct")
FINDINGS = Bilingual("全部发现", "All findings")
NUMBER, WRONG = Bilingual("原行号", "row in your file"), Bilingual("问题", "what is wrong")
LON, LAT = Bilingual("经度", "longitude"), Bilingual("纬度", "latitude")
HEADS = (
    Bilingual("表或图层", "sheet or layer"), Bilingual("行", "row"), Bilingual("列", "column"), Bilingual("值", "value"),
    Bilingual("程度", "severity"), Bilingual("问题", "what is wrong"), Bilingual("处理", "what was done"), Bilingual("代码", "code"),
)  # fmt: skip
SEVERITIES = {
    "note": Bilingual("提示", "note"), "repaired": Bilingual("已修复", "repaired"),
    "rejected": Bilingual("驳回", "rejected"), "refused": Bilingual("拒收", "refused"),
}  # fmt: skip
MORE = Bilingual(
    "另有 {n} 行未列出；请更正后再次载入。", "{n} more rows are not listed; correct these and load again."
)
RED, AMBER, HEAD = (PatternFill("solid", fgColor=color) for color in ("F8CBAD", "FFE699", "1F4E79"))
MOST_ROWS, MOST_FINDINGS = 20_000, 50_000
CORRECTED = ("rejected", "repaired")


@dataclass(frozen=True, slots=True)
class _Sent:
    """The file that was sent and how it is opened; rows that are listed by their number."""

    file: Path
    opening: Opening
    drop: Sequence[str]
    listed: dict[int, list[Finding]]
    language: str


def write_report_sheet(
    report: Report, file: Path, out: Path, *, opening: Opening | None = None, drop: Sequence[str] = ()
) -> None:
    """Write the workbook about a load of `file`; columns that hold persons are left out. Raises Refused."""
    wrong: dict[int, list[Finding]] = {}
    for finding in report.findings:
        if finding.row is not None and finding.severity in CORRECTED:
            wrong.setdefault(finding.row, []).append(finding)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = TO_CORRECT.in_(report.language)
    listed = dict(sorted(wrong.items())[:MOST_ROWS])
    _rows(sheet, _Sent(file, opening or Opening(), drop, listed, report.language))
    counted = sum(one.others for one in report.findings if one.severity in CORRECTED)
    if left := len(wrong) - len(listed) + counted:
        sheet.append([MORE.in_(report.language).format(n=f"{left:,}")])
    _findings(book.create_sheet(FINDINGS.in_(report.language)), report)
    book.save(out)


def _rows(sheet: Worksheet, sent: _Sent) -> None:
    columns: list[str] = []
    left = dict(sent.listed)
    private = {one.column for found in left.values() for one in found if one.code == "personal_data"}
    for table in _tables(sent):
        if not columns:
            columns = list(map(str, table.columns))
            _head(sheet, [NUMBER.in_(sent.language), *columns, WRONG.in_(sent.language)])
        for number, row in zip(table.index.tolist(), table.itertuples(index=False), strict=True):
            pairs = zip(columns, row, strict=True)
            cells = [scrub(str(value)) if column in private and value else value for column, value in pairs]
            told = dict(zip(columns, cells, strict=True))
            _row(sheet, int(number), told, left.pop(int(number)), sent.language)
    if not columns:
        _head(sheet, [NUMBER.in_(sent.language), WRONG.in_(sent.language)])
    for number, found in left.items():  # of which not even the columns could be read
        _row(sheet, number, dict.fromkeys(columns), found, sent.language)


def _tables(sent: _Sent) -> Iterable[pd.DataFrame]:
    """The rows that are listed, with every column that holds no persons."""
    ledger = Ledger()
    if not sent.listed:
        return
    try:
        source = screened(open_file(take_in(sent.file), sent.opening), ledger, sent.drop)
        columns = [name for name in dict.fromkeys(source.columns) if source.columns.count(name) == 1]
        for raw in source.rows(columns, ledger):
            chosen = raw.table.index.isin(list(sent.listed))
            if chosen.any():
                yield _with_points(raw, chosen, sent.language)
    except Refused:
        return  # what cannot be read on cannot be listed; the findings still are


def _with_points(raw: Raw, chosen: Any, language: str) -> pd.DataFrame:
    table: pd.DataFrame = raw.table[chosen]
    if raw.shapes is None or not (shapely.get_type_id(raw.shapes) == 0).any():
        return table
    points = raw.shapes[chosen]
    for title, values in ((LON, shapely.get_x(points)), (LAT, shapely.get_y(points))):
        column = pd.Series(values, table.index).astype(object)
        table = table.assign(**{title.in_(language): column.where(column.notna(), None)})
    return table


def _row(
    sheet: Worksheet, number: int, cells: Mapping[str, Any], found: Sequence[Finding], language: str
) -> None:
    plain = [number, *(harmless(None if _blank(value) else value) for value in cells.values())]
    # Coloured before they are added: to ask a sheet for its last row counts all of them.
    row = [Cell(sheet, value=value) for value in plain]
    columns = list(cells)
    said = "; ".join(
        dict.fromkeys(
            f"{one.column}: {one.message.in_(language)}" if one.column else one.message.in_(language)
            for one in found
        )
    )
    for finding in found:
        fill = RED if finding.severity == "rejected" else AMBER
        row[0].fill = fill
        for column in (finding.column or "").split(", "):
            if column in columns:
                cell = row[columns.index(column) + 1]
                cell.fill, cell.comment = fill, Comment(finding.message.in_(language), "Yiping")
    sheet.append([*row, harmless(said)])


def _findings(sheet: Worksheet, report: Report) -> None:
    language = report.language
    if report.message:
        sheet.append([harmless(in_language(report.message, language))])
    _head(sheet, [head.in_(language) for head in HEADS])
    for finding in report.findings[:MOST_FINDINGS]:
        severity = SEVERITIES[finding.severity].in_(language)
        sheet.append([*map(harmless, (finding.sheet, finding.row, finding.column, finding.value, severity,
                                      finding.message.in_(language), finding.action.in_(language), finding.code))])  # fmt: skip
    for letter, width in zip("ABCDEFGH", (14, 8, 18, 28, 10, 48, 40, 22), strict=True):
        sheet.column_dimensions[letter].width = width


def _head(sheet: Worksheet, names: Sequence[str]) -> None:
    sheet.append([harmless(name) for name in names])
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment(vertical="top")
    sheet.freeze_panes = f"A{sheet.max_row + 1}"  # asking for that cell would make it


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 - not a number
