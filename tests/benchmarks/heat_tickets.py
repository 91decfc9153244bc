"""Very many tickets of the demo's geography, drawn with numpy alone: where and when as in the demo, words left out.

Streets, planted stretches and background are those of the demo; a day's number follows its calendar. What a figure counts
by is all there, so that a home filled with them is served like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from etl.demo.catalogue import FAMILIES
from etl.demo.rhythm import generator, midnight, second_of_day, weight
from etl.demo.rows import TICKET_COLUMNS, Writer, moments
from etl.demo.tickets import World, days_between
from geodata.commands.copy_binary import (
    Field,
    Part,
    Vocabulary,
    digits,
    encode,
    instants,
    number,
    points,
    text,
    vocabulary,
)
from geodata.commands.demo import QUALITIES, TICKET_STATES

CATEGORIES = 30
YEARS = 3
AT_ONCE = 250_000  # tickets drawn at a time
LOCATED = (
    0.90,
    0.95,
    0.98,
)  # given, then told to the sub-district, then nothing, and the rest at the default point
HOUR_S = 3600
OPEN_AFTER_A_MONTH = 0.03
LEFT_OUT = ("description", "caller_hash", "outcome", "satisfaction")
COLUMNS = tuple(name for name in TICKET_COLUMNS if name not in LEFT_OUT)
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are drawn and how many tickets each has."""

    days: list[date]
    counts: Ints


def span(tickets: int, last: date, seed: int) -> Span:
    """Three years up to a day, busy as the calendar has it."""
    days = days_between(last - timedelta(days=365 * YEARS), last)
    busy = np.array([weight(day) for day in days])
    return Span(days, generator(seed, 1).multinomial(tickets, busy / busy.sum()))


def chosen_leaves(world: World) -> Ints:
    """The categories with the most tickets, as rows of the catalogue's leaves."""
    return np.sort(np.argsort(-world.catalogue.column("a_month"), kind="stable")[:CATEGORIES])


def encoded(writer: Writer, over: Span, seed: int, now_s: int) -> Iterator[bytes]:
    """All tickets as rows of COLUMNS, in order of receipt, keys counting from 1."""
    draw = Drawing(writer, seed, now_s)
    begins = np.concatenate([[0], np.cumsum(over.counts)])
    first = 0
    while first < len(over.days):
        end = max(first + 1, int(np.searchsorted(begins, begins[first] + AT_ONCE)))
        yield encode(draw.rows(over, first, min(end, len(over.days)), int(begins[first])))
        first = end


