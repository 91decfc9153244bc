"""What every rule is judged with: profile, states, thresholds, what is to be told; and how a change is written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from geodata.commands import findings
from geodata.commands.finding import Finding
from geodata.commands.outbox import Outbox
from geodata.commands.watches import Key, Watches
from geodata.profile import Profile
from geodata.queries.thresholds import InForce
from geodata.rules.levels import Change, Watch


class Last(NamedTuple):
    """The last value a cause was judged by: what a hold time that ends without a reading is ended with."""

    value: float
    at: datetime
    accepted_at: datetime
    interval_s: float


@dataclass(slots=True)
class Desk:
    """The one judge's memory; forgotten as a whole when a transaction fails."""

    c: Connection  # of the transaction that is under way
    profile: Profile
    watches: Watches
    thresholds: InForce
    outbox: Outbox = field(default_factory=Outbox)
    last: dict[Key, Last] = field(default_factory=dict)  # of causes that wait for a hold time to end

    def decide(self, change: Change, finding: Finding) -> None:
        """Write down what a step of a rule changed."""
        if change in {"raised", "grown"}:
            findings.raise_or_grow(self.c, self.profile, finding, self.outbox, fresh=change == "raised")
        elif change == "eased":
            findings.ease(self.c, replace(finding, eases=True), self.outbox)
        elif change == "cleared":
            self._clear(finding)

    def _clear(self, finding: Finding) -> None:
        """End the alert; while the rule beside it still stands, it only eases to where that one stands."""
        beside = finding.beside
        if beside and beside.level:
            findings.ease(self.c, replace(finding, level=beside.level, eases=True), self.outbox)
            return
        findings.clear(
            self.c, finding.cause, finding.drill_id, finding.observed_at, reopen_s=finding.reopen_s,
            beside=beside and beside.cause, outbox=self.outbox,
        )  # fmt: skip

    def remember(self, key: Key, watch: Watch, before: Watch, last: Last) -> None:
        """Keep a level watch; write it when more than its time moved on."""
        self.remember_level(key, watch, before)
        if watch.pending:
            self.last[key] = last
        else:
            self.last.pop(key, None)

    def remember_level(self, key: Key, watch: Watch, before: Watch) -> None:
        """The same for one that the clock asks anyway."""
        self.watches.put(key, watch, write=differ(watch, before))


def differ(one: Watch, other: Watch) -> bool:
    """Whether more than the time moved on."""
    return replace(one, last_at=None) != replace(other, last_at=None)
