"""`feed drill`: plays a plan's script through the public doors under a drill's own feeds, waits for people, reports."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
from sqlalchemy import Connection, Engine

from etl.feeds import home
from etl.feeds.clock import Clock, clock_for
from etl.feeds.drill_words import as_text
from etl.feeds.feeders import CrowdFeeder, Feeder, ScriptReadings, ScriptTickets
from etl.feeds.script import Script, script_of
from etl.feeds.sender import Say, Sender
from etl.feeds.simulate import Asked, Show, send
from etl.feeds.ticket_model import TicketModel
from geodata.commands import drills
from geodata.commands.drills import Begun
from geodata.errors import Refused
from geodata.plans import Plan, load_plans
from geodata.profile import Profile
from geodata.queries import simulated
from geodata.queries.drills import standing
from geodata.store.db import transaction

SEED = 7_170
LOOK_EVERY_S = 1.0
JUDGED_WITHIN_S = 15.0  # how long the rules may take for what was sent last


@dataclass(frozen=True, slots=True)
class DrillAsked:
    """What was asked for; `stay_min` is how long people may go on after the script has ended."""

    url: str
    name: str
    speed: float = 1.0
    stay_min: float = 5.0
    quiet: bool = False


def drill(
    engine: Engine, profile: Profile, asked: DrillAsked, *, say: Say, stop: threading.Event,
    transport: httpx.BaseTransport | None = None,
) -> str:  # fmt: skip
    """Play one drill to its end and give its report as text; refused where nobody would see it."""
    plan = _plan(asked)
    _refuse_without_server(asked.url, transport)
    script = script_of(plan)
    with transaction(engine) as c:
        begun = drills.begin(c, plan.key, script.feeds)
    first: list[datetime] = []
    ended = False
    try:
        with Sender(asked.url, say, transport) as sender:
            with engine.connect() as c:
                clock = clock_for(script.lasts_s, asked.speed)
                feeders = prepared(c, profile, script, begun, clock)
            say(
                f"演练 Drill {begun.id}: {plan.title.zh} {plan.title.en}, {script.lasts_s / asked.speed:.0f} s; Ctrl-C ends it."
            )
            show = Show(Asked(asked.url), feeders, clock, script.lasts_s)
            send(sender, show, stop=stop, say=None if asked.quiet else say)
            sender.drain(stop)
            first = [sender.first_at] if sender.first_at else []
            _wait(engine, begun.id, asked.stay_min * 60, stop, say)
        ended = True
    finally:
        with transaction(engine) as c:
            told = drills.end(c, begun.id, first_at=first[0] if first else None, broken=not ended)
    return as_text(begun.id, told)


def prepared(c: Connection, profile: Profile, script: Script, begun: Begun, clock: Clock) -> list[Feeder]:
    """What plays the script under the drill's feeds; crowds are told for the cells of the script's places alone."""
    feeders: list[Feeder] = []
    if script.places:
        model = home.crowd_model(c, profile, SEED, script.places)
        feeders.append(CrowdFeeder(model, begun.tokens["crowd"], script, clock.elapsed, script.places))
    sensors = home.script_sensors(c, script)
    if sensors:
        feeders.append(ScriptReadings(begun.tokens["readings"], script, clock.elapsed, sensors))
    if script.of_feed("tickets"):
        tickets = TicketModel(simulated.ticket_likes(c, 500), SEED, profile.zone, clock.start)
        points = home.script_points(c, script)
        feeders.append(ScriptTickets(begun.tokens["tickets"], script, clock.elapsed, tickets, points))
    return feeders


def _plan(asked: DrillAsked) -> Plan:
    if asked.speed <= 0:
        raise Refused("The speed must be a number above 0.")
    plan = load_plans().get(asked.name)
    if plan is None or not plan.script:
        known = ", ".join(sorted(key for key, other in load_plans().items() if other.script))
        raise Refused(f"There is no plan “{asked.name}” that can be drilled; there are {known}.")
    return plan


def _refuse_without_server(url: str, transport: httpx.BaseTransport | None) -> None:
    try:
        with httpx.Client(base_url=url, transport=transport, timeout=5.0, trust_env=False) as http:
            http.get("/healthz")
    except httpx.TransportError:
        raise Refused(f"Nothing answers at {url}; start it with ./yiping up, then drill.") from None


def _wait(engine: Engine, drill_id: int, stay_s: float, stop: threading.Event, say: Say) -> None:
    """Wait until the rules have judged everything, then until people have closed it or the time is over."""
    _until(engine, drill_id, JUDGED_WITHIN_S, stop, lambda waiting, _: waiting == 0)
    with engine.connect() as c:
        standing_open = standing(c, drill_id)[1]
    if standing_open and stay_s > 0 and not stop.is_set():
        say(
            f"The script has ended; {standing_open} alerts and incidents are open, up to {stay_s / 60:g} min to go on."
        )
        _until(engine, drill_id, stay_s, stop, lambda _, still: still == 0)


def _until(
    engine: Engine, drill_id: int, most_s: float, stop: threading.Event, done: Callable[[int, int], bool]
) -> None:
    until = time.monotonic() + most_s
    while time.monotonic() < until:
        with engine.connect() as c:
            if done(*standing(c, drill_id)):
                return
        if stop.wait(LOOK_EVERY_S):
            return
