"""Files that people send: entered, grown chunk by chunk, chosen about, tied to the load that is made of them."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.errors import BadArgument, FileTooLarge, NotFound, Refused

MOST_BYTES: Final = 2 * 2**30
MOST_WAITING: Final = 20  # unfinished files of one account; more is a program gone wrong
LONGEST_NAME = 120
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}$")
UNSAID = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
Fields = dict[str, Any]


def begin(c: Connection, account: Account, name: str, size_bytes: int) -> int:
    """Enter a file that is about to come; gives its number. Refused when it is empty or larger than is taken."""
    shown = shown_name(name)
    if size_bytes < 1:
        raise BadArgument("size", f"“{shown}” is empty; ask for it again.")
    if size_bytes > MOST_BYTES:
        raise FileTooLarge(
            f"“{shown}” has {size_bytes / 2**20:,.0f} MB; {MOST_BYTES // 2**20:,} MB are taken."
        )
    waiting = c.execute(
        text("select count(*) from uploads where account_id = :who and got_bytes < size_bytes"),
        {"who": account.id},
    ).scalar_one()
    if waiting >= MOST_WAITING:
        raise Refused(f"You have {waiting} unfinished files here; remove some of them first.")
    made = c.execute(
        text("""insert into uploads (account_id, name, suffix, size_bytes, begun_at)
                values (:who, :name, :suffix, :size, now()) returning id"""),
        {"who": account.id, "name": shown, "suffix": suffix_of(shown), "size": size_bytes},
    )
    return int(made.scalar_one())


def shown_name(name: str) -> str:
    """The name of a file for people to read: without folders, control characters and marks of writing direction."""
    last = UNSAID.sub("", re.split(r"[/\\]", name)[-1]).strip()
    if not last.strip("."):
        raise BadArgument("name", "The file has no name; give it one and send it again.")
    return last if len(last) <= LONGEST_NAME else last[: LONGEST_NAME - 11] + "…" + suffix_of(last)[-10:]


def suffix_of(name: str) -> str:
    """The ending of a name in small letters where it is a plain one, else nothing."""
    found = SUFFIX.search(name)
    return found[0].lower() if found else ""


def grew(c: Connection, account: Account, number: int, at: int, size: int) -> None:
    """Count a chunk that lies at `at`; refused when the file goes on somewhere else or would become too long."""
    told = c.execute(
        text("""select got_bytes, size_bytes from uploads
                where id = :id and account_id = :who for update"""),
        {"id": number, "who": account.id},
    ).one_or_none()
    if told is None:
        raise NotFound(f"You sent no file with the number {number}.")
    if told.got_bytes != at:
        raise BadArgument("at", f"The file goes on at byte {told.got_bytes:,}.")
    if at + size > told.size_bytes:
        raise FileTooLarge("More came than the file was said to have.")
    c.execute(text("update uploads set got_bytes = :got where id = :id"), {"id": number, "got": at + size})


def works(c: Connection, number: int, job: int) -> None:
    """Remember the task that works on it."""
    c.execute(text("update uploads set job_id = :job where id = :id"), {"id": number, "job": job})


def looked(c: Connection, number: int, found: Fields, choice: Fields) -> None:
    """Keep what it seems to be and what is proposed."""
    sql = "update uploads set looked = cast(:found as jsonb), choice = cast(:choice as jsonb), tried = null where id = :id"
    c.execute(text(sql), {"id": number, "found": _json(found), "choice": _json(choice)})


def choose(c: Connection, number: int, choice: Fields, *, anew: bool) -> None:
    """Keep what a person said of it; `anew` when a dry run with what was said before no longer counts."""
    c.execute(
        text("""update uploads set choice = cast(:choice as jsonb), tried = case when :anew then null else tried end
                where id = :id"""),
        {"id": number, "choice": _json(choice), "anew": anew},
    )


def tried(c: Connection, number: int, report: Fields | None) -> None:
    """Keep the report of a dry run."""
    c.execute(
        text("update uploads set tried = cast(:report as jsonb) where id = :id"),
        {"id": number, "report": _json(report)},
    )


def adopt(c: Connection, number: int, stored: str) -> int | None:
    """Tie the loads made of its stored file to it and give them the name people know; the newest one's number.

    A load is known by the stored name, which no other file has, so that a worker that died after the load was kept and
    before this was written finds it again.
    """
    found = c.execute(
        text("""update loads l set file_name = u.name, message = replace(l.message, :stored, u.name) from uploads u
                where u.id = :id and l.file_name = :stored and l.state <> 'running' returning l.id"""),
        {"id": number, "stored": stored},
    ).scalars()
    newest = max(found, default=None)
    if newest is not None:
        c.execute(text("update uploads set load_id = :load where id = :id"), {"id": number, "load": newest})
    return newest


def adopt_dead(c: Connection) -> None:
    """Tie the loads whose process died to the files they were made of, so that the book names what people know."""
    c.execute(text("""
        with dead as (
            update loads l set file_name = u.name from uploads u
            where l.state = 'failed' and l.file_name = 'upload-' || u.id || u.suffix returning u.id as upload, l.id as load)
        update uploads set load_id = newest.load from (select upload, max(load) as load from dead group by 1) newest
        where id = newest.upload"""))  # fmt: skip


def forget(c: Connection, number: int) -> None:
    """Drop a file nobody loads; refused when a load was made of it."""
    gone = c.execute(
        text("""delete from uploads u where id = :id and not exists
                (select from loads l where l.id = u.load_id and l.state in ('done', 'rolled_back', 'running'))"""),
        {"id": number},
    )
    if not gone.rowcount:
        raise Refused("This file was loaded or is not here; the history keeps what was loaded.")


def forget_old(c: Connection, *, after_days: int = 14) -> list[int]:
    """Numbers of files that came long ago, whose content can go; those never loaded are dropped altogether."""
    old = "begun_at < now() - make_interval(days => :days)"
    numbers = c.execute(text(f"select id from uploads where {old}"), {"days": after_days}).scalars().all()
    c.execute(text(f"delete from uploads where {old} and load_id is null"), {"days": after_days})
    return list(numbers)


def _json(value: Fields | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
