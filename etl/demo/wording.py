"""Chinese titles, addresses and descriptions, put together from a small stock of phrases and the names around a spot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.demo.catalogue import FAMILIES, MANNERS, THEMES, read
from etl.demo.lives import AT, STEPS, Cut
from etl.demo.spots import NONE
from etl.demo.streets import Ints
from etl.demo.tickets import ADDRESS_ONLY, DEFAULT_POINT, NOTHING, Batch, World
from geodata.commands.copy_binary import Part, Text, Vocabulary, text, vocabulary

MAX_BUILDING = 60
DOOR, SIDE, CROSSING, ESTATE, BUILDING, PLACE, LANE, ROAD = range(8)


@dataclass(frozen=True)
class Where:
    """An address per ticket as parts: area before it, name, number, what follows; and which names its sub-district."""

    prefix: Part
    core: tuple[Part, Part, Part]
    tells_subdistrict: NDArray[np.bool_]


class Words:
    """All vocabularies, made once for a world."""

    def __init__(self, world: World) -> None:
        self.stock = read("phrases")
        self.world = world
        self.names = vocabulary([*world.spots.names, ""])  # the last entry stands for −1
        highest = max(int(world.plan.doors.max()), MAX_BUILDING)
        self.numbers = vocabulary(["", *(str(number) for number in range(1, highest + 1))])

    @cached_property
    def prefixes(self) -> Vocabulary:
        """Nothing, the district, or the sub-district alone and within the district."""
        streets = [u.name for u in self.world.catalogue.units if u.kind == "subdistrict"]
        district = self.world.profile.title.zh
        return vocabulary(
            ["", district, f"苏州市{district}", *streets, *(f"{district}{name}" for name in streets)]
        )

    @cached_property
    def tails(self) -> tuple[Vocabulary, Ints, Ints]:
        """Endings by style, with where each style's begin and how many there are."""
        told = self.stock["tail"]
        by_style = [
            told["door"], told["door_side"], told["crossing"], told["estate"], ["幢"], told["place"],
            [*told["place"], ""], told["road"],
        ]  # fmt: skip
        sizes = np.array([len(words) for words in by_style])
        return vocabulary([word for words in by_style for word in words]), np.cumsum(sizes) - sizes, sizes

    @cached_property
    def category_names(self) -> Vocabulary:
        """Names of the leaves."""
        return vocabulary([leaf.name for leaf in self.world.catalogue.leaves])

    @cached_property
    def situations(self) -> tuple[Vocabulary, Ints, Ints]:
        """What is the matter, by leaf."""
        by_leaf = [
            [_part(phrase, leaf.name) for phrase in self.stock["situation"][MANNERS[leaf.manner]]]
            for leaf in self.world.catalogue.leaves
        ]
        return _stacked(by_leaf)

    def by_family(self, key: str) -> tuple[Vocabulary, Ints, Ints]:
        """Phrases of a kind, by family."""
        return _stacked([self.stock[key][name] for name in FAMILIES])

    @cached_property
    def openings(self) -> tuple[Vocabulary, Ints, Ints]:
        """How a description begins."""
        return self.by_family("opening")

    @cached_property
    def requests(self) -> tuple[Vocabulary, Ints, Ints]:
        """What is asked for."""
        return self.by_family("request")

    @cached_property
    def impacts(self) -> tuple[Vocabulary, Ints, Ints]:
        """Whom it troubles, by theme; last, what is said of a matter that troubles no place."""
        return _stacked([self.stock["impact"][name] for name in (*THEMES, "matter")])

    @cached_property
    def outcomes(self) -> tuple[Vocabulary, Ints, Ints]:
        """How it ended: by manner, then online and merged."""
        return _stacked([self.stock["outcome"][name] for name in (*MANNERS, "online", "merged")])

    @cached_property
    def notes(self) -> tuple[Vocabulary, Ints, Ints]:
        """Words beside the rarer steps, by step."""
        return _stacked([self.stock["note"].get(name, [""]) for name in STEPS])


def where(words: Words, batch: Batch) -> Where:
    """How each ticket tells its place."""
    spots, chance = words.world.spots, batch.chance
    spot = batch.spot
    door = words.world.plan.doors[spot]
    style = _style(words, batch)
    name = np.select(
        [style == CROSSING, (style == ESTATE) | (style == BUILDING), style == PLACE, style == LANE],
        [spots.crossing[spot], spots.estate[spot], spots.place[spot], spots.lane[spot]], spots.name[spot],
    )  # fmt: skip
    building = 1 + (chance["block"] * np.minimum(MAX_BUILDING, 8 + spot % 40)).astype(np.int64)
    number = np.select([style <= SIDE, style == BUILDING], [door, building], 0)
    number = np.where((style == LANE) & (chance["block"] < 0.4), door, number)
    vocabulary_, first, sizes = words.tails
    at = first[style] + (chance["tail"] * sizes[style]).astype(np.int64)
    at = np.where(style == SIDE, first[SIDE] + spots.side[spot], at)
    at = np.where((style == LANE) & (number > 0), first[DOOR] + 1, at)
    tells = chance["prefix"] < np.where(batch.located == ADDRESS_ONLY, 0.5, 0.42)
    within = 3 + spots.subdistrict[spot] + (chance["prefix"] < 0.12) * _subdistricts(words)
    plain = np.where(chance["prefix"] < 0.62, 1, np.where(chance["prefix"] < 0.68, 2, 0))
    return Where(
        Part(words.prefixes, np.where(tells, within, plain)),
        (Part(words.names, name), Part(words.numbers, number), Part(vocabulary_, at)),
        tells,
    )  # fmt: skip


