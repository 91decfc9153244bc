"""Long work in a queue of the database: asked by people, taken up by workers, ended exactly once.

A worker says every few seconds that it lives. One that falls silent loses its job to the next; each taking has a number,
and only the last taker may write, so that a worker that was only slow cannot add a second result.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.errors import NotFound, Refused

SILENT_S: Final = 20.0  # without a sign of life for so long a job is taken up again
MOST_OPEN, MOST_ATTEMPTS = 5, 3
WORN_OUT = (
    "This was begun three times and broke off each time; ask for less, or tell whoever runs the system."
)
TAKE = """
    update jobs set state = 'running', attempt = attempt + 1, began_at = now(), heard_at = now(), progress = null, step = null
    where id = (select id from jobs
                where state = 'waiting' or (state = 'running' and heard_at < now() - make_interval(secs => :silent_s))
                order by asked_at, id limit 1 for update skip locked)
    returning id, kind, asked, account_id, attempt"""
GIVE_UP = """
    update jobs set state = 'failed', reason = :reason, ended_at = now()
    where state = 'running' and attempt >= :most and heard_at < now() - make_interval(secs => :silent_s)"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that somebody does; `attempt` is the right to write to it."""

    id: int
    kind: str
    asked: dict[str, Any]
    account_id: int
    attempt: int


def ask(c: Connection, account: Account, kind: str, asked: dict[str, Any]) -> int:
    """Put work into the queue; gives its number. At most MOST_OPEN of one account may be open."""
    c.execute(text("select 1 from accounts where id = :who for update"), {"who": account.id})
    waiting = c.execute(
        text("select count(*) from jobs where account_id = :who and state in ('waiting', 'running')"),
        {"who": account.id},
    ).scalar_one()
    if waiting >= MOST_OPEN:
        raise Refused(f"You have {waiting} tasks open already; wait for one to end, or cancel one.")
    return int(
        c.execute(
            text("""insert into jobs (kind, asked, account_id, state, asked_at)
                    values (:kind, cast(:asked as jsonb), :who, 'waiting', now()) returning id"""),
            {"kind": kind, "asked": json.dumps(asked, ensure_ascii=False), "who": account.id},
        ).scalar_one()
    )


def take(c: Connection, *, silent_s: float = SILENT_S) -> Taken | None:
    """Take the oldest job that waits, or whose taker fell silent; those that broke off too often are given up."""
    c.execute(text(GIVE_UP), {"reason": WORN_OUT, "most": MOST_ATTEMPTS, "silent_s": silent_s})
    row = c.execute(text(TAKE), {"silent_s": silent_s}).one_or_none()
    return Taken(*row) if row else None


def beat(c: Connection, job: Taken) -> bool:
    """Say that it is being done; false when it is no longer this taker's: cancelled, or taken up by another."""
    return _write(c, job, "heard_at = now()", {})


def progress(c: Connection, job: Taken, share: float | None, step: str | None = None) -> bool:
    """Say how far it is; false when it is no longer this taker's."""
    return _write(c, job, "heard_at = now(), progress = :share, step = :step", {"share": share, "step": step})


def done(c: Connection, job: Taken, result: dict[str, Any]) -> bool:
    """End it with its result; false when it is no longer this taker's, and the result must be thrown away."""
    sql = "state = 'done', progress = 1, step = null, result = :result, ended_at = now()"
    return _write(c, job, sql, {"result": json.dumps(result, ensure_ascii=False)})


def failed(c: Connection, job: Taken, reason: str) -> bool:
    """End it with the reason why it could not be done, one sentence for a person."""
    return _write(
        c, job, "state = 'failed', step = null, reason = :reason, ended_at = now()", {"reason": reason}
    )


def put_back(c: Connection, job: Taken) -> bool:
    """Leave it to the next worker at once, because this one was told to stop; its process must be gone."""
    return _write(c, job, "state = 'waiting', step = null, progress = null", {})


def cancel(c: Connection, account: Account, number: int) -> bool:
    """Cancel a job of one's own; false when it had ended before."""
    ended = c.execute(
        text("""update jobs set state = 'cancelled', step = null, ended_at = now()
                where id = :id and account_id = :who and state in ('waiting', 'running')"""),
        {"id": number, "who": account.id},
    )
    if ended.rowcount:
        return True
    known = text("select 1 from jobs where id = :id and account_id = :who")
    if c.execute(known, {"id": number, "who": account.id}).scalar() is None:
        raise NotFound(f"You have no task with the number {number}.")
    return False


def forget(c: Connection, *, after_days: int = 14) -> list[str]:
    """Drop jobs that ended long ago; gives their results, whose files can go."""
    rows = c.execute(
        text("delete from jobs where ended_at < now() - make_interval(days => :days) returning result"),
        {"days": after_days},
    )
    return [row.result for row in rows if row.result]


def _write(c: Connection, job: Taken, sql: str, values: dict[str, Any]) -> bool:
    written = c.execute(
        text(f"update jobs set {sql} where id = :id and attempt = :attempt and state = 'running'"),
        values | {"id": job.id, "attempt": job.attempt},
    )
    return bool(written.rowcount)


def still(c: Connection, number: int, attempt: int) -> Taken | None:
    """A running job, if this attempt is still the one that does it."""
    row = c.execute(
        text("""select id, kind, asked, account_id, attempt from jobs
                where id = :id and attempt = :attempt and state = 'running'"""),
        {"id": number, "attempt": attempt},
    ).one_or_none()
    return Taken(*row) if row else None


def asker(c: Connection, job: Taken) -> Account:
    """Who asked; refused when the account may do nothing any more."""
    row = c.execute(
        text("select id, name, role, area_code, disabled from accounts where id = :who"),
        {"who": job.account_id},
    ).one()
    if row.disabled:
        raise Refused("The account that asked for this may not sign in any more.")
    return Account(id=row.id, name=row.name, role=row.role, area_code=row.area_code)
