"""What was loaded, when and by whom, what became of its rows, and what was found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select, text

from geodata.errors import NotFound
from geodata.store.schema import loads

LOADS = """
    select l.id, l.kind, l.file_name, l.state, l.message, l.started_at, l.finished_at, l.rows_read, l.rows_new,
           l.rows_changed, l.rows_unchanged, l.rows_rejected, l.rows_repaired, l.rolled_back_at, l.rolled_back_by,
           u.id as upload_id, a.name as account
    from loads l left join uploads u on u.load_id = l.id left join accounts a on a.id = u.account_id"""


@dataclass(frozen=True, slots=True)
class Load:
    """One load as the history shows it; `account` and `rolled_back_by` are None for the command line."""

    id: int
    kind: str
    file_name: str
    state: str
    message: str | None
    started_at: datetime
    finished_at: datetime | None
    rows_read: int
    rows_new: int
    rows_changed: int
    rows_unchanged: int
    rows_rejected: int
    rows_repaired: int
    rolled_back_at: datetime | None
    rolled_back_by: str | None
    upload_id: int | None
    account: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: instants as ISO 8601."""
        return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self).items()}

    def as_line(self) -> str:
        """For a terminal."""
        counts = (
            f"read {self.rows_read}, new {self.rows_new}, changed {self.rows_changed},"
            f" unchanged {self.rows_unchanged}, rejected {self.rows_rejected}"
        )
        when = self.started_at.isoformat(timespec="seconds")
        return f"{self.id:>5}  {when}  {self.state:<11}  {self.kind:<10}  {self.file_name}  {counts}"


def list_loads(c: Connection, limit: int = 100) -> list[Load]:
    """Loads, the newest first."""
    rows = c.execute(text(f"{LOADS} order by l.id desc limit :limit"), {"limit": limit})
    return [Load(**row) for row in rows.mappings()]


def load(c: Connection, number: int) -> Load:
    """One load."""
    row = c.execute(text(f"{LOADS} where l.id = :id limit 1"), {"id": number}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no load with the number {number}.")
    return Load(**row)


def findings(c: Connection, number: int, *, limit: int | None = None) -> list[dict[str, Any]]:
    """What was found in a load, by row, at most so many; `where` is a GeoJSON geometry or None.

    `message` and `action` are told in each language: {zh, en}.
    """
    rows = c.execute(
        text("""select code, severity, sheet, row_number as "row", column_name as "column", value,
                       json_build_object('zh', message_zh, 'en', message_en) as message,
                       json_build_object('zh', action_zh, 'en', action_en) as action,
                       ST_AsGeoJSON(geom, 7)::json as "where"
                from load_findings where load_id = :id order by row_number nulls first, seq limit :limit"""),
        {"id": number, "limit": limit},
    )
    return [dict(row) for row in rows.mappings()]


def finding_count(c: Connection, number: int) -> int:
    """How much was found in a load."""
    counted = c.execute(text("select count(*) from load_findings where load_id = :id"), {"id": number})
    return int(counted.scalar_one())


def has_loads(connection: Connection) -> bool:
    """Whether any file was ever loaded to its end."""
    return bool(connection.execute(select(exists().where(loads.c.state == "done"))).scalar())
