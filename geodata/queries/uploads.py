"""Files on their way in as the data page shows them, and the book of loads with who loaded and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.errors import NotFound

Fields = dict[str, Any]
UPLOAD = """
    select u.id, u.account_id, a.name as account, u.name, u.suffix, u.size_bytes, u.got_bytes, u.begun_at, u.looked,
           u.choice, u.tried, u.load_id, l.state as load_state, u.job_id, j.kind as job_kind, j.state as job_state,
           j.progress, j.step, j.reason
    from uploads u join accounts a on a.id = u.account_id left join jobs j on j.id = u.job_id
    left join loads l on l.id = u.load_id"""
RUN = """
    select l.id, l.kind, l.file_name, l.state, l.message, l.started_at, l.finished_at, l.rows_read, l.rows_new,
           l.rows_changed, l.rows_unchanged, l.rows_rejected, l.rows_repaired, l.rolled_back_at, l.rolled_back_by,
           u.id as upload_id, a.name as account
    from loads l left join uploads u on u.load_id = l.id left join accounts a on a.id = u.account_id"""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was sent, the task that works on it, and the load made of it."""

    id: int
    account_id: int
    account: str
    name: str
    suffix: str
    size_bytes: int
    got_bytes: int
    begun_at: datetime
    looked: Fields | None
    choice: Fields
    tried: Fields | None
    load_id: int | None
    load_state: str | None
    job_id: int | None
    job_kind: str | None
    job_state: str | None
    progress: float | None
    step: str | None
    reason: str | None

    @property
    def stored(self) -> str:
        """Name of the stored file, which nobody chose."""
        return f"upload-{self.id}{self.suffix}"

    @property
    def busy(self) -> bool:
        """Whether a task works on it."""
        return self.job_state in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Run:
    """One load of the history; `account` and `rolled_back_by` are None for the command line."""

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


def upload(c: Connection, number: int) -> Upload:
    """One file."""
    row = c.execute(text(f"{UPLOAD} where u.id = :id"), {"id": number}).one_or_none()
    if row is None:
        raise NotFound(f"There is no file with the number {number} here.")
    return Upload(**_fields(row))


def unfinished(c: Connection, account_id: int, name: str, size_bytes: int) -> int | None:
    """A file of this name and size of which only a part is here, so that it can go on."""
    return c.execute(
        text("""select id from uploads where account_id = :who and name = :name and size_bytes = :size
                and got_bytes < size_bytes order by id desc limit 1"""),
        {"who": account_id, "name": name, "size": size_bytes},
    ).scalar()


def waiting(c: Connection, *, limit: int = 5) -> list[Upload]:
    """Whole files that were sent and not loaded yet, the newest first."""
    rows = c.execute(
        text(
            f"{UPLOAD} where u.load_id is null and u.got_bytes = u.size_bytes order by u.id desc limit :limit"
        ),
        {"limit": limit},
    )
    return [Upload(**_fields(row)) for row in rows]


def runs(c: Connection, *, limit: int = 30) -> list[Run]:
    """Loads, the newest first."""
    rows = c.execute(text(f"{RUN} order by l.id desc limit :limit"), {"limit": limit})
    return [Run(**_fields(row)) for row in rows]


def run(c: Connection, number: int) -> Run:
    """One load."""
    row = c.execute(text(f"{RUN} where l.id = :id limit 1"), {"id": number}).one_or_none()
    if row is None:
        raise NotFound(f"There is no load with the number {number}.")
    return Run(**_fields(row))


def findings(c: Connection, number: int, *, limit: int = 5_000) -> list[Fields]:
    """What was found in a load, by row, at most so many; `where` is a GeoJSON geometry or None."""
    rows = c.execute(
        text("""select code, severity, sheet, row_number as "row", column_name as "column", value, message, action,
                       ST_AsGeoJSON(geom, 7)::json as "where"
                from load_findings where load_id = :id order by row_number nulls first, seq limit :limit"""),
        {"id": number, "limit": limit},
    )
    return [_fields(row) for row in rows]


def outlines(c: Connection, scheme: str, level: str, *, limit: int = 4_000) -> dict[str, bytes]:
    """Outlines of a level as they are today by code, as WKB in EPSG:4326."""
    rows = c.execute(
        text("""select code, ST_AsBinary(geom) from areas
                where scheme = :scheme and level = :level and valid_to is null limit :limit"""),
        {"scheme": scheme, "level": level, "limit": limit},
    )
    return {code: bytes(shape) for code, shape in rows}


def level_of_codes(c: Connection, scheme: str, codes: list[str]) -> str | None:
    """The level of which most of these codes are today; None when they are of none."""
    return c.execute(
        text("""select level from areas where scheme = :scheme and valid_to is null and code = any(:codes)
                group by level order by count(*) desc, level limit 1"""),
        {"scheme": scheme, "codes": codes},
    ).scalar()


def _fields(row: Row[Any]) -> Fields:
    return dict(row._mapping)  # noqa: SLF001 - the row's public mapping
