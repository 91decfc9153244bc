"""How long measurements are kept, by the policies in a table; old ones are thinned out, then dropped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from geodata.errors import BadArgument


class Policy(NamedTuple):
    """Days until rows are dropped, and until they are thinned out to one every so many seconds."""

    keep_days: int
    thin_after_days: int | None = None
    thin_to_s: int | None = None


SHIPPED = {
    "readings": Policy(90, 14, 3_600),
    "readings_hourly": Policy(3_650),
    "crowd_ticks": Policy(7, 1, 300),
    "crowd_series": Policy(400, 35, 60),
    "happenings": Policy(400),
    "feed_counts": Policy(1_100),
}
HOURLY = """
    insert into readings_hourly as h (sensor_id, hour, readings, lowest, mean, highest)
    select sensor_id, date_trunc('hour', at), count(*), min(value), avg(value), max(value)
    from readings where at < :before and at >= :since group by 1, 2
    on conflict (sensor_id, hour) do update set
        mean = (h.mean * h.readings + excluded.mean * excluded.readings) / (h.readings + excluded.readings),
        readings = h.readings + excluded.readings, lowest = least(h.lowest, excluded.lowest),
        highest = greatest(h.highest, excluded.highest)
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
KEPT_FOR_EVER = {"happenings"}  # rows that cannot be changed cannot be dropped one by one either


def policies(c: Connection) -> dict[str, Policy]:
    """The policy in force for each subject: the table's, else the shipped one."""
    rows = c.execute(text("select subject, keep_days, thin_after_days, thin_to_s from retention_policies"))
    return SHIPPED | {subject: Policy(*rest) for subject, *rest in rows}


def kept_for(c: Connection, subject: str) -> timedelta:
    """How long a subject is kept; what is older is not taken in either."""
    days = c.execute(
        text("select keep_days from retention_policies where subject = :s"), {"s": subject}
    ).scalar()
    return timedelta(days=days or SHIPPED[subject].keep_days)


def set_policy(c: Connection, subject: str, policy: Policy, author: str) -> None:
    """Keep a subject so long from now on."""
    if subject not in SHIPPED:
        raise BadArgument(
            "subject", f"There is nothing called “{subject[:40]}” to keep; there are {', '.join(SHIPPED)}."
        )
    if policy.keep_days < 1:
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
    gone: dict[str, int] = {}
    for subject, policy in policies(c).items():
        if subject in KEPT_FOR_EVER:
            continue
        if subject == "readings":
            gone[subject] = _thin_readings(c, policy, now)
        elif subject in THIN and policy.thin_after_days is not None:
            told = {"before": now - timedelta(days=policy.thin_after_days), "every": policy.thin_to_s}
            gone[subject] = c.execute(text(THIN[subject]), told).rowcount
        moment = MOMENT.get(subject, "at")
        dropped = c.execute(
            text(f"delete from {subject} where {moment} < :before"),
            {"before": now - timedelta(days=policy.keep_days)},
        )
        gone[subject] = gone.get(subject, 0) + dropped.rowcount
    return gone


def _thin_readings(c: Connection, policy: Policy, now: datetime) -> int:
    """Old readings become hours: whole days only, so that no hour is counted from half its readings."""
    if policy.thin_after_days is None:
        return 0
    before = (now - timedelta(days=policy.thin_after_days)).replace(hour=0, minute=0, second=0, microsecond=0)
    since = now - timedelta(days=policy.keep_days)
    c.execute(text(HOURLY), {"before": before, "since": since})
    return c.execute(text("delete from readings where at < :before"), {"before": before}).rowcount
