"""`feed simulate`: drives the demo as an outside sender over the public doors, with a scenario where one is asked for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import Engine

from etl.demo.live import FEEDS
from etl.demo.world import Demo
from etl.feeds import home, scenarios
from etl.feeds.clock import Clock, beats, clock_for
from etl.feeds.feeders import CrowdFeeder, DayTickets, DemoReadings, Feeder, ScriptReadings, ScriptTickets
from etl.feeds.sender import Say, Sender
from etl.feeds.ticket_model import TicketModel
from geodata.commands.facts import get_fact
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.queries import simulated
from geodata.store.db import transaction

REPORT_EVERY_S = 30.0
GAP_FILLED = timedelta(
    hours=1
)  # what the sensors measured since the demo was brought up to date, this far back
FAST_SPAN_S = 3600.0  # how far in the past a fast run without an end begins


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; `minutes` None runs on until stopped."""

    url: str
    scenario: str | None = None
    minutes: float | None = None
    speed: float = 1.0
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """All that is needed to send, so that the home's database can be let go before."""

    asked: Asked
    feeders: Sequence[Feeder]
    clock: Clock
    until_s: float | None


def play(
    show: Show, *, say: Say, stop: threading.Event, transport: httpx.BaseTransport | None = None
) -> Counter[str]:
    """Send until the end or until told to stop; gives the doors' verdicts by name.

    `transport` takes the place of the network in tests.
    """
    asked = show.asked
    with Sender(asked.url, say, transport) as sender:
        what = f"scenario {asked.scenario}" if asked.scenario else "the rhythm of the day"
        say(f"Sending {what} to {asked.url}; Ctrl-C ends it.")
        send(sender, show, stop=stop, say=None if asked.quiet else say)
        sender.drain(stop)
        _sum_up(sender, say)
        return sender.verdicts


def send(sender: Sender, show: Show, *, stop: threading.Event, say: Say | None = None) -> None:
    """Ask each feeder in turn and send; what is not acknowledged waits and goes with the next."""
    reported = show.clock.start
    for moment, feeder in beats(show.clock, show.feeders, show.until_s, stop):
        batch = feeder.batch(moment)
        if batch is not None:
            sender.put(batch)
        sender.flush()
        if say and (moment - reported).total_seconds() >= REPORT_EVERY_S * show.clock.speed:
            reported = moment
            say(_line(sender))


def prepare(engine: Engine, profile: Profile, folder: Path, asked: Asked) -> Show:
    """Take what is needed from a home, whose folder keeps the feeds' tokens; refused where there is no demo to drive."""
    if asked.speed <= 0:
        raise Refused("The speed must be a number above 0.")
    with transaction(engine) as c:
        fact = get_fact(c, "demo")
        if fact is None:
            raise Refused("This home has no demo district to drive; ./yiping up makes one in an empty home.")
        demo = Demo.of(fact)
        capacity = {row.code: row.capacity_people for row in simulated.crowd_places(c)}
        script = scenarios.scenario(asked.scenario, capacity) if asked.scenario else None
        key = home.tokens(c, folder, list(FEEDS))
        model = home.crowd_model(c, profile, demo.seed)
        sensors = home.script_sensors(c, script) if script else []
        points = home.script_points(c, script) if script else {}
        likes = simulated.ticket_likes(c)
    until_s = None if asked.minutes is None else asked.minutes * 60
    clock = clock_for(until_s or (script.lasts_s if script else FAST_SPAN_S), asked.speed)
    spoken_for = frozenset(sensor.code for sensor, _ in sensors)
    tickets = TicketModel(likes, demo.seed, profile.zone, clock.start)
    feeders: list[Feeder] = [
        CrowdFeeder(model, key["demo-crowd"], script, clock.elapsed),
        DemoReadings(key["demo-readings"], demo.seed, max(demo.as_of, clock.start - GAP_FILLED), spoken_for),
        DayTickets(key["demo-tickets"], tickets, clock.start),
    ]
    if script and sensors:
        feeders.append(ScriptReadings(key["demo-readings"], script, clock.elapsed, sensors))
    if script and script.of_feed("tickets"):
        feeders.append(ScriptTickets(key["demo-tickets"], script, clock.elapsed, tickets, points))
    return Show(asked, feeders, clock, until_s)


def _line(sender: Sender) -> str:
    told = ", ".join(f"{count} {name}" for name, count in sorted(sender.verdicts.items()) if count)
    waiting = f"; {sender.waiting} batches wait" if sender.waiting else ""
    return f"rows so far: {told or 'none'}{waiting}"


def _sum_up(sender: Sender, say: Say) -> None:
    say(f"Ended; {_line(sender)}.")
    if sender.waiting or sender.dropped:
        say(f"{sender.waiting + sender.dropped} batches were never acknowledged.")
