"""Addresses to points: each distinct text is read and judged once, however often it stands in a load."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.rules.addresses.ground import Doors, Ground, Spot
from geodata.rules.addresses.judge import MARGIN, Candidate, Judge, Verdict
from geodata.rules.addresses.names import Names
from geodata.rules.addresses.reading import read
from geodata.rules.addresses.segments import Cutter
from geodata.rules.addresses.wording import STOP, plain
from geodata.space import crs
from geodata.types import LocationQuality

KEPT = 500_000
SHOWN = 6
ROLES = ("area", "road", "door", "place", "building")


@dataclass(frozen=True, slots=True)
class Located:
    """An address with its point (degrees, EPSG:4326; None where it has none), and the others it might have been."""

    lon: float | None
    lat: float | None
    quality: LocationQuality
    score: float
    matched: list[dict[str, str]]
    candidates: list[dict[str, Any]]
    why: str

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "lon": self.lon, "lat": self.lat, "quality": self.quality, "score": self.score, "matched": self.matched,
            "candidates": self.candidates, "why": self.why,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class LocatedColumns:
    """A column of addresses located: degrees with NaN, `area` its code where only that is known, else None."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    quality: NDArray[np.object_]
    score: NDArray[np.float64]
    area: NDArray[np.object_]
    why: NDArray[np.object_]


SILENT = Verdict(None, (), "silent")
DOOR = re.compile(r"(\d{1,5})号(?![线口出桥院楼])")


class Door(NamedTuple):
    """A door within the numbers of a street that is clear from the words around the number."""

    doors: Doors
    score: float
    number: int


