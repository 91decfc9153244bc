"""A drill played without waiting: its batches go through the doors' commands to the judge, moment by moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from etl.feeds.clock import Clock
from etl.feeds.drill import prepared
from etl.feeds.feeders import every
from etl.feeds.script import script_of
from etl.feeds.sender import Batch
from geodata.commands import crowd_ticks, drills, live_tickets, readings
from geodata.commands.drills import Begun
from geodata.commands.evaluate import Judge
from geodata.commands.feeds import of_feed_token
from geodata.plans import Plan
from geodata.profile import Profile

CLOCK_EVERY_S = 10.0


def accept(c: Connection, profile: Profile, batch: Batch, now: datetime) -> None:
    """What the door does with a batch."""
    feed = of_feed_token(c, batch.token)
    assert feed is not None
    if batch.kind == "crowd":
        crowd_ticks.accept(c, profile, feed, [batch.body], now=now)
    elif batch.kind == "readings":
        readings.accept(c, profile, feed, batch.body, now=now)
    else:
        live_tickets.accept(c, profile, feed, batch.body, now=now)


def play(engine: Engine, profile: Profile, plan: Plan) -> Begun:
    """Begin a drill of a plan and play all of its script; it is left running, unless it cannot be played."""
    with engine.begin() as c:
        begun = drills.begin(c, plan.key, script_of(plan).feeds)
    try:
        _play(engine, profile, plan, begun)
    except BaseException:
        with engine.begin() as c:
            drills.end(c, begun.id, broken=True)
        raise
    return begun


def _play(engine: Engine, profile: Profile, plan: Plan, begun: Begun) -> None:
    script = script_of(plan)
    start = datetime.now(UTC) - timedelta(seconds=script.lasts_s)
    with engine.begin() as c:
        feeders = prepared(c, profile, script, begun, Clock(start, start, 1.0, lambda: datetime.now(UTC)))
        judge = Judge.load(c, profile, now=start)
    for feeder in feeders:
        feeder.every_s = max(feeder.every_s, CLOCK_EVERY_S)
    told = every(feeders, start, start + timedelta(seconds=script.lasts_s))
    ticked = start
    for at, batch in told:
        with engine.begin() as c:
            accept(c, profile, batch, at)
            while judge.judge(c):
                pass
            if (at - ticked).total_seconds() >= CLOCK_EVERY_S:
                judge.tick(c, at)
                ticked = at
    with engine.begin() as c:
        judge.tick(c, start + timedelta(seconds=script.lasts_s))
