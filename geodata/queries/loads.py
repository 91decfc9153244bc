"""What was loaded, when, and what became of its rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, select

from geodata.store.schema import loads


@dataclass(frozen=True, slots=True)
class Load:
    """One load as the history shows it."""

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


def list_loads(connection: Connection, limit: int = 100) -> list[Load]:
    """Loads, the newest first."""
    columns = [loads.c[name] for name in Load.__dataclass_fields__]
    rows = connection.execute(select(*columns).order_by(loads.c.id.desc()).limit(limit))
    return [Load(*row) for row in rows]


def has_loads(connection: Connection) -> bool:
    """Whether any file was ever loaded to its end."""
    return bool(connection.execute(select(exists().where(loads.c.state == "done"))).scalar())
