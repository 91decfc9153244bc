"""What the judge remembers of sensors: what they are, the rules that hold for each, who was heard when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.commands.desk import Desk
from geodata.queries.thresholds import limits_and_holding
from geodata.rules.levels import Holding, Limits
from geodata.types import LEVELS

LEVEL, RATE, DATUM = "sensor_level", "sensor_rate", "sensor_datum"


@dataclass(slots=True)
class SensorFacts:
    """A sensor as the judge needs it; position in EPSG:4326. `state` is what the table says."""

    id: int
    code: str
    name: str
    kind: str
    unit: str
    own: dict[str, float]
    interval_s: float
    state: str
    area_id: int | None
    area_code: str | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class SensorRules:
    """The rules that hold for one sensor, and what a rate and a datum are printed in."""

    level: tuple[Limits, Holding] | None
    rate: tuple[Limits, Holding, float, str] | None
    datum: tuple[Limits, Holding, str] | None


@dataclass(slots=True)
class SensorMemory:
    """Sensors by key, their rules, and who was heard by which feed."""

    by_id: dict[int, SensorFacts]
    rules: dict[int, SensorRules] = field(default_factory=dict)
    rules_version: Any = None  # of the thresholds that `rules` were made from
    heard: dict[int, tuple[int, datetime]] = field(default_factory=dict)  # feed and when, true readings only
    seeded: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def load(cls, c: Connection) -> SensorMemory:
        """Read every sensor."""
        return cls({facts.id: facts for facts in read_sensors(c)})

    def rules_of(self, desk: Desk, facts: SensorFacts) -> SensorRules:
        """The rules of a sensor; made anew when a threshold changed."""
        if self.rules_version != desk.thresholds.version:
            self.rules, self.rules_version = {}, desk.thresholds.version
        found = self.rules.get(facts.id)
        if found is None:
            found = self.rules[facts.id] = rules_of(desk, facts)
        return found


def read_sensors(c: Connection) -> list[SensorFacts]:
    """All sensors."""
    rows = c.execute(
        text("""select s.id, s.code, s.name, s.kind, s.unit, s.notice_at, s.watch_at, s.warning_at, s.danger_at,
                       s.interval_s, s.state, s.area_id, a.code as area_code, st_x(s.geom) as lon, st_y(s.geom) as lat
                from sensors s left join areas a on a.id = s.area_id""")
    )
    return [
        SensorFacts(r.id, r.code, r.name, r.kind, r.unit,
                    {level: limit for level, limit in zip(LEVELS, r[5:9], strict=True) if limit is not None},
                    r.interval_s, r.state, r.area_id, r.area_code, r.lon, r.lat)
        for r in rows
    ]  # fmt: skip


def rules_of(desk: Desk, facts: SensorFacts) -> SensorRules:
    """What holds for a sensor: its code before its kind before all."""
    found: dict[str, dict[str, Any]] = {}
    for name, own in ((LEVEL, facts.own), (RATE, None), (DATUM, None)):
        numbers = desk.thresholds.numbers(name, facts.code, facts.kind, own=own)
        if any(numbers.get(level) is not None for level in LEVELS):
            found[name] = numbers
    rate, datum = found.get(RATE), found.get(DATUM)
    return SensorRules(
        limits_and_holding(found[LEVEL]) if LEVEL in found else None,
        (*limits_and_holding(rate), float(rate.get("window_min", 60.0)), str(rate.get("unit", ""))) if rate else None,
        (*limits_and_holding(datum), str(datum.get("unit", facts.unit))) if datum else None,
    )  # fmt: skip