def _style(words: Words, batch: Batch) -> Ints:
    """Which way of telling the place: at random among those that the spot allows."""
    spots, spot, u = words.world.spots, batch.spot, batch.chance["style"]
    door = words.world.plan.doors[spot] > 0
    at_estate = (spots.estate[spot] != NONE) & (batch.chance["kind"] < 0.75)
    away = (spots.name[spot] == spots.estate[spot]) | (
        spots.name[spot] == spots.place[spot]
    )  # no street near
    other = np.where(away, np.where(spots.estate[spot] != NONE, ESTATE, PLACE), ROAD)
    choice: Any = np.select(
        [
            (spots.crossing[spot] != NONE) & (u < 0.4),
            (spots.lane[spot] != NONE) & (u > 0.75),
            (spots.place[spot] != NONE) & (u > 0.88),
            at_estate & ~door,
            at_estate & (u > 0.55),
            door & (u < 0.42),
            door,
        ],
        [CROSSING, LANE, PLACE, BUILDING, ESTATE, DOOR, SIDE], other,
    )  # fmt: skip
    choice = np.where((choice == SIDE) & (u > 0.52), DOOR, choice)
    return np.where((choice == BUILDING) & (batch.chance["block"] < 0.45), ESTATE, choice)


def address(batch: Batch, place: Where) -> Text:
    """The address as received; missing where nothing was said."""
    silent = (batch.located == NOTHING) | ((batch.located == DEFAULT_POINT) & (batch.chance["tail"] < 0.5))
    return text(place.prefix, *place.core, missing=silent)


def title(words: Words, batch: Batch, place: Where) -> Text:
    """One line: where and what; only what, when the place is unknown."""
    said = [Part(p.words, _blank(p, batch.located >= NOTHING)) for p in place.core]
    return text(*said, Part(words.category_names, batch.leaf))


def description(words: Words, batch: Batch, place: Where) -> Text:
    """Two short sentences."""
    theme, manner = (words.world.catalogue.column(name)[batch.leaf] for name in ("theme", "manner"))
    troubled = np.where(manner == MANNERS.index("matter"), len(THEMES), theme)
    said = [Part(p.words, _blank(p, batch.located >= NOTHING)) for p in place.core]
    chance = batch.chance
    return text(
        _pick(words.openings, batch.family, chance["opening"]), *said,
        _pick(words.situations, batch.leaf, chance["situation"]),
        _pick(words.impacts, troubled, chance["impact"]),
        _pick(words.requests, batch.family, chance["request"]),
    )  # fmt: skip


def outcome(words: Words, batch: Batch, closed: NDArray[np.bool_]) -> Text:
    """How it ended; missing while open."""
    steps = batch.lives.steps
    online, merged = (steps[:, AT[name]] < steps.max() for name in ("resolved_online", "merged"))
    manners = words.world.catalogue.column("manner")[batch.leaf]
    group = np.select([online, merged], [len(MANNERS), len(MANNERS) + 1], manners)
    return text(_pick(words.outcomes, group, batch.chance["outcome"]), missing=~closed)


def notes(words: Words, batch: Batch, past: Cut) -> Text:
    """A word beside the rarer steps; missing beside the ordinary ones."""
    told = np.array([name in words.stock["note"] for name in STEPS])
    return text(_pick(words.notes, past.step, batch.chance["kind"][past.ticket]), missing=~told[past.step])


def _pick(stock: tuple[Vocabulary, Ints, Ints], group: Ints, chance: Any) -> Part:
    words, first, sizes = stock
    return Part(words, first[group] + np.minimum((chance * sizes[group]).astype(np.int64), sizes[group] - 1))


def _part(phrase: str, name: str) -> str:
    """The phrase with the category's name; a name that already says 破损 or the like is not told so twice."""
    told = any(fault in name for fault in ("破损", "断枝", "缺株", "损坏", "塌陷", "脏乱", "异常", "无主"))
    return f"发现{name}" if told and phrase.startswith("{name}") else phrase.format(name=name)


def _stacked(groups: list[list[str]]) -> tuple[Vocabulary, Ints, Ints]:
    sizes = np.array([len(group) for group in groups])
    return vocabulary([word for group in groups for word in group]), np.cumsum(sizes) - sizes, sizes


def _blank(part: Part, silent: NDArray[np.bool_]) -> Ints:
    """Point silent rows to an empty word: the last name, the first number, a tail without text."""
    empty = int(np.flatnonzero(part.words.sizes == 0)[-1])
    return np.where(silent, empty, part.codes)


def _subdistricts(words: Words) -> int:
    return len(words.world.subdistrict_codes)
