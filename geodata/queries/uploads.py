"""Files on their way in as the data page shows them, and what it holds them against."""

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
