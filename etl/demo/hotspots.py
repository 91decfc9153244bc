"""Where each category happens: the planted stretches, and the background by kind of place.

The table of planted stretches can be had in code (`plan`), so that a test of hotspot finding knows the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.demo.catalogue import THEMES, Catalogue, read
from etl.demo.rhythm import generator
from etl.demo.spots import SHOPPING, Spots
from etl.demo.streets import Floats, Ints

HALF_M = (110.0, 190.0)  # half a stretch's length
SHORTEST_M, FEWEST_SPOTS = 90.0, 12
TRIES = 6  # anchors drawn in each sub-district before it goes without a stretch
NUMBERS_APART = 40  # door numbers between the one wanted and the nearest there
SHARE = (0.14, 0.30)  # of a category's tickets that its stretches take together
AT_ANCHOR = 0.22  # of a stretch's tickets that name its best-known door
STREET_THEMES = {
    "street": ("primary", "secondary", "tertiary"), "shop": ("primary", "secondary", "tertiary", "pedestrian"),
    "estate": ("secondary", "tertiary", "lane"), "lane": ("lane", "pedestrian"), "water": ("lane", "tertiary"),
    "green": ("primary", "secondary", "tertiary"),
}  # fmt: skip
BUSY = {
    "motorway": 0.1,
    "trunk": 0.7,
    "primary": 2.2,
    "secondary": 2.0,
    "tertiary": 1.5,
    "lane": 0.8,
    "pedestrian": 2.0,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A planted hotspot: tickets of one category pile up between two offsets of a street."""

    leaf: int  # row among the catalogue's leaves
    category: str
    subdistrict: int
    road: int  # row in the geography's roads
    road_name: str
    door: int
    from_m: float
    to_m: float
    first: int  # its spots, half open
    last: int
    anchor: int
    share: float  # of the category's tickets


@dataclass(frozen=True)
class Plan:
    """Everything needed to draw a spot for a category."""

    stretches: list[Stretch]
    hot: Floats  # by leaf: share of tickets that fall into its stretches
    begins: Ints  # by leaf: first of its stretches; one more entry at the end
    background: list[Floats]  # by theme: running weights over all spots
    doors: Ints  # the spots' door numbers, those of planted anchors as told
    themes: Ints  # by leaf

    def draw(self, leaf: Ints, chance: NDArray[np.float64]) -> Ints:
        """A spot for each leaf; `chance` has four columns."""
        spot = np.empty(len(leaf), np.int64)
        return self._hot(leaf, chance, self._cool(leaf, chance, spot))

    def _cool(self, leaf: Ints, chance: Floats, spot: Ints) -> Ints:
        theme = self.themes[leaf]
        for at in range(len(THEMES)):
            pick = theme == at
            edges = self.background[at]
            spot[pick] = np.minimum(
                np.searchsorted(edges, chance[pick, 1] * edges[-1], side="right"), len(edges) - 1
            )
        return spot

    def _hot(self, leaf: Ints, chance: Floats, spot: Ints) -> Ints:
        rows = np.flatnonzero(chance[:, 0] < self.hot[leaf])
        begins, count = self.begins[leaf[rows]], np.diff(self.begins)[leaf[rows]]
        tilt = chance[rows, 2] ** 1.35  # the first of a category's stretches is its worst
        stretch = begins + np.minimum((tilt * count).astype(np.int64), count - 1)
        span = self._last[stretch] - self._first[stretch]
        inside = self._first[stretch] + np.minimum((chance[rows, 3] * span).astype(np.int64), span - 1)
        told = chance[rows, 1] < AT_ANCHOR
        spot[rows] = np.where(told, self._anchor[stretch], inside)
        return spot

    @cached_property
    def _first(self) -> Ints:
        return np.array([x.first for x in self.stretches], np.int64)

    @cached_property
    def _last(self) -> Ints:
        return np.array([x.last for x in self.stretches], np.int64)

    @cached_property
    def _anchor(self) -> Ints:
        return np.array([x.anchor for x in self.stretches], np.int64)


def plan(spots: Spots, place_kinds: NDArray[Any], catalogue: Catalogue, seed: int) -> Plan:
    """Plant the stretches and weigh the background; `place_kinds` by entry of `spots.names` (empty elsewhere)."""
    planted: list[Stretch] = []
    begins = [0]
    hot = np.zeros(len(catalogue.leaves))
    doors = spots.door.copy()
    told = read("hotspots")["stretch"]
    fit = [_anchors(spots, theme) for theme in THEMES]
    for leaf, category in enumerate(catalogue.leaves):
        rng = generator(seed, 2, category.id)
        hot[leaf] = rng.uniform(*SHARE)
        wanted = [x for x in told if x["category"] == category.name]
        planted += _stretches(
            spots,
            (leaf, category.name),
            fit[category.theme],
            wanted=wanted,
            hot=hot[leaf],
            doors=doors,
            rng=rng,
        )
        begins.append(len(planted))
    hot[np.diff(begins) == 0] = 0.0
    background = [np.cumsum(_weights(spots, place_kinds, theme, seed)) for theme in THEMES]
    return Plan(
        planted,
        hot,
        np.array(begins, np.int64),
        background,
        doors,
        catalogue.column("theme").astype(np.int64),
    )


