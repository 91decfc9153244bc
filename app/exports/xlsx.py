"""An Excel workbook: the question, ranking, trend, week by hour, categories, hotspot roads and notes, a sheet each."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from app.exports.base import Export
from app.exports.csv import COLUMNS, values
from app.exports.matter import Matter
from app.exports.words import HIDDEN, about, notes, title
from app.http.tickets import harmless
from geodata.rules.suppression import LEAST
from geodata.types import Bilingual

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Value = str | float | date | None
FORMATS = {
    "change": "0.0", "per_km2": "0.0", "per_1000": "0.00", "on_time": "0.00%", "response": "0.0", "share": "0.0%",
    "day": "yyyy-mm-dd", "day_before": "yyyy-mm-dd", "count": "#,##0", "count_before": "#,##0", "length": "0",
    "per_100m": "0.0", "p_value": "0.0000", "response_p90": "0.0",
}  # fmt: skip
WIDEST = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def make(matter: Matter) -> bytes:
    """Numbers are numbers, days are days, and no text is taken for a formula."""
    from openpyxl import Workbook  # noqa: PLC0415 - half a second that no start should wait for

    book = Workbook()
    book.remove(book.worksheets[0])
    t = matter.terms
    _plain(book, t("exports.sheet_question"), [(title(matter), None), *about(matter), *_totals(matter)])
    _table(book, matter, "ranking", COLUMNS, [values(n, row) for n, row in enumerate(matter.ranking.rows, 1)])
    _table(book, matter, "trend", ("day", "count", "day_before", "count_before"), _trend(matter))
    weekdays = t("time.weekdays").split(",")
    hours = [
        [weekdays[day], *(HIDDEN if n is None else n for n in row)] for day, row in enumerate(matter.matrix)
    ]
    _table(book, matter, "matrix", ("weekday", *map(str, range(24))), hours)
    _table(
        book,
        matter,
        "breakdown",
        ("scheme", "code", "category", "count", "count_before", "share"),
        _kinds(matter),
    )
    _table(book, matter, "roads", ("rank", "road", "area", "category", "count", "share", "length", "per_100m", "p_value"),
           _roads(matter))  # fmt: skip
    _plain(book, t("exports.sheet_notes"), [(note, None) for note in all_notes(matter)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def all_notes(matter: Matter) -> list[str]:
    """The notes of every export and, as roads are listed here, what they leave out."""
    roads = matter.roads
    return [
        *notes(matter),
        matter.terms("exports.note_roads", default=roads.default_points, unlocated=roads.unlocated),
    ]


def _shown(count: int) -> str:
    return HIDDEN if 0 < count < LEAST else str(count)


def _totals(matter: Matter) -> list[tuple[str, Value]]:
    found, t = matter.times, matter.terms
    counts = {name: getattr(found, name) for name in ("received", "open", "closed", "due", "overdue")}
    told: list[tuple[str, Value]] = [
        (t(f"exports.{name}"), HIDDEN if count is None else count) for name, count in counts.items()
    ]
    rates = (
        ("on_time", found.on_time_rate),
        ("response", found.response_median_h),
        ("response_p90", found.response_p90_h),
    )
    return [*told, *((t(f"exports.{name}"), rate) for name, rate in rates)]


def _trend(matter: Matter) -> list[list[Value]]:
    found = matter.trend
    rows = []
    for n in range(max(len(found.days), len(found.before_days))):
        now = _day(found.days, found.counts, found.hidden, n)
        rows.append([*now, *_day(found.before_days, found.before_counts, found.hidden_before, n)])
    return rows


def _day(days: list[date], counts: list[int | None], hidden: frozenset[date], n: int) -> tuple[Value, Value]:
    if n >= len(days):
        return None, None
    return days[n], HIDDEN if days[n] in hidden else counts[n]


def _kinds(matter: Matter) -> list[list[Value]]:
    t = matter.terms
    return [
        [t.either("scheme", row.scheme), row.code, row.title.in_(matter.language), HIDDEN if row.hidden else row.count,
         HIDDEN if row.before_hidden else row.before, HIDDEN if row.hidden else row.share]
        for row in matter.breakdown
    ]  # fmt: skip


def _roads(matter: Matter) -> list[list[Value]]:
    found = matter.roads
    return [
        [row.rank, row.name.in_(matter.language), matter.terms.pick(row.area_name, row.area_name_en), found.title.in_(matter.language), row.count, row.share, row.length_m,
         row.per_100m, row.p_value]
        for row in found.rows
    ]  # fmt: skip


def _plain(book: Workbook, name: str, lines: Iterable[tuple[str, Value]]) -> None:
    sheet = book.create_sheet(name)
    for label, said in lines:
        sheet.append([_safe(label), _safe(said)])
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = WIDEST


def _table(
    book: Workbook, matter: Matter, name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]
) -> None:
    from openpyxl.styles import Font  # noqa: PLC0415

    t = matter.terms
    sheet = book.create_sheet(t(f"exports.sheet_{name}"))
    sheet.append([t(f"exports.{column}") if not column.isdecimal() else int(column) for column in columns])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_safe(value) for value in row])
    sheet.freeze_panes = "A2"
    if sheet.max_row > 1:
        sheet.auto_filter.ref = sheet.dimensions
    _look(sheet, columns)


def _look(sheet: Worksheet, columns: Sequence[str]) -> None:
    for number, (name, cells) in enumerate(zip(columns, sheet.iter_cols(min_row=2), strict=False), 1):
        for cell in cells:
            cell.number_format = FORMATS.get(name, cell.number_format)
        widest = max([len(name), *(len(str(cell.value or "")) for cell in cells)])
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = min(
            WIDEST, max(10, widest * 1.6)
        )


def _safe(value: Value) -> Any:
    return harmless(value) if isinstance(value, str) else value


EXPORT = Export("xlsx", Bilingual("Excel 工作簿", "Excel workbook"), XLSX, make)
