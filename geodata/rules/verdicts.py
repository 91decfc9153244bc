"""What can become of a row that a feed sends; counted by these words, and told to the sender row by row."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

STORED = ("accepted", "late", "out_of_order", "jump")
NOT_STORED = ("repeated", "impossible", "unknown", "malformed")
VERDICTS = (*STORED, *NOT_STORED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row, numbered from 0 as sent; `reason` is one sentence for whoever sent it."""

    row: int
    verdict: str
    reason: str


@dataclass(slots=True)
class Verdicts:
    """What became of a batch: how many rows each way, and why where a row was not plainly accepted."""

    feed: str
    counts: Counter[str] = field(default_factory=Counter)
    rows: list[Verdict] = field(default_factory=list)

    def add(self, row: int, verdict: str, reason: str = "") -> None:
        """Note what became of one row."""
        self.counts[verdict] += 1
        if verdict != "accepted":
            self.rows.append(Verdict(row, verdict, reason))

    def note(self, row: int, verdict: str, reason: str, times: int) -> None:
        """Count parts of a row, such as cells of a tick, beside what became of the row itself."""
        self.counts[verdict] += times
        self.rows.append(Verdict(row, verdict, reason))

    @property
    def stored(self) -> int:
        """How many rows were written."""
        return sum(self.counts[verdict] for verdict in STORED)

    def as_dict(self, *, every: int | None = None) -> dict[str, Any]:
        """As JSON; with `every` = how many rows were sent, the plainly accepted ones are told too."""
        told = list(self.rows)
        if every is not None:
            named = {one.row for one in told}
            told += [Verdict(row, "accepted", "") for row in range(every) if row not in named]
        told.sort(key=lambda one: one.row)
        counts = {verdict: self.counts[verdict] for verdict in VERDICTS}
        return {"feed": self.feed, **counts, "verdicts": [asdict(one) for one in told]}
