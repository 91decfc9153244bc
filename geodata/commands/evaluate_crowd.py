"""Crowd ticks 人群聚集 judged: density and rise of every listed place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
from sqlalchemy import text

from geodata.commands.crowd_memory import CrowdMemory, PlaceFacts, Rules, Series, walkable_m2
from geodata.commands.crowd_together import Spoken, write_both
from geodata.commands.desk import Desk, Last, differ
from geodata.commands.evaluate_crowd_elsewhere import judge_elsewhere
from geodata.commands.finding import Finding
from geodata.commands.intake import Taken
from geodata.queries.thresholds import limits_and_holding
from geodata.rules import crowd, levels, rise
from geodata.rules.crowd import PlaceDensity
from geodata.rules.fruin import bounded
from geodata.rules.levels import Watch
from geodata.rules.rise import Rise, RiseNumbers, RiseWatch
from geodata.space.crowd_ground import Ground, outline

DENSITY, RISE = "crowd_density", "crowd_rise"
UNIT = "persons/m²"


@dataclass(frozen=True, slots=True)
class PlaceTick:
    """One place at one tick, with all that judging it needs."""

    desk: Desk
    taken: Taken
    at: datetime
    place: PlaceFacts
    found: PlaceDensity
    rules: Rules
    series: Series
    shape: crowd.Crowd | None

    @property
    def drill(self) -> int:
        """The drill it is played in; 0 for true."""
        return self.taken.drill_id or 0

    def finding(self, rule: str, watch: Watch, before: Watch, **more: Any) -> Finding:
        """What an alert of it tells whatever the rule; the position is that of its densest cell."""
        lat, lon = h3.cell_to_latlng(self.found.peak_cell)
        place = self.place
        return Finding(
            cause=f"{rule}:{place.code}", rule=rule, level=watch.level or before.level or "notice",
            subject_kind="place", subject_key=place.code, subject_name=place.name, subject_name_en=place.name_en,
            kind=place.kind, area_id=place.area_id, area_code=place.area_code, lon=lon, lat=lat,
            outline_wkb=None if self.shape is None else shapely.to_wkb(outline(self.shape.cells)),
            observed_at=self.at, accepted_at=self.taken.accepted_at, drill_id=self.taken.drill_id, **more,
        )  # fmt: skip


def judge_crowd(desk: Desk, memory: CrowdMemory, taken: Taken) -> None:
    """Judge the ticks of one batch, oldest first."""
    rows = desk.c.execute(
        text("""select at, grid_id, people from crowd_ticks
                where feed_id = :feed and at = any(cast(:ats as timestamptz[])) order by at"""),
        {"feed": taken.feed.id, "ats": taken.moments()},
    ).all()
    for at, grid_id, people in rows:
        judge_tick(desk, memory, taken, at, grid_id=grid_id, people=np.frombuffer(bytes(people), "<f4"))
    if rows and not taken.drill_id:
        desk.outbox.touch("crowd", taken.feed.key)


def judge_tick(
    desk: Desk, memory: CrowdMemory, taken: Taken, at: datetime, *, grid_id: int, people: crowd.People
) -> None:
    """One tick: from its array to series, watches and alerts."""
    ground = memory.ground(desk.c, grid_id)
    rules = _rules(desk, memory, grid_id, ground)
    elsewhere = limits_and_holding(desk.thresholds.numbers(DENSITY))
    judged = crowd.judge(ground, people, [limits for limits, _ in rules], elsewhere[0])
    shapes = {found.place: found for found in reversed(judged.crowds) if found.place}
    told = [found for found in judged.places if not np.isnan(found.density_per_m2)]
    _keep_series(desk, memory, taken, at, told)
    by_place = dict(zip(ground.places, rules, strict=True))
    for found in told:
        code, drill = found.place, taken.drill_id or 0
        memory.last_rules[code] = by_place[code]
        series = memory.grown(code, drill, at, found.density_per_m2, found.people)
        tick = PlaceTick(
            desk, taken, at, memory.places[code], found, by_place[code], series, shapes.get(code)
        )
        write_both(desk, _density(tick), _rise(tick))
    judge_elsewhere(desk, taken, at, ground=ground, people=people, judged=judged)


def _density(tick: PlaceTick) -> Spoken:
    limits, holding = tick.rules
    found, desk = tick.found, tick.desk
    key = cause, _ = (f"{DENSITY}:{tick.place.code}", tick.drill)
    before = desk.watches.get(key, Watch) or Watch()
    watch, change = levels.step(before, found.density_per_m2, tick.at, limits, holding)
    if watch.last_at == before.last_at:
        return Spoken(
            cause, watch.level
        )  # older than what was judged: it stands in the series and moves nothing
    last = Last(found.density_per_m2, tick.at, tick.taken.accepted_at, tick.taken.feed.interval_s)
    desk.remember(key, watch, before, last)
    if change == "none" and watch.level is None:
        return Spoken(cause, None)
    per_min = crowd.trend([(at, density) for at, density, _ in tick.series])
    ahead = crowd.minutes_to_next(found.density_per_m2, per_min, limits, watch.level)
    return Spoken(cause, watch.level, change, tick.finding(
        DENSITY, watch, before, value=found.density_per_m2, unit=UNIT, reopen_s=holding.reopen_s,
        threshold=limits.limit(watch.level or before.level or "notice"),
        facts=_facts(tick) | {
            "peak_per_m2": round(found.peak_per_m2, 3), "trend_per_min": per_min, "told_share": round(found.told_share, 3),
            "next_level": ahead[0] if ahead else None, "minutes_to_next": round(ahead[1], 1) if ahead else None,
        },
    ))  # fmt: skip


def _rise(tick: PlaceTick) -> Spoken:
    desk, limits = tick.desk, tick.rules[0]
    raw = desk.thresholds.numbers(RISE, tick.place.code, tick.place.mode)
    numbers, (rates, holding) = RiseNumbers.from_dict(raw), limits_and_holding(raw)
    key = cause, _ = (f"{RISE}:{tick.place.code}", tick.drill)
    before = desk.watches.get(key, RiseWatch) or RiseWatch()
    state, change, seen = rise.step(
        before, tick.found.density_per_m2, tick.at, limits=limits, numbers=numbers, holding=holding
    )
    desk.watches.put(key, state, write=differ(state.watch, before.watch))
    if seen is None or (change == "none" and state.watch.level is None):
        return Spoken(cause, state.watch.level)
    level = state.watch.level or before.watch.level or "notice"
    limit = rates.limit(level)
    by_rate = limit is not None and seen.share_per_min >= limit
    return Spoken(cause, state.watch.level, change, tick.finding(
        RISE, state.watch, before.watch, value=round(seen.share_per_min * 100, 2), unit="%/min",
        threshold=limit * 100 if limit is not None and by_rate else None, reopen_s=holding.reopen_s,
        facts=_facts(tick) | _rise_facts(seen),
    ))  # fmt: skip


def _facts(tick: PlaceTick) -> dict[str, Any]:
    people_per_min = crowd.trend([(at, people) for at, _, people in tick.series])
    return {
        "people": round(tick.found.people), "capacity": tick.place.capacity_people,
        "people_per_min": people_per_min, "density_per_m2": round(tick.found.density_per_m2, 3),
        "peak_cell": f"{tick.found.peak_cell:x}",
    }  # fmt: skip


def _rise_facts(seen: Rise) -> dict[str, Any]:
    minutes = seen.minutes_to_danger
    return {"next_level": "danger", "minutes_to_next": None if minutes is None else round(minutes, 1)}


def _rules(desk: Desk, memory: CrowdMemory, grid_id: int, ground: Ground) -> list[Rules]:
    """Rules of each place of a ground, in its order; made anew when a threshold changed."""
    key = (grid_id, desk.thresholds.version)
    if key not in memory.rules:
        memory.rules = {kept: rules for kept, rules in memory.rules.items() if kept[1] == key[1]}
        metres = walkable_m2(ground)
        memory.rules[key] = [place_rules(desk, memory.places[code], metres[code]) for code in ground.places]
    return memory.rules[key]


def place_rules(desk: Desk, place: PlaceFacts, metres: float) -> Rules:
    """A place's own limits when somebody set them, else those of its mode with danger at its capacity at the latest."""
    numbers = desk.thresholds.numbers(DENSITY, place.code, place.mode)
    limits, holding = limits_and_holding(numbers)
    if (DENSITY, place.code) in desk.thresholds.set_by_people:
        return limits, holding
    return bounded(limits, place.capacity_people, metres), holding


def _keep_series(
    desk: Desk, memory: CrowdMemory, taken: Taken, at: datetime, told: Sequence[PlaceDensity]
) -> None:
    if not told:
        return
    desk.c.execute(
        text("""insert into crowd_series (place_id, at, drill_id, people, density_per_m2, peak_per_m2, level)
                select place, :at, :drill, people, density, peak, level
                from unnest(cast(:places as bigint[]), cast(:people as float8[]), cast(:density as float8[]),
                            cast(:peak as float8[]), cast(:levels as text[])) as t (place, people, density, peak, level)
                on conflict (place_id, at, drill_id) do update set people = excluded.people, level = excluded.level,
                    density_per_m2 = excluded.density_per_m2, peak_per_m2 = excluded.peak_per_m2"""),
        {"at": at, "drill": taken.drill_id or 0, "places": [memory.places[found.place].id for found in told],
         "people": [found.people for found in told], "density": [found.density_per_m2 for found in told],
         "peak": [found.peak_per_m2 for found in told], "levels": [found.level for found in told]},
    )  # fmt: skip