def _stretches(
    spots: Spots, leaf: tuple[int, str], fit: list[Ints], *, wanted: list[dict[str, Any]], hot: float, doors: Ints,
    rng: np.random.Generator,
) -> list[Stretch]:  # fmt: skip
    """Three to five, at most one per sub-district: first those the report names, then drawn ones."""
    tries = [at for x in wanted for at in _named_anchors(spots, x, doors, rng)]
    for subdistrict in rng.permutation(len(fit)):
        here = fit[int(subdistrict)]
        tries += here[rng.integers(0, len(here), TRIES)].tolist() if len(here) else []
    count, found = int(rng.integers(3, 6)), dict[int, tuple[int, int, int]]()
    for anchor in tries:
        first, last = _reach(spots, anchor, rng.uniform(*HALF_M))
        long_enough = (
            spots.offset_m[last - 1] - spots.offset_m[first] >= SHORTEST_M and last - first >= FEWEST_SPOTS
        )
        if len(found) < count and long_enough:
            found.setdefault(int(spots.subdistrict[anchor]), (anchor, first, last))
    share = _shares(len(found)) * hot
    return [
        _stretch(spots, leaf, *at, door=int(doors[at[0]]), share=float(part))
        for at, part in zip(found.values(), share, strict=True)
    ]


def _anchors(spots: Spots, theme: str) -> list[Ints]:
    """For each sub-district the spots on numbered streets where a theme may have its stretches."""
    streets = spots.streets
    good = np.isin(streets.classes, STREET_THEMES[theme]) & (streets.road_length > HALF_M[0])
    fit = good[spots.road[: spots.on_street]] & (spots.door[: spots.on_street] > 0)
    return [
        np.flatnonzero(fit & (spots.subdistrict[: spots.on_street] == at))
        for at in range(spots.subdistrict.max() + 1)
    ]


def _shares(count: int) -> Floats:
    edges = (np.arange(count + 1) / max(count, 1)) ** (1 / 1.35)
    return np.asarray(np.diff(edges))


def _named_anchors(spots: Spots, wanted: dict[str, Any], doors: Ints, rng: np.random.Generator) -> list[int]:
    """The spot at a street's door, which then has that number; without a door some spots of the street."""
    named = spots.streets.names == wanted["road"]
    here = np.flatnonzero(named[spots.road[: spots.on_street]] & (spots.door[: spots.on_street] > 0))
    if "door" not in wanted or not len(here):
        return [int(at) for at in rng.permutation(here)[:TRIES]]
    at = int(here[np.argmin(np.abs(spots.door[here] - wanted["door"]))])
    if abs(int(spots.door[at]) - wanted["door"]) > NUMBERS_APART:
        return []  # this street's numbers do not reach it
    doors[at] = wanted["door"]
    return [at]


def _reach(spots: Spots, anchor: int, half_m: float) -> tuple[int, int]:
    """The spots (half open) on the anchor's street at most so far from it, within its sub-district without a gap."""
    road, middle = int(spots.road[anchor]), float(spots.offset_m[anchor])
    begin, end = np.searchsorted(spots.road[: spots.on_street], [road, road + 1])
    first, last = begin + np.searchsorted(spots.offset_m[begin:end], [middle - half_m, middle + half_m])
    other = np.flatnonzero(spots.subdistrict[first:last] != spots.subdistrict[anchor]) + first
    return int(max(first, *(other[other < anchor] + 1), first)), int(min(last, *other[other > anchor], last))


def _stretch(
    spots: Spots, leaf: tuple[int, str], anchor: int, first: int, last: int, *, door: int, share: float
) -> Stretch:
    road = int(spots.road[anchor])
    return Stretch(
        *leaf, int(spots.subdistrict[anchor]), road, str(spots.streets.names[road]), door,
        float(spots.offset_m[first]), float(spots.offset_m[last - 1]), first, last, anchor, share,
    )  # fmt: skip


def _weights(spots: Spots, place_kinds: NDArray[Any], theme: str, seed: int) -> Floats:
    """How likely the theme's tickets are at each spot, apart from the planted stretches."""
    streets = np.arange(len(spots)) < spots.on_street
    busy = np.array([BUSY.get(kind, 1.0) for kind in spots.streets.classes])[spots.road]
    lane = np.isin(spots.streets.classes, ("lane", "pedestrian"))[spots.road]
    estate = spots.estate >= 0
    shops = np.append(np.isin(place_kinds, SHOPPING), False)[spots.place]
    weight = {
        "street": np.where(streets, busy, 0.12),
        "shop": np.where(streets, busy * np.where(lane, 0.6, 1.0), 0.1) * np.where(shops, 5.0, 1.0),
        "estate": np.where(streets, 0.35, 1.0) * np.where(estate, 4.0, 1.0),
        "lane": np.where(lane & (spots.away_m < 40), 3.0, 0.25),
        "water": np.where(spots.water_m < 35, 10.0, 0.2),
        "green": np.where(spots.green_m < 50, 8.0, 0.2) * np.where(streets, busy, 0.4),
    }[theme]
    lively = generator(seed, 3).lognormal(0, 0.45, int(spots.area.max()) + 1)[spots.area]
    return np.asarray(weight * lively * generator(seed, 4).gamma(1.6, 1.0, len(spots)))