class Matcher:
    """Knows one district; `own` are names of what it lies in, `foreign` of districts and cities that it is not in."""

    def __init__(
        self,
        ground: Ground,
        srid: int,
        own: frozenset[str] = frozenset(),
        foreign: frozenset[str] = frozenset(),
    ) -> None:
        self.ground, self._srid = ground, srid
        self._own = sorted(map(plain, own), key=len, reverse=True)
        self._foreign = frozenset(map(plain, foreign))
        self._foreign_lengths = sorted({len(name) for name in self._foreign}, reverse=True)
        names = Names(ground.names, frozenset("".join((*own, *foreign))))
        self._cutter = Cutter(names, frozenset(self._own))
        self._judge = Judge(ground)
        self._known: dict[tuple[str, str, int], Verdict] = {}
        self._patterns: dict[tuple[str, str, int], tuple[Doors, float]] = {}

    def verdict(self, address: str, unit: str = "") -> Verdict:
        """What an address means; `unit` is the sub-district office that handles it, where known."""
        return self._judged(self._without_own(plain(address)), self.ground.bits_of(unit) if unit else 0)

    def _judged(self, text: str, bits: int) -> Verdict:
        if any(text[:length] in self._foreign for length in self._foreign_lengths):
            return Verdict(None, (), "elsewhere")
        return self._judge.judge(read(self._cutter, text), bits)

    def _place(self, address: str, bits: int) -> Verdict | Door:
        """A verdict, or a door where the same words with another number were judged before."""
        text = self._without_own(plain(address))
        number = DOOR.search(text)
        if number is None:
            return self._kept((text, "", bits), text)
        head, tail = text[: number.start()], text[number.end() :]
        pattern = (head, "" if self._cutter.only_words(tail) else tail, bits)
        value = int(number[1])
        doors = self._patterns.get(pattern)
        if doors is None:
            verdict = self._judged(text, bits)
            doors = _alone(verdict)
            if doors is None:
                return verdict
            if len(self._patterns) >= KEPT:
                self._patterns.clear()
            self._patterns[pattern] = doors
            return verdict
        return Door(*doors, value) if doors[0].holds(value) else self._judged(text, bits)

    def _kept(self, key: tuple[str, str, int], text: str) -> Verdict:
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            known = self._known[key] = self._judged(text, key[2])
        return known

    def _without_own(self, text: str) -> str:
        """The text without 江苏省苏州市姑苏区 before it; a name that begins so (苏州站) stays whole."""
        while True:
            own = next((name for name in self._own if name and text.startswith(name)), "")
            if not own or any(len(name) > len(own) for name in self._cutter.names_from(text)):
                return text
            text = text[len(own) :].lstrip(STOP)

    def locate(self, address: str, unit: str = "") -> Located:
        """One address with all that is known of it."""
        verdict = self.verdict(address, unit)
        best, shown = verdict.best, [c for c in (verdict.best, *verdict.others) if c][: SHOWN + 1]
        lon, lat = self._degrees([c.spot for c in shown])
        told = [self._candidate(c, x, y) for c, x, y in zip(shown, lon.tolist(), lat.tolist(), strict=True)]
        if best is None:
            return Located(
                None, None, "none", told[0]["score"] if told else 0.0, [], told[:SHOWN], verdict.why
            )
        point = (told[0]["lon"], told[0]["lat"])
        return Located(*point, best.quality, best.score, _parts(best), told[1:], "")

    def _candidate(self, c: Candidate, lon: float, lat: float) -> dict[str, Any]:
        point = (None, None) if c.quality == "area" else (round(lon, 7), round(lat, 7))
        return {
            "name": c.name, "quality": c.quality, "score": c.score, "lon": point[0], "lat": point[1],
            "subdistricts": self.ground.subdistricts_of(c.within),
        }  # fmt: skip

    def locate_all(
        self, addresses: Sequence[str | None], units: Sequence[str | None] | None = None
    ) -> LocatedColumns:
        """A column of addresses, None where there is none."""
        said = units or [None] * len(addresses)
        rows: dict[tuple[str | None, str | None], int] = {}
        at = np.array(
            [rows.setdefault(pair, len(rows)) for pair in zip(addresses, said, strict=True)], np.int64
        )
        bits = {unit: self.ground.bits_of(unit) if unit else 0 for unit in {unit for _, unit in rows}}
        placed = [self._place(text, bits[unit]) if text else SILENT for text, unit in rows]
        spots = np.full((len(placed), 2), np.nan)
        told = [self._told(one, spots, row) for row, one in enumerate(placed)]
        self._doors(placed, spots)
        lon, lat = np.full(len(placed), np.nan), np.full(len(placed), np.nan)
        pointed = np.isfinite(spots[:, 0])
        lon[pointed], lat[pointed] = self._degrees(spots[pointed])
        quality, score, area, why = zip(*told, strict=True) if told else ((), (), (), ())
        return LocatedColumns(
            lon[at], lat[at], np.array(quality, object)[at], np.array(score, float)[at], np.array(area, object)[at],
            np.array(why, object)[at],
        )  # fmt: skip

    def _told(
        self, one: Verdict | Door, spots: NDArray[np.float64], row: int
    ) -> tuple[LocationQuality, float, str | None, str]:
        """Quality, score, area and why not; the point goes into its row."""
        if isinstance(one, Door):
            return "address", one.score, None, ""
        if one.best is None:
            return "none", one.others[0].score if one.others else 0.0, None, one.why
        if one.best.area is not None:
            return "area", one.best.score, self.ground.areas[one.best.area].code, ""
        spots[row] = one.best.spot
        return one.best.quality, one.best.score, None, ""

    def _doors(self, placed: Sequence[Verdict | Door], spots: NDArray[np.float64]) -> None:
        """Points of doors, all of a street at once."""
        by_line: dict[Doors, list[int]] = {}
        for row, one in enumerate(placed):
            if isinstance(one, Door):
                by_line.setdefault(one.doors, []).append(row)
        for doors, rows in by_line.items():
            spots[rows] = doors.spots(np.array([placed[row].number for row in rows], np.int64))  # type: ignore[union-attr]

    def forget(self) -> None:
        """Forget what was judged before, so that a bench measures the work."""
        self._known.clear()
        self._patterns.clear()
        self._cutter.forget()

    def _degrees(
        self, spots: Sequence[Spot] | NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        points = np.array(spots, np.float64).reshape(-1, 2)
        return (
            crs.to_stored(points[:, 0], points[:, 1], f"EPSG:{self._srid}")
            if len(points)
            else (points[:, 0], points[:, 1])
        )


def _parts(best: Candidate) -> list[dict[str, str]]:
    """The parts recognised, in the order of an address; `slip` only where the text was not as it should be."""
    ordered = sorted(best.parts, key=lambda part: ROLES.index(part[0]))
    return [
        {"part": role, "text": text, "name": name} | ({} if slip == "none" else {"slip": slip})
        for role, text, name, slip in ordered
    ]


def _alone(verdict: Verdict) -> tuple[Doors, float] | None:
    """The doors and the score of a verdict that holds for every number of the street: no other came near."""
    best = verdict.best
    if (
        best is None
        or best.doors is None
        or any(other.score > best.score - MARGIN for other in verdict.others)
    ):
        return None
    return best.doors, best.score
