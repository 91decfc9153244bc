"""Hotspot roads 高发路段: the stretches on which a category's tickets stand out, the worst of each area first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries import categories
from geodata.queries.question import condition
from geodata.queries.road_areas import Ground, ground_of
from geodata.queries.road_network import RoadNetwork, road_network
from geodata.queries.road_tickets import (
    DEFAULT_POINT,
    LOCATED,
    OFF_ROAD,
    WITHOUT_POINT,
    RoadTickets,
    read_tickets,
)
from geodata.queries.road_usual import Usual, usual_of
from geodata.queries.stretch_keys import key_of
from geodata.rules.hotspots import naming, paragraph as wording, roads
from geodata.rules.hotspots.roads import Network, Stretch
from geodata.rules.hotspots.segments import cells_along
from geodata.space import crs
from geodata.types import Bilingual, Question

EVERYTHING = Bilingual("全部类别", "All categories")
SEVERAL = Bilingual("所选类别", "The chosen categories")


@dataclass(frozen=True, slots=True)
class RoadRow:
    """One stretch. `key` finds its tickets; `share` is of the located tickets of its category (0 to 1).

    `expected` tickets would lie there by the background of its area. Geometry in EPSG:4326; cells are H3 at resolution 11.
    """

    key: str
    rank: int
    road: Bilingual | None
    name: Bilingual
    area_code: str
    area_name: str
    area_name_en: str | None
    count: int
    share: float
    expected: float
    length_m: float
    per_100m: float
    p_value: float
    geometry: BaseGeometry
    cells: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HotspotRoads:
    """The stretches of a category, or of several taken together (`code` None), and what they leave out.

    total = located + default_points + unlocated; `off_road` of the located ones have no road near.
    """

    code: str | None
    title: Bilingual
    total: int
    located: int
    default_points: int
    unlocated: int
    off_road: int
    rows: list[RoadRow]


def hotspot_roads(
    c: Connection, profile: Profile, q: Question, *, per_area: int | None = 1, level: str | None = None
) -> HotspotRoads:
    """The question's categories taken together; at most `per_area` stretches in each area of a level (None: all).

    The level is the one below the district unless said otherwise.
    """
    search = _Search(c, profile, q, level)
    found = search.find(np.zeros(len(search.tickets.category), np.int64))
    code = q.categories[0] if q.categories and len(q.categories) == 1 else None
    every = np.arange(len(search.tickets.category))
    return search.answers([Asked(code, _title(c, q), every, search.chosen(found, per_area))])[0]


def hotspot_roads_by_category(
    c: Connection, profile: Profile, q: Question, *, per_area: int | None = 1, level: str | None = None,
    limit: int | None = None,
) -> list[HotspotRoads]:  # fmt: skip
    """One answer for each category that tickets of the question have, most tickets first."""
    search = _Search(c, profile, q, level)
    keys, category = np.unique(search.tickets.category, return_inverse=True)
    found: dict[int, list[Stretch]] = {}
    for stretch in search.find(category):
        found.setdefault(stretch.category, []).append(stretch)
    order = np.argsort(-np.bincount(category, minlength=len(keys)), kind="stable")[:limit]
    known = {entry.id: entry for entry in categories.tree(c)}
    asked = []
    for at in order.tolist():
        entry = known[int(keys[at])]
        title = Bilingual(entry.name, entry.name_en or entry.name)
        rows = np.flatnonzero(category == at)
        asked.append(Asked(entry.code, title, rows, search.chosen(found.get(at, []), per_area)))
    return search.answers(asked)


def paragraph(profile: Profile, found: Sequence[HotspotRoads]) -> str:
    """The paragraph of the monthly report, in the district's own language."""
    return wording.english(items(found)) if profile.language == "en" else wording.chinese(items(found))


def items(found: Sequence[HotspotRoads]) -> list[wording.Item]:
    """What the paragraph tells of each answer."""
    return [
        wording.Item(one.title, one.total, [
            (row.name, Bilingual(row.area_name, row.area_name_en or row.area_name)) for row in one.rows
        ])
        for one in found
    ]  # fmt: skip


def left_out(found: Sequence[HotspotRoads]) -> Bilingual:
    """What the stretches of all these answers leave out, with its shares."""
    return wording.left_out(*(sum(getattr(one, name) for one in found) for name in (
        "total", "default_points", "unlocated", "off_road")))  # fmt: skip


