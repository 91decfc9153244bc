"""What an address can name, as arrays: streets with door numbers, places, areas; points along, beside and where they meet.

All in one metric CRS.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.rules.addresses.wording import plain, spelled
from geodata.types import Bilingual

ROAD, PLACE, AREA = 0, 1, 2
ONE_STREET_M = 60.0  # lines of one name nearer than this are one street
ASIDE_M = {
    "motorway": 20.0,
    "trunk": 18.0,
    "primary": 16.0,
    "secondary": 12.0,
    "tertiary": 9.0,
    "pedestrian": 6.0,
}
LANE_ASIDE_M = 4.0
BORDER_M = 120.0  # so near a border people name either side
TRUSTED_M = 60.0  # a known door farther than this from where the street's own numbers put it is not believed
DOOR = re.compile(r"(.+?)(\d+)号")
SMALL = frozenset(("lane", "pedestrian"))


class Line(NamedTuple):
    """A centre line as the store has it; doors ascend from its start to its end, None where it has no numbers."""

    name: Bilingual
    kind: str
    first: int | None
    last: int | None
    shape: Any


class Place(NamedTuple):
    """A place that people name; `address` is what its own entry says, with a door number at best."""

    name: Bilingual
    kind: str
    address: str | None
    point: shapely.Point


class Area(NamedTuple):
    """An area by name; `depth` counts from the district (0) down."""

    code: str
    name: Bilingual
    depth: int
    shape: Any


class Spot(NamedTuple):
    """Metres, metric CRS."""

    x: float
    y: float


@dataclass(slots=True, eq=False)
class Doors:
    """The known doors of a line by number, each with its offset in m, from first to last."""

    line: shapely.LineString
    aside_m: float
    known: list[tuple[int, float]]

    def learn(self, number: int, at: shapely.Point) -> None:
        """Take a door whose place is known, when the street's numbers do not contradict it."""
        offset = float(self.line.project(at))
        at_place = bisect_left(self.known, (number, -1.0))
        if self.line.distance(at) > TRUSTED_M or not 0 < at_place < len(self.known):
            return
        before, after = self.known[at_place - 1], self.known[at_place]
        if (
            abs(self.offset(number) - offset) <= TRUSTED_M
            and before[1] < offset < after[1]
            and after[0] != number
        ):
            insort(self.known, (number, offset))

    def offset(self, number: int) -> float:
        """Metres from the start of the line to a door, between its known neighbours; clamped to first and last."""
        at = bisect_left(self.known, (number, -1.0))
        if at == 0:
            return self.known[0][1]
        if at == len(self.known):
            return self.known[-1][1]
        (low, start), (high, end) = self.known[at - 1], self.known[at]
        return start + (end - start) * (number - low) / (high - low)

    def holds(self, number: int) -> bool:
        """Whether the number lies within first and last."""
        return self.known[0][0] <= number <= self.known[-1][0]

    def beyond(self, number: int) -> int:
        """How many numbers it lies beyond first or last; 0 within."""
        return max(self.known[0][0] - number, number - self.known[-1][0], 0)

    def spot(self, number: int) -> Spot:
        """The door's place on its side of the street."""
        return Spot(*self.spots(np.array([number]))[0].tolist())

    def spots(self, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Places of doors, (n, 2) m, each on its side: odd numbers north and west, even ones south and east."""
        doors, offsets = zip(*self.known, strict=True)
        at = np.interp(numbers, doors, offsets)
        on, ahead, behind = (
            shapely.get_coordinates(shapely.line_interpolate_point(self.line, np.maximum(at + step, 0.0)))
            for step in (0.0, 2.0, -2.0)
        )
        way = ahead - behind
        left = np.column_stack([-way[:, 1], way[:, 0]]) / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
        north_or_west = np.where(np.abs(left[:, 1]) >= np.abs(left[:, 0]), left[:, 1] > 0, left[:, 0] < 0)
        side = np.where((numbers % 2 == 1) == north_or_west, self.aside_m, -self.aside_m)
        return np.asarray(on + left * side[:, None])


@dataclass(slots=True)
class Street:
    """All lines of one name that belong together."""

    name: Bilingual
    small: bool
    shape: Any
    doors: list[Doors] = field(default_factory=list)

    def door(self, number: int) -> Doors | None:
        """The line that has the number, else the one whose numbers come nearest; None where none is numbered."""
        return min(self.doors, key=lambda doors: doors.beyond(number), default=None)


class Thing(NamedTuple):
    """What a name stands for: its kind and row there, the middle, and the sub-districts it touches, as bits."""

    kind: int
    row: int
    name: Bilingual
    middle: Spot
    within: int


class Ground:
    """Streets, places and areas of a district, by the rows of their plain names."""

    def __init__(
        self, lines: Iterable[Line], places: Sequence[Place], areas: Sequence[Area], subdistrict_depth: int
    ) -> None:
        self.streets = _streets(lines)
        self.places, self.areas = list(places), list(areas)
        self.subdistricts = [row for row, area in enumerate(self.areas) if area.depth == subdistrict_depth]
        self._shapes = np.array([self.areas[row].shape for row in self.subdistricts], object)
        self._bits = {row: 1 << bit for bit, row in enumerate(self.subdistricts)}
        self.names: list[str] = []
        self.things: list[list[Thing]] = []
        self._met: dict[tuple[int, int], tuple[float, Spot]] = {}
        self._learn()
        self._enter()

    def meeting(self, one: int, other: int) -> tuple[float, Spot]:
        """How far two streets (rows) are apart, m, and the point between them where they come nearest."""
        pair = (min(one, other), max(one, other))
        if pair not in self._met:
            a, b = (self.streets[row].shape for row in pair)
            line = shapely.shortest_line(a, b)
            middle = line.interpolate(0.5, normalized=True)
            self._met[pair] = (float(line.length), Spot(middle.x, middle.y))
        return self._met[pair]

    def apart(self, street: int, spot: Spot) -> float:
        """Distance of a point from a street, m."""
        return float(self.streets[street].shape.distance(shapely.Point(spot)))

    def middle_within(self, street: int, bits: int) -> Spot:
        """The middle of the part of a street that lies in these sub-districts; of all of it when none does."""
        shape = self.streets[street].shape
        shapes = [self._shapes[at] for at, row in enumerate(self.subdistricts) if self._bits[row] & bits]
        part = shapely.intersection(shape, shapely.union_all(shapes)) if shapes else shape
        return _middle(part if part.length > 0 else shape)

    def bits_of(self, name: str) -> int:
        """The bit of the sub-district of this name; 0 where none has it."""
        return next((bit for row, bit in self._bits.items() if self.areas[row].name.zh == name), 0)

    def subdistricts_of(self, bits: int) -> list[str]:
        """Their names."""
        return [self.areas[row].name.zh for row in self.subdistricts if self._bits[row] & bits]

    def _within(self, shape: Any) -> int:
        if not len(self._shapes):
            return 0
        return sum(1 << int(at) for at in np.flatnonzero(shapely.dwithin(self._shapes, shape, BORDER_M)))

    def _learn(self) -> None:
        """Doors that places tell in their addresses are known doors of their street."""
        by_name = {plain(street.name.zh): street for street in self.streets}
        for place in self.places:
            told = DOOR.fullmatch(plain(place.address or ""))
            doors = by_name[told[1]].door(int(told[2])) if told and told[1] in by_name else None
            if told and doors:
                doors.learn(int(told[2]), place.point)

    def _enter(self) -> None:
        rows: dict[str, int] = {}
        for name, thing in self._called():
            if len(name) > 1:
                row = rows.setdefault(name, len(rows))
                if row == len(self.things):
                    self.names.append(name)
                    self.things.append([])
                self.things[row].append(thing)

    def _called(self) -> Iterable[tuple[str, Thing]]:
        """Everything with the names it goes by: also with its numerals spelled, as a slip beside them leaves them (四弃)."""
        for name, thing in self._all():
            yield name, thing
            if (said := spelled(thing.name.zh)) != plain(thing.name.zh):
                yield said, thing

    def _all(self) -> Iterable[tuple[str, Thing]]:
        """Everything by its name; a sub-district also goes by its name alone (双塔 for 双塔街道)."""
        for row, street in enumerate(self.streets):
            yield (
                plain(street.name.zh),
                Thing(ROAD, row, street.name, _middle(street.shape), self._within(street.shape)),
            )
        for row, place in enumerate(self.places):
            spot = Spot(place.point.x, place.point.y)
            yield plain(place.name.zh), Thing(PLACE, row, place.name, spot, self._within(place.point))
        for row, area in enumerate(self.areas):
            inside = area.shape.representative_point()
            within = self._bits.get(row) or (self._within(inside) if area.depth else 0)
            thing = Thing(AREA, row, area.name, Spot(inside.x, inside.y), within)
            name = plain(area.name.zh)
            yield name, thing
            if row in self._bits and name.endswith("街道"):
                yield name.removesuffix("街道"), thing


def _streets(lines: Iterable[Line]) -> list[Street]:
    by_name: dict[str, list[Line]] = {}
    for line in lines:
        by_name.setdefault(line.name.zh, []).append(line)
    return [_street(group) for same in by_name.values() for group in _groups(same)]


def _groups(same: list[Line]) -> list[list[Line]]:
    """Lines of one name by nearness: each group is a street."""
    groups: list[list[Line]] = []
    for line in same:
        near = [
            group
            for group in groups
            if any(line.shape.distance(other.shape) <= ONE_STREET_M for other in group)
        ]
        groups = [group for group in groups if group not in near] + [
            [line, *(one for group in near for one in group)]
        ]
    return groups


def _street(lines: list[Line]) -> Street:
    shape = (
        shapely.line_merge(shapely.union_all([line.shape for line in lines]))
        if len(lines) > 1
        else _whole(lines[0].shape)
    )
    street = Street(lines[0].name, all(line.kind in SMALL for line in lines), shape)
    for line in lines:
        if line.first is not None and line.last is not None and line.last > line.first:
            whole = _whole(line.shape)
            known = [(line.first, 0.0), (line.last, float(whole.length))]
            street.doors.append(Doors(whole, ASIDE_M.get(line.kind, LANE_ASIDE_M), known))
    return street


def _whole(shape: Any) -> Any:
    """One line: merged where the parts touch, else its parts in their order."""
    if shape.geom_type == "LineString":
        return shape
    merged = shapely.line_merge(shape)
    if merged.geom_type == "LineString":
        # Merging may turn the line; doors count from the start of the first part.
        start = shapely.Point(shapely.get_coordinates(shape)[0])
        ends = shapely.get_coordinates(merged)
        turned = start.distance(shapely.Point(ends[0])) > start.distance(shapely.Point(ends[-1]))
        return shapely.reverse(merged) if turned else merged
    return shapely.LineString(_points(shape))


def _points(shape: Any) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(shape))


def _middle(shape: Any) -> Spot:
    """The point half way along the longest part of lines."""
    part = max(shapely.get_parts(shape), key=lambda one: one.length)
    on = part.interpolate(0.5, normalized=True)
    return Spot(on.x, on.y)
