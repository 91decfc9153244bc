"""Long work as its asker sees it: where it stands and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.errors import NotFound

COLUMNS = "id, kind, asked, state, progress, step, reason, result, asked_at, began_at, ended_at"


@dataclass(frozen=True, slots=True)
class Job:
    """One job; `result` says {file, name, media_type} of a file below the home, or {data: …}."""

    id: int
    kind: str
    asked: dict[str, Any]
    state: str
    progress: float | None
    step: str | None
    reason: str | None
    result: dict[str, Any] | None
    asked_at: datetime
    began_at: datetime | None
    ended_at: datetime | None


def job(c: Connection, account_id: int, number: int) -> Job:
    """A job of one's own."""
    found = c.execute(
        text(f"select {COLUMNS} from jobs where id = :id and account_id = :who"),
        {"id": number, "who": account_id},
    ).one_or_none()
    if found is None:
        raise NotFound(f"You have no task with the number {number}.")
    return _job(found)


def jobs(c: Connection, account_id: int, *, limit: int = 30) -> list[Job]:
    """One's own jobs, the newest first."""
    found = c.execute(
        text(f"select {COLUMNS} from jobs where account_id = :who order by id desc limit :limit"),
        {"who": account_id, "limit": limit},
    )
    return [_job(row) for row in found]


def _job(row: Row[Any]) -> Job:
    values = dict(row._mapping)  # noqa: SLF001 - the row's public mapping
    values["result"] = json.loads(values["result"]) if values["result"] else None
    return Job(**values)
