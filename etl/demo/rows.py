"""Tickets and their events as rows ready for COPY."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.demo.catalogue import FAMILIES
from etl.demo.lives import AT, NEVER, Cut, event_words
from etl.demo.rhythm import Seconds
from etl.demo.streets import Ints
from etl.demo.tickets import ADDRESS_ONLY, DEFAULT_POINT, GIVEN, Batch, World
from etl.demo.wording import Where, Words, address, description, notes, outcome, title, where
from geodata.commands.copy_binary import (
    Field,
    Fixed,
    Part,
    digits,
    instants,
    number,
    points,
    text,
    vocabulary,
)
from geodata.commands.demo import QUALITIES, TICKET_STATES
from geodata.space import hexes

ORIGIN = "demo"
SATISFACTIONS = ("satisfied", "neutral", "dissatisfied")
TICKET_COLUMNS = (
    "id", "origin", "number", "source_id", "family", "category_id", "unit_id", "title", "description", "address",
    "caller_hash", "received_at", "due_at", "closed_at", "state", "outcome", "satisfaction", "geom",
    "location_quality", "is_default_point", "area_id", "road_id", "road_offset_m", "hex_r9", "hex_r10", "hex_r11",
)  # fmt: skip
EVENT_COLUMNS = ("ticket_id", "seq", "at", "kind", "unit_id", "note")


class Writer:
    """Turns batches into rows; `area_ids` gives the database key of each row of the geography's areas."""

    def __init__(self, world: World, area_ids: Ints, subdistrict_ids: Ints) -> None:
        self.world, self.words = world, Words(world)
        self.area_ids, self.subdistrict_ids = area_ids, subdistrict_ids
        self.states, self.kinds = vocabulary(TICKET_STATES), vocabulary(event_words())
        self.qualities, self.satisfactions = vocabulary(QUALITIES), vocabulary(SATISFACTIONS)
        self.families, self.origin = vocabulary(FAMILIES), vocabulary([ORIGIN])
        self.category_ids = world.catalogue.column("id")
        self.marks = vocabulary([source.mark for source in world.catalogue.sources])

    @cached_property
    def default_point(self) -> tuple[float, float, tuple[int, ...]]:
        """The profile's first default point and its hexagons."""
        lon, lat = self.world.profile.default_points[0]
        cells = hexes.cells_at_all(np.array([lon]), np.array([lat]))
        return lon, lat, tuple(int(cell[0]) for cell in cells)

    def numbers(self, batch: Batch) -> tuple[Part, ...]:
        """Ticket numbers: the channel's mark, the day, the running number of the day."""
        days = np.unique(batch.day)
        dates = vocabulary([str(day).replace("-", "") + "-" for day in days])
        source = Part(self.marks, batch.source)
        return source, Part(dates, np.searchsorted(days, batch.day)), digits(batch.running, 6)

    def tickets(
        self, batch: Batch, past: Cut, keys: Ints, rows: NDArray[Any] | slice = slice(None)
    ) -> list[Field]:
        """Rows of the batch as they stand at the cut; `keys` are their ids; only `rows` (a mask or numbers) are kept."""
        place = where(self.words, batch)
        closed = past.closed < NEVER
        answered = past.satisfaction >= 0
        fields = [
            number(keys, "i8"), _all(self.origin, len(batch)), text(*self.numbers(batch)),
            number(batch.source + 1, "i2"), text(Part(self.families, batch.family)),
            number(self.category_ids[batch.leaf], "i8"), number(batch.unit, "i8"),
            title(self.words, batch, place), description(self.words, batch, place), address(batch, place),
            callers(batch.caller, self.world.seed),
            instants(moments(batch.received)), instants(moments(past.due)), instants(moments(past.closed)),
            text(Part(self.states, past.state)), outcome(self.words, batch, closed),
            text(Part(self.satisfactions, np.maximum(past.satisfaction, 0)), missing=~answered),
            *self._place(batch, place),
        ]  # fmt: skip
        return [take(field, rows) for field in fields]

    def _place(self, batch: Batch, place: Where) -> list[Field]:
        spots, spot = self.world.spots, batch.spot
        given, default = batch.located == GIVEN, batch.located == DEFAULT_POINT
        pointless = ~(given | default)
        lon, lat, cells = self.default_point
        told = (batch.located == ADDRESS_ONLY) & place.tells_subdistrict
        quality = np.select(
            [given | default, told],
            [QUALITIES.index("given"), QUALITIES.index("area")],
            QUALITIES.index("none"),
        )
        area = np.where(given, self.area_ids[spots.area[spot]], self.subdistrict_ids[spots.subdistrict[spot]])
        held = [
            number(np.where(default, cell, mine[spot]), "i8", pointless)
            for cell, mine in zip(cells, spots.hexes, strict=True)
        ]
        return [
            points(np.where(default, lon, spots.lon[spot]), np.where(default, lat, spots.lat[spot]), pointless),
            text(Part(self.qualities, quality)), number(default, "bool"), number(area, "i8", ~(given | told)),
            number(spots.road[spot] + 1, "i8", ~given), number(spots.offset_m[spot], "f8", ~given), *held,
        ]  # fmt: skip

    def events(
        self, batch: Batch, past: Cut, keys: Ints, rows: NDArray[Any] | slice = slice(None)
    ) -> list[Field]:
        """The events until the cut; `rows` chooses among the cut's events."""
        centre = self.world.catalogue.unit_ids["centre"]
        ours = np.isin(
            past.step,
            [AT[x] for x in ("received", "resolved_online", "transferred", "merged", "followed_up")],
        )
        fields: list[Field] = [
            number(keys[past.ticket], "i8"), number(past.seq, "i2"), instants(moments(past.at)),
            text(Part(self.kinds, past.step)), number(np.where(ours, centre, batch.unit[past.ticket]), "i8"),
            notes(self.words, batch, past),
        ]  # fmt: skip
        return [take(field, rows) for field in fields]


def moments(seconds: Seconds) -> NDArray[np.datetime64]:
    """Seconds since 1970 as instants; NEVER becomes NaT."""
    return np.where(seconds >= NEVER, np.datetime64("NaT", "s"), seconds.astype("datetime64[s]"))


def callers(caller: Ints, seed: int) -> Fixed:
    """A keyed hash of 16 bytes of each made-up caller: two rounds of splitmix64, keyed by the seed."""
    body = np.empty((len(caller), 2), np.uint64)
    with np.errstate(over="ignore"):
        for half in range(2):
            x = (
                caller.astype(np.uint64) * np.uint64(2)
                + np.uint64(half)
                + np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
            )
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            body[:, half] = x ^ (x >> np.uint64(31))
    return Fixed(body.view(np.uint8).reshape(len(caller), 16), caller < 0)


def take(field: Field, rows: Any) -> Field:
    """The same column for some rows only."""
    if isinstance(rows, slice):
        return field
    missing = None if field.missing is None else field.missing[rows]
    if isinstance(field, Fixed):
        return Fixed(field.body[rows], missing)
    return text(*(Part(part.words, np.asarray(part.codes)[rows]) for part in field.parts), missing=missing)


def _all(words: Any, rows: int) -> Field:
    return text(Part(words, np.zeros(rows, np.int64)))