class Drawing:
    """What all batches share."""

    def __init__(self, writer: Writer, seed: int, now_s: int) -> None:
        self.writer, self.world, self.seed, self.now_s = writer, writer.world, seed, now_s
        spots, catalogue = self.world.spots, self.world.catalogue
        self.leaves = chosen_leaves(self.world)
        self.odds = np.cumsum(catalogue.column("a_month")[self.leaves])
        self.titles = vocabulary([leaf.name for leaf in catalogue.leaves])
        self.addresses = _addresses(spots.names, spots.name, spots.door)
        self.sources = [
            (np.array([row for row, one in enumerate(catalogue.sources) if one.family == family]),
             np.cumsum([one.share for one in catalogue.sources if one.family == family]))
            for family in range(len(FAMILIES))
        ]  # fmt: skip

    def rows(self, over: Span, first: int, end: int, before: int) -> list[Field]:
        """The tickets of the days from `first` to before `end`; `before` tickets have keys already."""
        rng = generator(self.seed, 2, first)
        counts = over.counts[first:end]
        rows = int(counts.sum())
        chance = rng.random((rows, 10))
        leaf = self.leaves[
            np.minimum(np.searchsorted(self.odds, chance[:, 0] * self.odds[-1]), len(self.leaves) - 1)
        ]
        family = self.world.catalogue.column("family")[leaf]
        begins = np.array([midnight(day, self.world.profile.zone) for day in over.days[first:end]])
        second = np.where(family == 0, *(second_of_day(chance[:, 1], name) for name in FAMILIES))
        received = np.minimum(np.sort(np.repeat(begins, counts) + second), self.now_s)
        spot = self.world.plan.draw(leaf, chance[:, 2:6])
        return self._fields(np.arange(before + 1, before + rows + 1), leaf, received, spot, chance)

    def _fields(
        self, keys: Ints, leaf: Ints, received: Ints, spot: Ints, chance: NDArray[np.float64]
    ) -> list[Field]:
        writer, spots, every = self.writer, self.world.spots, np.zeros(len(keys), np.int64)
        family = self.world.catalogue.column("family")[leaf]
        source = np.empty(len(keys), np.int64)
        for at, (rows, odds) in enumerate(self.sources):
            mine = family == at
            source[mine] = rows[np.minimum(np.searchsorted(odds, chance[mine, 6] * odds[-1]), len(rows) - 1)]
        due = received + (self.world.catalogue.column("hours")[leaf] * 1.6 * HOUR_S).astype(np.int64)
        state, closed = self._life(received, due, chance[:, 7:9])
        return [
            number(keys, "i8"), text(Part(writer.origin, every)), text(digits(keys, 9)), number(source + 1, "i2"),
            text(Part(writer.families, family)), number(writer.category_ids[leaf], "i8"),
            number(spots.subdistrict[spot] + 1, "i8"), text(Part(self.titles, leaf)), text(Part(self.addresses, spot)),
            instants(moments(received)), instants(moments(due)), instants(closed), text(Part(writer.states, state)),
            *self._place(spot, np.searchsorted(LOCATED, chance[:, 9], side="right")),
        ]  # fmt: skip

    def _life(
        self, received: Ints, due: Ints, chance: NDArray[np.float64]
    ) -> tuple[Ints, NDArray[np.datetime64]]:
        """State and time of closing: most close before their deadline, a few stay open."""
        closed = received + ((due - received) * -np.log1p(-chance[:, 0] * 0.999) * 0.45).astype(np.int64)
        is_open = (closed > self.now_s) | (
            chance[:, 1] < OPEN_AFTER_A_MONTH * (received > self.now_s - 60 * 24 * HOUR_S)
        )
        words = ["received", "signed", "handling"], ["resolved_online", "closed", "closed", "followed_up"]
        opened, done = (np.array([TICKET_STATES.index(word) for word in part]) for part in words)
        pick = (chance[:, 1] * 997) % 1
        state = np.where(
            is_open, opened[(pick * len(opened)).astype(int)], done[(pick * len(done)).astype(int)]
        )
        return state, np.where(is_open, np.datetime64("NaT", "s"), closed.astype("datetime64[s]"))

    def _place(self, spot: Ints, how: Ints) -> list[Field]:
        writer, spots = self.writer, self.world.spots
        given, default = how == 0, how == 3
        pointless = ~(given | default)
        lon, lat, cells = writer.default_point
        quality = np.select([given | default, how == 1], [QUALITIES.index("given"), QUALITIES.index("area")],
                            QUALITIES.index("none"))  # fmt: skip
        area = np.where(
            given, writer.area_ids[spots.area[spot]], writer.subdistrict_ids[spots.subdistrict[spot]]
        )
        held = [number(np.where(default, cell, mine[spot]), "i8", pointless)
                for cell, mine in zip(cells, spots.hexes, strict=True)]  # fmt: skip
        return [
            points(np.where(default, lon, spots.lon[spot]), np.where(default, lat, spots.lat[spot]), pointless),
            text(Part(writer.qualities, quality)), number(default, "bool"), number(area, "i8", ~(given | (how == 1))),
            number(spots.road[spot] + 1, "i8", ~given), number(spots.offset_m[spot], "f8", ~given), *held,
        ]  # fmt: skip


def _addresses(names: list[str], name: Ints, door: Ints) -> Vocabulary:
    told = zip(name.tolist(), door.tolist(), strict=True)
    return vocabulary([names[at] + (f"{number}号" if number > 0 else "") for at, number in told])
