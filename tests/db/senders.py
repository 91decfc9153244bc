"""What tests of the doors send to: sensors of every kind, feeds, and what became of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from geodata.commands import crowd_ticks, feeds, live_tickets, readings
from geodata.commands.feeds import Feed
from geodata.commands.intake import Taken, take
from geodata.profile import Profile
from geodata.rules.verdicts import Verdicts

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
ACCEPT = {"readings": readings.accept, "crowd": crowd_ticks.accept, "tickets": live_tickets.accept}


def lay_sensors(engine: Engine, count: int = 20) -> None:
    """Sensors S1, S2 … of water level (m; may read below zero) and, every second one, of AI events (never)."""
    with engine.begin() as c:
        c.execute(
            text("""insert into sensors (code, name, kind, unit, state, interval_s, notice_at, watch_at, warning_at,
                                         danger_at, geom)
                    select 'S' || n, '探头' || n, case when n % 2 = 1 then 'water_level' else 'ai_event' end, 'm', 'normal',
                           60, 3, 4, 5, 6, ST_Point(120.6, 31.3, 4326)
                    from generate_series(1, :n) n"""),
            {"n": count},
        )


def lay_feed(engine: Engine, kind: str, *, drill: bool = False) -> Feed:
    """A feed of a kind, of a running drill where asked."""
    with engine.begin() as c:
        drill_id = (
            c.execute(text("insert into drills (plan_key) values ('x') returning id")).scalar_one()
            if drill
            else None
        )
        return feeds.add_feed(
            c, f"{kind}-{'drill' if drill else 'true'}", kind, title="x", interval_s=60, drill_id=drill_id
        )


def send(engine: Engine, profile: Profile, feed: Feed, rows: Sequence[Any], now: datetime = NOON) -> Verdicts:
    """Send one batch in one transaction, as a door does."""
    with engine.begin() as c:
        return ACCEPT[feed.kind](c, profile, feed, rows, now=now)


def counts(verdicts: Verdicts) -> dict[str, int]:
    """How many rows each way, without those of which there were none."""
    return {verdict: rows for verdict, rows in verdicts.counts.items() if rows}


def booked(engine: Engine) -> dict[str, int]:
    """The book of all feeds together."""
    with engine.connect() as c:
        rows = c.execute(text("select verdict, sum(rows)::int as n from feed_counts group by verdict"))
        return {row.verdict: row.n for row in rows}


def queue(engine: Engine) -> list[Taken]:
    """Empty the queue to the rules."""
    with engine.begin() as c:
        return take(c)


def reading(sensor: str, seconds: float, value: Any, **more: Any) -> Mapping[str, Any]:
    """A row so many seconds after noon."""
    return {"sensor": sensor, "at": (NOON + timedelta(seconds=seconds)).isoformat(), "value": value, **more}
