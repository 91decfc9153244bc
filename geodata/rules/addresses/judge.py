"""From what an address says to the point it means: every way to take it, scored; the best, or none when it is not clear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot
from typing import Any, NamedTuple

from geodata.rules.addresses.ground import AREA, PLACE, ROAD, Doors, Ground, Spot, Thing
from geodata.rules.addresses.names import ROAD as ROAD_NAME, TYPE, WRONG_OF_TWO, Match
from geodata.rules.addresses.reading import Named, Reading
from geodata.types import LocationQuality

SURE = 0.6  # below it a text stays without a place
MARGIN = 0.08  # by which the best must lead one that lies elsewhere
SAME_M = 150.0  # candidates nearer to each other than this mean one place
MEET_M, NEAR_ROAD_M, NEAR_PLACE_M = 40.0, 300.0, 500.0
DOOR, CROSSING, PLACE_AT, LANE, ROAD_ONLY, AREA_ONLY = 0.96, 0.95, 0.9, 0.86, 0.8, 0.7
STRETCHED, TOO_FAR = 0.85, 0.5  # a door a little, or far, beyond the last one known
SPOKEN_FOR = 0.75  # what a doubtful name is worth when what stands beside it agrees
AT_ODDS = 0.5  # parts that lie far from each other
ELSEWHERE, OF_UNIT = 0.72, 0.9  # outside the sub-district that is named; that handles it
FOREIGN = re.compile("(?:镇|乡|县|市|省|街道|(?<![小景社校库街厂院园片])区)$")
A_ROAD = re.compile("(?:路|街|巷|弄|坊|浜|大道|胡同)$")


class Candidate(NamedTuple):
    """One way to take an address; `area` is a row of the ground's areas where only that is known."""

    score: float
    quality: LocationQuality
    name: str
    spot: Spot
    within: int
    parts: tuple[tuple[str, str, str, str], ...]  # role, as written, as known, slip
    area: int | None = None
    doors: Doors | None = None  # whose door it is, for one that lies within their numbers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an address: the best way to take it when it is clear, and the others; `why` says why not."""

    best: Candidate | None
    others: tuple[Candidate, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a name in the text may stand for."""

    named: Named
    match: Match
    thing: Thing

    @property
    def factor(self) -> float:
        """How far the name can be believed, with what stands around it."""
        return self.match.factor * _around(self.named)

    def part(self, role: str) -> tuple[str, str, str, str]:
        """The part of the address that it explains."""
        return role, self.named.piece.text, self.thing.name.zh, self.match.slip


@dataclass(slots=True)
class Judge:
    """Weighs the ways to take readings against one ground; `unit` bits are the sub-district of whoever handles it."""

    ground: Ground

    def judge(self, reading: Reading, unit: int = 0) -> Verdict:
        """The verdict on a reading."""
        if any(FOREIGN.search(named.before) for named in reading.names):
            return Verdict(None, (), "elsewhere")
        said, parts = self._subdistrict(reading)
        found: dict[tuple[Any, ...], Candidate] = {}
        for candidate in self._candidates(reading, said):
            held = self._held(candidate, said, unit, parts)
            key = (held.quality, held.name, round(held.spot.x), round(held.spot.y))
            if key not in found or found[key].score < held.score:
                found[key] = held
        ranked = tuple(sorted(found.values(), key=lambda c: (-c.score, c.name, c.spot)))
        return _verdict(ranked)

    def _subdistrict(self, reading: Reading) -> tuple[int, tuple[tuple[str, str, str, str], ...]]:
        """The sub-districts that an area named before anything else says, and the part that says so."""
        bits, parts = 0, []
        if len(reading.names) > 1:
            for named in reading.names:
                areas = [option for option in self._of(named) if option.thing.kind == AREA]
                if areas and (len(areas) == len(self._of(named)) or named is reading.names[0]):
                    bits |= areas[0].thing.within
                    parts.append(areas[0].part("area"))
        return bits, tuple(parts)

    def _held(
        self, c: Candidate, said: int, unit: int, parts: tuple[tuple[str, str, str, str], ...]
    ) -> Candidate:
        """Hold a candidate against the sub-district that is named and the one whose unit handles it."""
        score = c.score
        if said and c.within and not c.within & said:
            score *= ELSEWHERE
        if unit and c.within and not c.within & unit:
            score *= OF_UNIT
        told = tuple(part for part in parts if part not in c.parts) if not said or c.within & said else ()
        return c._replace(score=round(min(score, 1.0), 3), parts=(*told, *c.parts))

    def _of(self, named: Named) -> list[Option]:
        return [
            Option(named, match, thing)
            for match in named.piece.matches
            for thing in self.ground.things[match.name]
        ]

    def _candidates(self, reading: Reading, said: int) -> Iterator[Candidate]:
        roads = [[o for o in self._of(named) if o.thing.kind == ROAD] for named in reading.names]
        places = [[o for o in self._of(named) if o.thing.kind == PLACE] for named in reading.names]
        areas = [[o for o in self._of(named) if o.thing.kind == AREA] for named in reading.names]
        at = next((i for i, named in enumerate(reading.names) if named.door is not None and roads[i]), None)
        if at is not None:
            yield from self._doors(roads[at], [o for options in roads[:at] for o in options], said)
            return
        known = [i for i, options in enumerate(roads) if options]
        if len(known) > 1 and (reading.crossing or not places[known[1]]):
            yield from self._two_roads(roads[known[0]], roads[known[1]], crossing=reading.crossing)
            return
        yield from self._single(roads, places, areas, said, reading)

    def _doors(self, roads: list[Option], before: list[Option], said: int) -> Iterator[Candidate]:
        """A door on each road of the name, in the light of a road named before it."""
        for road in roads:
            number = road.named.door
            doors = self.ground.streets[road.thing.row].door(number) if number is not None else None
            factor = self._beside(road, before, said)
            parts = (road.part("road"), ("door", f"{number}号", f"{number}号", "none"))
            if road.named.gap:
                factor *= AT_ODDS  # the door is of something between that nobody knows
            if doors is None or number is None:
                yield self._road(road, factor, said)
                continue
            beyond = doors.beyond(number)
            span = doors.known[-1][0]
            if beyond > max(20, span // 10):
                yield self._road(road, factor * TOO_FAR, said)
                continue
            quality: LocationQuality = "address"
            score = DOOR * factor * (STRETCHED if beyond else 1.0)
            name = f"{road.thing.name.zh}{number}号"
            known = None if beyond else doors
            yield Candidate(score, quality, name, doors.spot(number), road.thing.within, parts, doors=known)

    def _beside(self, road: Option, before: list[Option], said: int) -> float:
        """How far a road is believed when another road, or its sub-district, is named before it."""
        if before:
            apart = min(self.ground.meeting(road.thing.row, other.thing.row)[0] if other.thing.row != road.thing.row else 0.0
                        for other in before)  # fmt: skip
            if apart > NEAR_ROAD_M:
                return road.factor * AT_ODDS
            return _lifted(road)
        return _lifted(road) if said & road.thing.within else road.factor

    def _two_roads(self, first: list[Option], second: list[Option], *, crossing: bool) -> Iterator[Candidate]:
        """Two roads: where they meet, or a lane off a street."""
        for one in first:
            for other in second:
                if one.thing.row == other.thing.row or (
                    one.match.factor <= WRONG_OF_TWO and other.match.factor <= WRONG_OF_TWO
                ):
                    continue
                apart, spot = self.ground.meeting(one.thing.row, other.thing.row)
                within = one.thing.within & other.thing.within
                parts = (one.part("road"), other.part("road"))
                lane = self.ground.streets[other.thing.row].small and not crossing
                if lane and apart <= NEAR_ROAD_M:
                    middle = other.thing.middle
                    yield Candidate(
                        LANE * _lifted(one) * _lifted(other),
                        "road",
                        other.thing.name.zh,
                        middle,
                        other.thing.within,
                        parts,
                    )
                elif apart <= MEET_M:
                    name = f"{one.thing.name.zh}与{other.thing.name.zh}交叉口"
                    yield Candidate(
                        CROSSING * _lifted(one) * _lifted(other), "address", name, spot, within, parts
                    )
                else:
                    for road in (one, other):
                        yield self._road(road, road.factor * AT_ODDS, 0)

    def _single(
        self,
        roads: list[list[Option]],
        places: list[list[Option]],
        areas: list[list[Option]],
        said: int,
        reading: Reading,
    ) -> Iterator[Candidate]:
        """A place, with or without its road; else a road; else an area."""
        road = next((options for options in roads if options), [])
        for at, options in enumerate(places):
            if roads[at] and roads[at] is road and ROAD_NAME.search(reading.names[at].piece.text):
                continue  # 观前街 is the street, though a landmark bears its name
            if at == 0 and areas[at] and len(reading.names) > 1:
                continue  # 双塔 before another name is the sub-district
            for place in options:
                yield self._place(place, [o for o in road if road is not roads[at]], said)
        for option in road:
            factor = _lifted(option) if said & option.thing.within else option.factor
            # A crossing of which only one road is known is somewhere on that road, nobody knows where.
            yield self._road(option, factor * (AT_ODDS if reading.crossing else 1.0), said)
        if not road and not any(places):
            yield from self._areas(areas)

    def _place(self, place: Option, roads: list[Option], said: int) -> Candidate:
        parts = [place.part("place")]
        if place.named.building:
            parts.append(("building", place.named.building, place.named.building, "none"))
        factor = place.factor * (AT_ODDS if place.named.gap else 1.0)
        near = [
            road for road in roads if self.ground.apart(road.thing.row, place.thing.middle) <= NEAR_PLACE_M
        ]
        if near:
            factor, parts = (
                _lifted(place) * max(road.factor for road in near) ** 0.5,
                [near[0].part("road"), *parts],
            )
        elif roads:
            factor *= AT_ODDS
        elif said & place.thing.within:
            factor = _lifted(place)
        return Candidate(
            PLACE_AT * factor,
            "landmark",
            place.thing.name.zh,
            place.thing.middle,
            place.thing.within,
            tuple(parts),
        )

    def _areas(self, areas: list[list[Option]]) -> Iterator[Candidate]:
        deepest = max(
            (o for options in areas for o in options),
            default=None,
            key=lambda o: self.ground.areas[o.thing.row].depth,
        )
        for options in areas:
            for option in options:
                less = (
                    1.0
                    if deepest
                    and self.ground.areas[option.thing.row].depth
                    == self.ground.areas[deepest.thing.row].depth
                    else 0.8
                )
                yield Candidate(AREA_ONLY * option.factor * less / 0.9, "area", option.thing.name.zh, option.thing.middle,
                                option.thing.within, (option.part("area"),), option.thing.row)  # fmt: skip

    def _road(self, road: Option, factor: float, said: int) -> Candidate:
        spot = (
            self.ground.middle_within(road.thing.row, said) if said & road.thing.within else road.thing.middle
        )
        return Candidate(
            ROAD_ONLY * factor, "road", road.thing.name.zh, spot, road.thing.within, (road.part("road"),)
        )


def _verdict(ranked: tuple[Candidate, ...]) -> Verdict:
    if not ranked:
        return Verdict(None, (), "nothing_known")
    best = ranked[0]
    if best.score < SURE:
        return Verdict(None, ranked, "unsure")
    rival = next((c for c in ranked[1:] if _away(c, best) > SAME_M), None)
    if rival and best.score - rival.score < MARGIN:
        return Verdict(None, ranked, "ambiguous")
    return Verdict(best, ranked[1:])


def _away(one: Candidate, other: Candidate) -> float:
    return hypot(one.spot.x - other.spot.x, one.spot.y - other.spot.y)


def _lifted(option: Option) -> float:
    """A doubtful name that its neighbour speaks for."""
    return max(option.match.factor, SPOKEN_FOR) * _around(option.named)


def _around(named: Named) -> float:
    """What unknown text directly around a name takes from it."""
    factor = 1.0
    if named.before:
        factor *= 0.6 if len(named.before) == 1 else 0.5
    if named.after:
        text = named.piece.text
        if A_ROAD.search(named.after):
            factor *= 0.6  # a lane that nobody knows
        elif ROAD_NAME.search(text) or (TYPE.search(text) and not TYPE.search(named.after)):
            factor *= 0.92
        elif TYPE.search(named.after):
            factor *= 0.4  # 枫桥 of 枫桥某某花园 is another thing
        else:
            factor *= 0.8
    return factor
