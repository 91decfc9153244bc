"""The judge: takes batches out of the queue, judges them by the rules, and writes down what follows, all at once.

Judging and leaving the queue are one transaction. A judge that is killed has judged a batch wholly or not at all, so
nothing is lost and nothing is raised twice. What it remembers is only ever a copy of what the tables say: after a
failed transaction it is thrown away and read again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from geodata.commands import intake
from geodata.commands.crowd_memory import CrowdMemory, places_version
from geodata.commands.desk import Desk
from geodata.commands.escalation import escalate_due
from geodata.commands.evaluate_crowd import judge_crowd
from geodata.commands.evaluate_holds import end_holds, reload_last
from geodata.commands.evaluate_sensors import judge_readings
from geodata.commands.evaluate_silence import judge_feeds, judge_sensors, reload_heard
from geodata.commands.evaluate_tickets import TicketMemory, judge_bursts, judge_deadlines, ticket_memory
from geodata.commands.intake import Taken
from geodata.commands.maintenance import sync_mutes
from geodata.commands.sensor_memory import SensorMemory, read_sensors
from geodata.commands.thresholds import seed_defaults
from geodata.commands.watches import Watches
from geodata.profile import Profile
from geodata.queries import thresholds

log = logging.getLogger(__name__)
BATCHES = 200


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds between what the clock does."""

    silence_s: float = 1.0
    sensor_silence_s: float = 5.0
    tickets_s: float = 30.0
    mutes_s: float = 2.0
    places_s: float = 10.0


@dataclass(slots=True)
class Judge:
    """What the one judge remembers."""

    desk: Desk
    sensors: SensorMemory
    crowd: CrowdMemory
    tickets: TicketMemory
    started_at: datetime
    rounds: Rounds = field(default_factory=Rounds)
    done_at: dict[str, datetime] = field(default_factory=dict)
    silent_feeds: set[int] = field(default_factory=set)

    @classmethod
    def load(
        cls, c: Connection, profile: Profile, *, now: datetime | None = None, rounds: Rounds | None = None
    ) -> Judge:
        """Read everything that a judge needs; thresholds that are shipped are written where nobody has set any."""
        seed_defaults(c)
        desk = Desk(c, profile, Watches.load(c), thresholds.in_force(c))
        sensors, crowd = SensorMemory.load(c), CrowdMemory.load(c)
        at = now or datetime.now(UTC)
        judge = cls(desk, sensors, crowd, ticket_memory(desk), at, rounds or Rounds())
        reload_last(desk, sensors, crowd)
        reload_heard(desk, sensors, at)
        return judge

    def judge(self, c: Connection, limit: int = BATCHES) -> int:
        """Judge the oldest batches that wait; gives how many. Commit afterwards, or forget this judge."""
        self.desk.c = c
        taken = intake.take(c, limit)
        if taken:
            self._look_at_thresholds(c)
            for batch in taken:
                self._batch(batch)
            self._end(c)
        return len(taken)

    def tick(self, c: Connection, now: datetime | None = None) -> None:
        """What the clock asks: hold times, silences, tickets, windows of maintenance, what nobody took."""
        at, self.desk.c = now or datetime.now(UTC), c
        self._look_at_thresholds(c)
        if self._due("places", self.rounds.places_s, at):
            self._look_at_places(c)
        end_holds(self.desk, self.sensors, self.crowd, at)
        if self._due("silence", self.rounds.silence_s, at):
            self.silent_feeds = judge_feeds(self.desk, at, self.started_at)
        if self._due("sensor_silence", self.rounds.sensor_silence_s, at):
            judge_sensors(self.desk, self.sensors, self.silent_feeds, at)
        if self._due("tickets", self.rounds.tickets_s, at):
            judge_bursts(self.desk, self.tickets, at)
            judge_deadlines(self.desk, self.tickets, at)
        if self._due("mutes", self.rounds.mutes_s, at):
            sync_mutes(c, self.desk.outbox)
        escalate_due(c, self.desk.outbox)
        self._end(c)

    def _batch(self, batch: Taken) -> None:
        if batch.kind == "readings":
            judge_readings(self.desk, self.sensors, batch)
        elif batch.kind == "crowd":
            judge_crowd(self.desk, self.crowd, batch)
        else:
            self.done_at.pop("tickets", None)  # the next second asks for bursts and deadlines
            self.desk.outbox.touch("tickets", batch.feed.key)

    def _end(self, c: Connection) -> None:
        self.desk.watches.save(c)
        self.desk.outbox.send(c)

    def _due(self, what: str, every_s: float, now: datetime) -> bool:
        done = self.done_at.get(what)
        if done is not None and now < done + timedelta(seconds=every_s):
            return False
        self.done_at[what] = now
        return True

    def _look_at_thresholds(self, c: Connection) -> None:
        if thresholds.version(c) != self.desk.thresholds.version:
            self.desk.thresholds = thresholds.in_force(c)

    def _look_at_places(self, c: Connection) -> None:
        """Lay the grounds anew when a place changed; sensors that were moved or renamed are read again."""
        self.sensors.by_id = {facts.id: facts for facts in read_sensors(c)}
        self.sensors.rules_version = None
        if places_version(c) != self.crowd.version:
            series = self.crowd.series
            self.crowd = CrowdMemory.load(c)
            self.crowd.series = series
