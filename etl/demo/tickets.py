"""The demo's tickets by day: which, when, where and by whom; a day comes out the same whatever is made beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import numpy as np
from numpy.typing import NDArray

from etl.demo.catalogue import FAMILIES, Catalogue
from etl.demo.hotspots import Plan
from etl.demo.lives import CHANCES as LIFE_CHANCES, LATE, Lives, live
from etl.demo.rhythm import OfficeHours, Seconds, Volume, generator, midnight, second_of_day
from etl.demo.spots import Spots
from etl.demo.streets import Floats, Ints
from geodata.profile import Profile

COLUMNS = (
    "family", "leaf", "hour", "source", "hot", "background", "stretch", "inside", "located", "named", "unit", "passed_on",
    "caller", "has_caller", "repeat", "style", "prefix", "tail", "opening", "situation", "impact", "request", "outcome",
    "block", "kind",
)  # fmt: skip
GIVEN, ADDRESS_ONLY, NOTHING, DEFAULT_POINT = 0, 1, 2, 3
LOCATED = np.cumsum([0.89, 0.08, 0.02])  # what is left has the default point
CALLERS = 170_000
CALLS = 0.72  # share of public tickets whose caller is known
BURSTS_A_MONTH = 72  # repeated demands that the district counted in a month
IN_BURST = 0.011


@dataclass(frozen=True)
class World:
    """All that days are drawn from."""

    profile: Profile
    seed: int
    catalogue: Catalogue
    spots: Spots
    plan: Plan
    volume: Volume
    office: OfficeHours
    subdistrict_codes: Sequence[str]


@dataclass(frozen=True)
class Batch:
    """Tickets of some days, in order of receipt; indices point into the world's lists."""

    received: Seconds
    day: NDArray[np.datetime64]
    running: Ints  # number within the day, from 1
    family: Ints
    leaf: Ints
    source: Ints  # rows
    spot: Ints
    located: Ints
    unit: Ints  # ids
    caller: Ints  # −1 unknown
    lives: Lives
    chance: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.received)


def make(world: World, days: Sequence[date]) -> Batch:
    """Draw the tickets of these days, whole days with their whole future."""
    counts = np.array([world.volume.on(day) for day in days])
    raw = np.concatenate([
        generator(world.seed, 5, day.toordinal()).random((count, len(COLUMNS) + LIFE_CHANCES))
        for day, count in zip(days, counts, strict=True)
    ])  # fmt: skip
    place = np.repeat(np.arange(len(days)), counts)
    family = _family(world.catalogue, raw[:, 0])
    begins = np.array([midnight(day, world.profile.zone) for day in days])
    received = begins[place] + np.where(
        family == 0, *(second_of_day(raw[:, COLUMNS.index("hour")], name) for name in FAMILIES)
    )
    order = np.lexsort((np.arange(len(raw)), received))
    raw, family, received, place = raw[order], family[order], received[order], place[order]
    chance = {name: raw[:, at] for at, name in enumerate(COLUMNS)}
    running = np.arange(len(raw)) - (np.cumsum(counts) - counts)[place] + 1
    month = np.array([day.month - 1 for day in days])[place]
    leaf = _leaf(world.catalogue, family, month, chance["leaf"])
    spot = world.plan.draw(
        leaf, np.column_stack([chance[x] for x in ("hot", "background", "stretch", "inside")])
    )
    leaf, spot, burst = _bursts(
        world, days, place, family=family, leaf=leaf, spot=spot, chance=chance["repeat"]
    )
    located = np.searchsorted(LOCATED, chance["located"], side="right")
    located = np.where(burst & (located != GIVEN), ADDRESS_ONLY, located)
    hours, priority = (world.catalogue.column(name)[leaf] for name in ("hours", "priority"))
    unit = _unit(world, leaf, spot, chance["unit"], chance["passed_on"])
    lives = live(
        received, family=family, hours=hours, priority=priority, office=world.office,
        late_share=_late_shares(world)[unit],
        zone_offset_s=_offset_s(world, days[0]), chance=raw[:, len(COLUMNS):],
    )  # fmt: skip
    return Batch(
        received, np.array(days, "datetime64[D]")[place], running, family, leaf,
        _source(world.catalogue, family, chance["source"]), spot, located,
        unit, _caller(family, chance),
        lives, chance,
    )  # fmt: skip


