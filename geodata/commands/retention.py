"""How long measurements, and what loads replaced, are kept, by the policies in a table; old ones are thinned out, then dropped.

Readings become hours and leave by whole months, because a partition is dropped at once and its rows are not: they stay
up to a month longer than their policy says. What is older than the policy is not taken in, so nothing is counted into
an hour twice.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from geodata.errors import BadArgument

log = logging.getLogger(__name__)
LOCK_PATIENCE = "3s"  # dropping a month waits for the doors, and they for it; rather try again in an hour


class Policy(NamedTuple):
    """Days until rows are dropped, and until they are thinned out to one every so many seconds."""

    keep_days: int
    thin_after_days: int | None = None
    thin_to_s: int | None = None


SHIPPED = {
    "readings": Policy(92, 35, 3_600),
    "readings_hourly": Policy(3_650),
    "crowd_ticks": Policy(7, 1, 300),
    "crowd_series": Policy(400, 35, 60),
    "feed_counts": Policy(1_100),
    "load_undo": Policy(400),  # what a load replaced may be as large as what it wrote
}
HOURLY = """
    insert into readings_hourly as h (sensor_id, hour, readings, lowest, mean, highest)
    select sensor_id, date_trunc('hour', at), count(*), min(value), avg(value), max(value)
    from {table} where at < :before group by 1, 2
    on conflict (sensor_id, hour) do update set
        mean = (h.mean * h.readings + excluded.mean * excluded.readings) / (h.readings + excluded.readings),
        readings = h.readings + excluded.readings, lowest = least(h.lowest, excluded.lowest),
        highest = greatest(h.highest, excluded.highest)
"""
MONTHS = """
    select c.relname, to_date(right(c.relname, 7), 'YYYY_MM')
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'readings'::regclass and c.relname ~ '^readings_[0-9]{4}_[0-9]{2}$' order by c.relname
"""
THIN = {
    "crowd_ticks": """delete from crowd_ticks t using (
        select feed_id, at, row_number() over (partition by feed_id, floor(extract(epoch from at) / :every) order by at) as nth
        from crowd_ticks where at < :before) old
        where old.nth > 1 and t.feed_id = old.feed_id and t.at = old.at""",
    "crowd_series": """delete from crowd_series t using (
        select place_id, at, drill_id, row_number() over (
            partition by place_id, drill_id, floor(extract(epoch from at) / :every) order by at) as nth
        from crowd_series where at < :before) old
        where old.nth > 1 and t.place_id = old.place_id and t.at = old.at and t.drill_id = old.drill_id""",
}
MOMENT = {"readings_hourly": "hour", "feed_counts": "day"}
DROP = {
    "load_undo": "delete from load_undo u using loads l where l.id = u.load_id and l.finished_at < :before"
}


def policies(c: Connection) -> dict[str, Policy]:
    """The policy in force for each subject: the table's, else the shipped one."""
    rows = c.execute(text("select subject, keep_days, thin_after_days, thin_to_s from retention_policies"))
    told = {subject: Policy(*rest) for subject, *rest in rows}
    return {subject: told.get(subject, policy) for subject, policy in SHIPPED.items()}


def taken_from(c: Connection, subject: str, now: datetime) -> datetime:
    """The oldest moment of a subject that is still taken in: what would be thinned out at once is not."""
    row = c.execute(
        text("select keep_days, thin_after_days from retention_policies where subject = :s"), {"s": subject}
    ).one_or_none()
    keep, thin = row or SHIPPED[subject][:2]
    return now - timedelta(days=keep if thin is None else min(keep, thin))


def set_policy(c: Connection, subject: str, policy: Policy, author: str) -> None:
    """Keep a subject so long from now on."""
    if subject not in SHIPPED:
        raise BadArgument(
            "subject", f"There is nothing called “{subject[:40]}” to keep; there are {', '.join(SHIPPED)}."
        )
    if policy.keep_days < 1 or (policy.thin_after_days is not None and policy.thin_after_days < 1):
        raise BadArgument("keep_days", "Keep at least one day.")
    c.execute(
        text("""insert into retention_policies (subject, keep_days, thin_after_days, thin_to_s, author)
                values (:subject, :keep_days, :thin_after_days, :thin_to_s, :author)
                on conflict (subject) do update set keep_days = excluded.keep_days, thin_to_s = excluded.thin_to_s,
                    thin_after_days = excluded.thin_after_days, author = excluded.author, set_at = now()"""),
        {"subject": subject, "author": author, **policy._asdict()},
    )


def apply_retention(c: Connection, now: datetime) -> dict[str, int]:
    """Thin out and drop what its policy says; gives how many rows went of each subject."""
    c.execute(text("set local statement_timeout = 0"))
    return {subject: _apply(c, subject, policy, now) for subject, policy in policies(c).items()}


def _apply(c: Connection, subject: str, policy: Policy, now: datetime) -> int:
    if subject == "readings":
        return _drop_months(c, policy, now)
    gone = 0
    if subject in THIN and policy.thin_after_days is not None and policy.thin_to_s:
        told = {"before": now - timedelta(days=policy.thin_after_days), "every": policy.thin_to_s}
        gone = c.execute(text(THIN[subject]), told).rowcount
    plain = f"delete from {subject} where {MOMENT.get(subject, 'at')} < :before"
    dropped = c.execute(
        text(DROP.get(subject, plain)),
        {"before": now - timedelta(days=policy.keep_days)},
    )
    return gone + dropped.rowcount


def _drop_months(c: Connection, policy: Policy, now: datetime) -> int:
    """Turn readings of months that are wholly old into hours and drop them; gives how many readings went."""
    hours = policy.thin_after_days is not None
    before = now - timedelta(days=min(policy.keep_days, policy.thin_after_days or policy.keep_days))
    gone = 0
    for table, first in c.execute(text(MONTHS)).all():
        if _next_month(first) <= before:
            gone += _drop_month(c, table, before, hours=hours)
    if hours:
        c.execute(text(HOURLY.format(table="readings_other")), {"before": before})
    return (
        gone + c.execute(text("delete from readings_other where at < :before"), {"before": before}).rowcount
    )


def _drop_month(c: Connection, table: str, before: datetime, *, hours: bool) -> int:
    try:
        with c.begin_nested():
            c.execute(text(f"set local lock_timeout = '{LOCK_PATIENCE}'"))
            c.execute(text(f"lock table {table} in access exclusive mode"))
            rows = int(c.execute(text(f"select count(*) from {table}")).scalar_one())
            if hours:
                c.execute(text(HOURLY.format(table=table)), {"before": before})
            c.execute(text(f"drop table {table}"))
    except OperationalError as fault:
        log.warning("%s stays for now: %s", table, fault.orig)
        return 0
    return rows


def _next_month(first: date) -> datetime:
    return datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
