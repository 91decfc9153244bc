"""The ranking as comma-separated values; lines that begin with # say what was asked."""

from __future__ import annotations

import csv
import io

from app.exports.base import Export
from app.exports.matter import Matter
from app.exports.words import HIDDEN, about, notes
from app.http.tickets import harmless
from geodata.queries.ranking import RankRow
from geodata.types import Bilingual

COLUMNS = ("rank", "code", "name", "name_en", "count", "count_before", "change", "per_km2", "per_1000", "due", "on_time",
           "response", "share")  # fmt: skip


def make(matter: Matter) -> bytes:
    """UTF-8 with a byte order mark unless asked without; numbers with a point, hidden ones as *."""
    buffer = io.StringIO()
    for label, said in about(matter):
        buffer.write(f"# {label}: {_line(said)}\r\n")
    for note in notes(matter):
        buffer.write(f"# {_line(note)}\r\n")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([matter.terms(f"exports.{name}") for name in COLUMNS])
    for rank, row in enumerate(matter.ranking.rows, 1):
        writer.writerow(["" if value is None else value for value in values(rank, row)])
    return buffer.getvalue().encode("utf-8-sig" if matter.byte_order_mark else "utf-8")


def values(rank: int, row: RankRow) -> list[str | float | None]:
    """A row in the order of COLUMNS: * where hidden, None where missing."""
    now, before = HIDDEN if row.hidden else None, HIDDEN if row.before_hidden else None
    either = now or before
    due = HIDDEN if row.due is None else None
    return [
        None if row.hidden else rank, harmless(row.code), harmless(row.name_zh), harmless(row.name_en) or None,
        now or row.count, before or row.before, either or _rounded(row.change_pct, 2), now or _rounded(row.per_km2, 3),
        now or _rounded(row.per_1000, 3), due or row.due, due or _rounded(row.on_time_rate, 6),
        now or _rounded(row.response_median_h, 3), now or _rounded(row.share, 6),
    ]  # fmt: skip


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def _line(said: str) -> str:
    return " ".join(said.split())


EXPORT = Export("csv", Bilingual("排名表（CSV）", "Ranking (CSV)"), "text/csv; charset=utf-8", make)
