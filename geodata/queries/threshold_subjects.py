"""What thresholds can be set for: kinds and codes of sensors, places, feeds, categories; and what holds for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geodata.errors import BadArgument, NotFound
from geodata.queries.thresholds import ANY, in_force
from geodata.rules.defaults import DEFAULTS
from geodata.rules.fruin import bounded
from geodata.rules.levels import Limits
from geodata.types import LEVELS

PLACES = """select p.code as key, p.name, p.name_en, p.mode as kind from crowd_places p order by p.code"""
SENSORS = (
    """select s.code as key, s.name, cast(null as text) as name_en, s.kind from sensors s order by s.code"""
)
FEEDS = """select f.key, f.title as name, f.title_en as name_en, f.kind from feeds f
           where f.drill_id is null and f.state <> 'retired' order by f.key"""
CATEGORIES = """select k.code as key, k.name, k.name_en, k.scheme as kind from categories k
                where k.parent_id is null order by k.scheme, k.code"""
AREAS = """select a.code as key, a.name, a.name_en, a.level as kind from areas a
           where a.valid_to is null and a.parent_code in (select z.code from areas z where z.parent_code is null)
           order by a.code"""
SUBJECTS = {
    "crowd_density": PLACES, "crowd_rise": PLACES, "sensor_level": SENSORS, "sensor_rate": SENSORS,
    "sensor_datum": SENSORS, "sensor_silence": SENSORS, "feed_silence": FEEDS, "ticket_burst": CATEGORIES,
    "ticket_deadline": AREAS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """Something a threshold can be set for; `kind` is the subject that it inherits from, after that comes `*`."""

    key: str
    name: str
    name_en: str | None
    kind: str


def of_rule(c: Connection, rule: str) -> list[Subject]:
    """All single subjects of a rule; their kinds and `*` can be set as well."""
    return [Subject(*row) for row in c.execute(text(SUBJECTS[rule]))]


def known(c: Connection, rule: str, subject: str) -> Subject | None:
    """The single subject of that key; None for a kind or `*`; refused when there is nothing of that name."""
    if rule not in SUBJECTS:
        raise BadArgument("rule", f"There is no rule “{rule[:40]}”; the rules are {', '.join(SUBJECTS)}.")
    subjects = of_rule(c, rule)
    found = next((each for each in subjects if each.key == subject), None)
    kinds = {ANY, *(key for of, key in DEFAULTS if of == rule), *(each.kind for each in subjects)}
    if found is None and subject not in kinds:
        raise NotFound(f"There is nothing called “{subject[:60]}” that {rule} could be set for.")
    return found


def effective(c: Connection, rule: str, subject: str) -> dict[str, Any]:
    """The numbers that hold for a subject: its own, else those of its kind, else those for all."""
    found, force = known(c, rule, subject), in_force(c)
    if found is None:
        return force.numbers(rule, *(() if subject == ANY else (subject,)))
    own = _own(c, subject) if rule == "sensor_level" else None
    numbers = force.numbers(rule, found.key, found.kind, own=own)
    if rule == "crowd_density" and (rule, subject) not in force.set_by_people:
        numbers |= _bounded(c, subject, numbers)
    return numbers


def _own(c: Connection, code: str) -> dict[str, float]:
    row = c.execute(
        text("select notice_at, watch_at, warning_at, danger_at from sensors where code = :code"),
        {"code": code},
    ).one()
    return {level: limit for level, limit in zip(LEVELS, row, strict=True) if limit is not None}


def _bounded(c: Connection, code: str, numbers: dict[str, Any]) -> dict[str, float]:
    row = c.execute(
        text("""select p.capacity_people, coalesce(
                    (select cast(value ->> p.code as float8) from facts where key = 'crowd_walkable_m2'),
                    st_area(p.geom::geography) * p.walkable_share) as m2
                from crowd_places p where p.code = :code"""),
        {"code": code},
    ).one()
    limits = bounded(Limits.from_dict(numbers), row.capacity_people, row.m2)
    return {level: round(limit, 3) for level, limit in limits.as_dict().items()}