class _Search:
    """The tickets of a question on the network, and how what is found there is told."""

    def __init__(self, c: Connection, profile: Profile, q: Question, level: str | None) -> None:
        self.c, self.profile, self.q = c, profile, q
        self.roads: RoadNetwork = road_network(c, profile)
        self.tickets: RoadTickets = read_tickets(c, condition(c, profile, q), self.roads)
        self.usual: Usual = usual_of(c, profile, q.window, self.roads)
        self.ground: Ground = ground_of(c, profile, q, level or _below(profile),
                                        known=self.usual, tickets=self.tickets)  # fmt: skip
        self.paths = categories.paths(categories.tree(c))

    def find(self, category: NDArray[np.int64]) -> list[Stretch]:
        """The stretches of each category, by number."""
        cut, told = self.roads.segments, self.tickets
        network = Network(cut.length_m, cut.road, self.ground.of_segment, cut.near)

        def usual(number: int) -> NDArray[np.float64]:
            return self.usual.of(np.unique(told.category[category == number]).tolist())

        return roads.find(network, told.segment, category, usual=usual)

    def chosen(self, found: list[Stretch], per_area: int | None) -> list[Stretch]:
        """The worst of each area (by what exceeds the background), then all by their tickets."""
        taken: Counter[int] = Counter()
        kept = []
        for stretch in sorted(found, key=lambda x: (x.expected - x.count, x.segments)):
            taken[stretch.area] += 1
            if per_area is None or taken[stretch.area] <= per_area:
                kept.append(stretch)
        return sorted(kept, key=lambda x: (-x.count, x.segments))

    def answers(self, asked: Sequence[Asked]) -> list[HotspotRoads]:
        """What there is of each category; places are named and drawn for all of them at once."""
        told = [
            _Told(stretch, one.rows[np.isin(self.tickets.segment[one.rows], stretch.segments)])
            for one in asked
            for stretch in one.stretches
        ]
        lines = np.array([self.roads.lines(one.stretch.segments) for one in told], object)
        shapes = crs.shapes_to_stored(lines, f"EPSG:{self.roads.srid}") if len(lines) else lines
        cells = cells_along(lines, self.roads.srid) if len(lines) else []
        addresses = self._addresses(told)
        drawn = iter(zip(told, lines, shapes, cells, strict=True))
        return [
            self._answer(
                one, [self._row(rank, next(drawn), addresses) for rank, _ in enumerate(one.stretches, 1)]
            )
            for one in asked
        ]

    def _answer(self, asked: Asked, rows: list[RoadRow]) -> HotspotRoads:
        kinds = np.bincount(self.tickets.kind[asked.rows], minlength=4)
        located = int(kinds[LOCATED] + kinds[OFF_ROAD])
        return HotspotRoads(
            asked.code, asked.title, len(asked.rows), located, int(kinds[DEFAULT_POINT]), int(kinds[WITHOUT_POINT]),
            int(kinds[OFF_ROAD]), [replace(row, share=row.count / located) for row in rows],
        )  # fmt: skip

    def _row(
        self, rank: int, drawn: tuple[_Told, Any, Any, frozenset[int]], addresses: dict[int, str]
    ) -> RoadRow:
        told, line, shape, cells = drawn
        cut, mine = self.roads.segments, list(told.stretch.segments)
        length, count = float(cut.length_m[mine].sum()), told.stretch.count
        road = self.roads.road_names[int(cut.road[mine[0]])]
        area = self.ground.areas[told.stretch.area]
        said = [addresses[key] for key in self.tickets.id[told.tickets].tolist() if key in addresses]
        name = naming.named(road, said, self.roads.places_near(line))
        return RoadRow(
            key_of([self._part(at) for at in mine]), rank, road, name, area.code, area.name, area.name_en, count, 0.0,
            told.stretch.expected, length, 100 * count / length, told.stretch.p_value, shape, tuple(sorted(cells)),
        )  # fmt: skip

    def _part(self, segment: int) -> tuple[int, float, float | None]:
        cut = self.roads.segments
        road = int(cut.road[segment])
        last = segment + 1 == int(cut.first[road + 1])
        return (
            int(self.roads.road_ids[road]),
            float(cut.from_m[segment]),
            None if last else float(cut.to_m[segment]),
        )

    def _addresses(self, told: list[_Told]) -> dict[int, str]:
        """By ticket the address as it was told; those of rentals and disputes are never read."""
        rows = np.concatenate([np.empty(0, np.int64), *(one.tickets for one in told)])
        keys, at = np.unique(self.tickets.category[rows], return_inverse=True)
        tells = [naming.may_tell_a_door(*(step.name for step in self.paths[key])) for key in keys.tolist()]
        ids = self.tickets.id[rows[np.array(tells, bool)[at]]] if len(rows) else rows
        found = self.c.execute(
            text("select id, address from tickets where id = any(:ids) and address is not null"),
            {"ids": np.unique(ids).tolist()},
        )
        return {row.id: row.address for row in found}


@dataclass(frozen=True, slots=True)
class Asked:
    """A category whose answer is wanted: its tickets, as rows of all, and the stretches chosen for it."""

    code: str | None
    title: Bilingual
    rows: NDArray[np.int64]
    stretches: list[Stretch]


@dataclass(frozen=True, slots=True)
class _Told:
    stretch: Stretch
    tickets: NDArray[np.int64]


def _below(profile: Profile) -> str:
    return profile.levels[min(1, len(profile.levels) - 1)].key


def _title(c: Connection, q: Question) -> Bilingual:
    if q.categories is None:
        return EVERYTHING
    names = [entry for entry in categories.tree(c) if entry.code in q.categories]
    return Bilingual(names[0].name, names[0].name_en or names[0].name) if len(names) == 1 else SEVERAL
