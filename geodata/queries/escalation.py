"""How long alerts wait to be taken: what holds now, and who set it when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geodata.rules.escalation import WAIT_S
from geodata.types import Level


@dataclass(frozen=True, slots=True)
class WaitSet:
    """One time that somebody set; `wait_s` None: alerts of the level stay where they are."""

    level: Level
    wait_s: float | None
    valid_from: datetime
    valid_to: datetime | None
    author: str
    why: str | None


def waits(c: Connection) -> dict[Level, float | None]:
    """Seconds by level: those that were set, else those that are shipped."""
    rows = c.execute(text("select level, wait_s from escalation_waits where valid_to is null"))
    return WAIT_S | {row.level: row.wait_s for row in rows}


def history(c: Connection, *, limit: int = 50) -> list[WaitSet]:
    """Every time that was set, the newest first."""
    rows = c.execute(
        text("""select level, wait_s, valid_from, valid_to, author, why from escalation_waits
                order by id desc limit :limit"""),
        {"limit": limit},
    )
    return [WaitSet(*row) for row in rows]