def days_between(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def _offset_s(world: World, day: date) -> int:
    return -(midnight(day, world.profile.zone) % 86_400) % 86_400


def _family(catalogue: Catalogue, chance: Floats) -> Ints:
    a_month = catalogue.column("a_month")
    share = a_month[catalogue.column("family") == 0].sum() / a_month.sum()
    return np.asarray(chance >= share, np.int64)


def _leaf(catalogue: Catalogue, family: Ints, month: Ints, chance: Floats) -> Ints:
    a_month, families = catalogue.column("a_month"), catalogue.column("family")
    leaf = np.empty(len(family), np.int64)
    for at, season in product(range(len(FAMILIES)), np.unique(month)):
        rows = np.flatnonzero(families == at)
        edges = np.cumsum(a_month[rows] * catalogue.seasons[rows, season])
        pick = (family == at) & (month == season)
        leaf[pick] = rows[
            np.minimum(np.searchsorted(edges, chance[pick] * edges[-1], side="right"), len(rows) - 1)
        ]
    return leaf


def _source(catalogue: Catalogue, family: Ints, chance: Floats) -> Ints:
    source = np.empty(len(family), np.int64)
    for at in range(len(FAMILIES)):
        rows = np.array([row for row, s in enumerate(catalogue.sources) if s.family == at])
        edges = np.cumsum([catalogue.sources[row].share for row in rows])
        pick = family == at
        source[pick] = rows[
            np.minimum(np.searchsorted(edges, chance[pick] * edges[-1], side="right"), len(rows) - 1)
        ]
    return source


def _unit(world: World, leaf: Ints, spot: Ints, chance: Floats, passed_on: Floats) -> Ints:
    """The sub-district, or the department, or a company that works for it."""
    catalogue, ids = world.catalogue, world.catalogue.unit_ids
    streets = np.array([ids[f"street_{code}"] for code in world.subdistrict_codes])
    unit = streets[world.spots.subdistrict[spot]]
    office = chance >= catalogue.column("street")[leaf]
    for name in {leaf.department for leaf in catalogue.leaves}:
        pick = np.flatnonzero(office & (catalogue.column("department")[leaf] == name))
        unit[pick] = ids[name]
        also = catalogue.units[ids[name] - 1].also
        edges = np.cumsum(list(also.values()))
        at = np.searchsorted(edges, passed_on[pick], side="right")
        others = np.array([*(ids[key] for key in also), ids[name]])
        unit[pick] = others[at]
    return unit


def _late_shares(world: World) -> Floats:
    """By unit id: the share of its tickets that it closes too late; some are three times as slow as others."""
    slow = generator(world.seed, 12).gamma(2.5, 0.4, len(world.catalogue.units) + 1)
    return np.asarray(LATE * slow)


def _caller(family: Ints, chance: dict[str, Floats]) -> Ints:
    """A few call often: the share falls with the square; staff who report have no caller."""
    known = (family == 0) & (chance["has_caller"] < CALLS / 0.66)
    return np.where(known, (CALLERS * chance["caller"] ** 2.2).astype(np.int64), -1)


def _bursts(
    world: World, days: Sequence[date], place: Ints, *, family: Ints, leaf: Ints, spot: Ints, chance: Floats
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Repeated demand: some requests are the same matter at the same spot for days on end."""
    leaf, spot, burst = leaf.copy(), spot.copy(), (family == 0) & (chance < IN_BURST / 0.65)
    for at, day in enumerate(days):
        rows = np.flatnonzero(burst & (place == at))
        found = _active_bursts(world, day)
        if not len(found) or not len(rows):
            burst[rows] = False
            continue
        pick = found[np.minimum((chance[rows] / (IN_BURST / 0.65) * len(found)).astype(int), len(found) - 1)]
        leaf[rows], spot[rows] = pick[:, 0], pick[:, 1]
    return leaf, spot, burst


def _active_bursts(world: World, day: date) -> Ints:
    """Leaf and spot of the repeated demands that go on on a day."""
    found = []
    for month in {day.replace(day=1), (day - timedelta(days=9)).replace(day=1)}:
        rng = generator(world.seed, 6, month.toordinal())
        begin = rng.integers(0, 30, BURSTS_A_MONTH)
        length = rng.integers(3, 9, BURSTS_A_MONTH)
        leaves = np.flatnonzero(world.catalogue.column("family") == 0)
        weight = world.catalogue.column("a_month")[leaves]
        leaf = leaves[rng.choice(len(leaves), BURSTS_A_MONTH, p=weight / weight.sum())]
        spot = world.plan.draw(leaf, rng.random((BURSTS_A_MONTH, 4)))
        since = (day - month).days - begin
        on = (since >= 0) & (since < length)
        found.append(np.column_stack([leaf[on], spot[on]]))
    return np.concatenate(found)
