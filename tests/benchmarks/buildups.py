"""Crowds made up from a seed, and what the shipped rules say of them tick by tick.

A story is the true density of a place over time. What a feed tells of it is a tick a minute with ±10 % of noise on the
whole place (in one piece, so that nothing averages out) and ticks that never come. The rules see only the ticks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geodata.rules import levels, rise
from geodata.rules.defaults import DEFAULTS
from geodata.rules.fruin import Mode, limits_of_place
from geodata.rules.levels import Holding, Limits, Watch, rank
from geodata.rules.rise import RiseNumbers, RiseWatch

Shape = Literal["linear", "accelerating", "exponential", "s_curve", "two_waves"]
SHAPES: tuple[Shape, ...] = ("linear", "accelerating", "exponential", "s_curve", "two_waves")
NOISE = 0.10
TICK_MIN = 1.0
LATENCY_MIN = 0.2  # a tick is judged twelve seconds after its moment
WARNING = rank("warning")
START = datetime(2026, 3, 2, tzinfo=UTC)
DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class SimPlace:
    """A place of some size and mode; `rhythm` names the hours at which it is busy."""

    name: str
    mode: Mode
    walkable_m2: float
    capacity_people: float
    peaks_h: tuple[float, ...]

    @property
    def limits(self) -> Limits:
        """Its limits as the product would set them."""
        return limits_of_place(self.mode, self.capacity_people, self.walkable_m2)


PLACES = (
    SimPlace("shopping street", "walking", 38_000, 60_000, (15.0, 19.5)),
    SimPlace("lane by the canal", "walking", 9_000, 12_000, (11.0, 15.5)),
    SimPlace("old street", "walking", 21_000, 36_000, (14.0, 19.0)),
    SimPlace("small square", "walking", 4_500, 12_000, (18.5,)),
    SimPlace("narrow lane", "walking", 1_600, 2_000, (14.0,)),
    SimPlace("garden", "walking", 16_000, 14_000, (10.5, 14.5)),
    SimPlace("temple gate", "queue", 2_800, 12_000, (9.5, 15.0)),
    SimPlace("garden entrance", "queue", 1_500, 4_500, (9.5, 13.0)),
    SimPlace("station forecourt", "queue", 14_000, 42_000, (8.5, 18.0)),
    SimPlace("boat landing", "queue", 900, 2_200, (15.5, 19.5)),
    SimPlace("market", "walking", 6_500, 9_000, (8.0, 17.5)),
    SimPlace("festival ground", "queue", 26_000, 95_000, (20.0,)),
)


@dataclass(slots=True)
class Desk:
    """The rules of one place as the product runs them: density and rise, each with its own state."""

    limits: Limits
    density: Watch
    rising: RiseWatch
    holding: Holding
    rise_holding: Holding
    numbers: RiseNumbers

    @classmethod
    def of(cls, place: SimPlace, rise_told: dict[str, float] | None = None) -> Desk:
        """Fresh, with the shipped numbers (or others for the rise, when tuning)."""
        told = DEFAULTS["crowd_rise", "*"] | (rise_told or {})
        own = DEFAULTS["crowd_density", place.mode]
        return cls(
            place.limits, Watch(), RiseWatch(), Holding.from_dict(own), Holding.from_dict(told), RiseNumbers.from_dict(told)
        )  # fmt: skip

    def judge(self, density: float, at: datetime) -> tuple[bool, bool]:
        """Whether density and rise each stand at warning or above after this tick."""
        self.density, _ = levels.step(self.density, density, at, self.limits, self.holding)
        self.rising, _, _ = rise.step(
            self.rising, density, at, limits=self.limits, numbers=self.numbers, holding=self.rise_holding
        )
        return rank(self.density.level) >= WARNING, rank(self.rising.watch.level) >= WARNING


@dataclass(frozen=True, slots=True)
class BuildUp:
    """One growth to danger: what is true by minute, and the minute at which danger is truly reached."""

    place: SimPlace
    shape: Shape
    minutes: float
    base_share: float
    truth: Callable[[float], float]
    danger_min: float


def build_ups(seed: int, count: int) -> Iterator[BuildUp]:
    """So many growths from the usual to danger within 15–60 minutes, after 20 minutes at the usual level."""
    rng = np.random.default_rng(seed)
    for at in range(count):
        place, shape = PLACES[at % len(PLACES)], SHAPES[(at // len(PLACES)) % len(SHAPES)]
        limits = place.limits
        danger, warning = _set(limits.danger), _set(limits.warning)
        minutes = float(rng.uniform(15, 60))
        base = float(rng.uniform(0.25, 0.85)) * warning / danger
        grown, wave, phase = (
            _grown(shape, base, rng),
            float(rng.uniform(0, 0.03)),
            float(rng.uniform(0, 6.28)),
        )
        period = float(rng.uniform(7, 20))

        def truth(
            t: float, *, grown=grown, wave=wave, phase=phase, period=period, minutes=minutes, danger=danger
        ) -> float:
            swing = 1.0 + wave * np.sin(t / period * 2 * np.pi + phase)
            return danger * grown(max(t - 20.0, 0.0) / minutes) * swing

        moments = np.arange(0.0, 20.0 + minutes * 1.3, 0.05)
        reached = next(t for t in moments.tolist() if truth(t) >= danger)
        yield BuildUp(place, shape, minutes, base, truth, reached)


def _grown(shape: Shape, base: float, rng: np.random.Generator) -> Callable[[float], float]:
    """Share of the danger density over the share of the time; 1 at 1, and on from there."""
    power, knee = float(rng.uniform(1.5, 2.2)), float(rng.uniform(0.40, 0.60))
    curves: dict[Shape, Callable[[float], float]] = {
        "linear": lambda x: x,
        "accelerating": lambda x: x**power,
        "exponential": lambda x: (base ** (1 - x) - base) / (1 - base),
        # Steepest in the middle; full only after danger, as a crowd that goes on coming does.
        "s_curve": lambda x: (
            (3 * (x / 1.2) ** 2 - 2 * (x / 1.2) ** 3) / (3 / 1.2**2 - 2 / 1.2**3) if x <= 1.2 else 1.09
        ),
        # Half the way, a pause of a fifth of the time, and the other half.
        "two_waves": lambda x: (
            0.5 * min(x / knee, 1.0) if x < knee + 0.2 else 0.5 + 0.5 * (x - knee - 0.2) / (0.8 - knee)
        ),
    }
    return lambda x: base + (1 - base) * curves[shape](x)


def ticks(
    truth: Callable[[float], float], until_min: float, rng: np.random.Generator
) -> Iterator[tuple[float, float]]:
    """What the feed tells: minute and noisy density; one in ten never comes, and in one of four 2–4 in a row do not."""
    gap_at = float(rng.uniform(5, until_min)) if rng.random() < 0.25 else np.inf
    gap_to = gap_at + float(rng.integers(2, 5))
    for t in np.arange(float(rng.uniform(0, 1)), until_min, TICK_MIN).tolist():
        noisy = truth(t) * float(rng.uniform(1 - NOISE, 1 + NOISE))
        if rng.random() >= 0.10 and not gap_at <= t < gap_to:
            yield t, noisy


@dataclass(frozen=True, slots=True)
class Lead:
    """Minutes between warning and true danger; negative when it came after, -inf when never."""

    build_up: BuildUp
    by_density: float
    by_rise: float

    @property
    def either(self) -> float:
        """The earlier of the two."""
        return max(self.by_density, self.by_rise)


def play(build_up: BuildUp, seed: int, rise_told: dict[str, float] | None = None) -> Lead:
    """Play a build-up through the rules."""
    desk, rng = Desk.of(build_up.place, rise_told), np.random.default_rng(seed)
    first = [-np.inf, -np.inf]
    for t, density in ticks(build_up.truth, build_up.danger_min, rng):
        for which, warned in enumerate(desk.judge(density, START + timedelta(minutes=t))):
            if warned and np.isinf(first[which]):
                first[which] = build_up.danger_min - t - LATENCY_MIN
    return Lead(build_up, first[0], first[1])


def quiet_days(
    place: SimPlace, days: int, rng: np.random.Generator, busiest: tuple[float, float] = (0.30, 0.65)
) -> NDArray[np.float64]:
    """True density by minute over so many ordinary days, as nobody would want to be called for.

    The weekday's peak is 30–65 % of the place's warning limit and the weekend's 15–35 % more; every day is a few percent
    off, the crowd drifts slowly (±4 %, a quarter of an hour), and two or three times a day a group of 8–20 % comes for
    8–20 minutes.
    """
    peak, weekend = rng.uniform(*busiest) * _set(place.limits.warning), rng.uniform(1.15, 1.35)
    hour = np.arange(DAY_MIN) / 60.0
    bumps = [np.exp(-(((hour - h) / 2.2) ** 2)) * rng.uniform(0.85, 1.0) for h in place.peaks_h]
    rhythm = 0.05 + 0.95 * np.max(bumps, axis=0)
    whole = [
        rhythm * peak * (weekend if (START + timedelta(days=d)).weekday() >= 5 else 1.0) * rng.lognormal(0, 0.06) * _groups(rng)
        for d in range(days)
    ]  # fmt: skip
    return np.asarray(np.concatenate(whole) * _drift(days * DAY_MIN, rng), np.float64)


def _groups(rng: np.random.Generator) -> NDArray[np.float64]:
    minute, more = np.arange(DAY_MIN), np.ones(DAY_MIN)
    for _ in range(int(rng.poisson(2.5))):
        begin, lasts, size = rng.uniform(8, 21) * 60, rng.uniform(8, 20), rng.uniform(0.08, 0.20)
        more += size * np.clip(np.minimum((minute - begin) / 3, (begin + lasts - minute) / 3), 0, 1)
    return more


def _drift(minutes: int, rng: np.random.Generator) -> NDArray[np.float64]:
    keep = np.exp(-1 / 15)
    pushes = rng.normal(0, 0.04 * np.sqrt(1 - keep**2), minutes)
    out = np.empty(minutes)
    stands = 0.0
    for at in range(minutes):
        stands = out[at] = keep * stands + pushes[at]
    return 1.0 + out


def false_alarms(
    place: SimPlace,
    days: int,
    seed: int,
    rise_told: dict[str, float] | None = None,
    busiest: tuple[float, float] = (0.30, 0.65),
) -> tuple[int, int]:
    """How often density and rise each went to warning or above on quiet days of a place."""
    rng, desk = np.random.default_rng(seed), Desk.of(place, rise_told)
    truth, was, raised = quiet_days(place, days, rng, busiest), [False, False], [0, 0]
    told = truth * rng.uniform(1 - NOISE, 1 + NOISE, len(truth))
    missing = rng.random(len(truth)) < 0.03
    for _ in range(int(rng.poisson(0.3 * days))):
        gap = int(rng.integers(0, len(truth)))
        missing[gap : gap + int(rng.integers(5, 30))] = True
    for at in np.flatnonzero(~missing).tolist():
        for which, warned in enumerate(desk.judge(float(told[at]), START + timedelta(minutes=at))):
            raised[which] += warned and not was[which]
            was[which] = warned
    return raised[0], raised[1]


def _set(limit: float | None) -> float:
    if limit is None:
        raise ValueError("a place of the simulation lacks a limit")
    return limit
