"""What the demo is drawn from, made again from the few numbers that its fact keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection

from etl.demo import catalogue as lists
from etl.demo.geography import Geography
from etl.demo.hotspots import Stretch, plan
from etl.demo.rhythm import OfficeHours, Volume
from etl.demo.rows import Writer
from etl.demo.spots import make_spots
from etl.demo.tickets import World
from geodata.commands.facts import get_fact
from geodata.profile import Profile
from geodata.queries.demo import area_ids, ground


@dataclass(frozen=True, slots=True)
class Demo:
    """What the fact `demo` says: with it any day of the demo can be drawn again."""

    seed: int
    first: date
    last: date
    tickets: int
    per_year: int
    anchor: date
    as_of: datetime

    def as_fact(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "seed": self.seed, "first": self.first.isoformat(), "last": self.last.isoformat(), "tickets": self.tickets,
            "per_year": self.per_year, "anchor": self.anchor.isoformat(), "as_of": self.as_of.isoformat(),
        }  # fmt: skip

    @staticmethod
    def of(fact: dict[str, Any]) -> Demo:
        """From JSON."""
        return Demo(
            fact["seed"], date.fromisoformat(fact["first"]), date.fromisoformat(fact["last"]), fact["tickets"],
            fact["per_year"], date.fromisoformat(fact["anchor"]), datetime.fromisoformat(fact["as_of"]),
        )  # fmt: skip


def make_world(geography: Geography, profile: Profile, *, seed: int, anchor: date, per_year: int) -> World:
    """All that the days are drawn from; the same arguments give the same world."""
    streets = geography.areas[geography.areas["level"] == "subdistrict"]
    told = zip(*(streets[column] for column in ("code", "name", "name_en")), strict=True)
    subdistricts = [(str(code), str(name), name_en) for code, name, name_en in told]
    catalogue = lists.read_catalogue(subdistricts)
    spots = make_spots(geography, profile, seed)
    known = dict(zip(geography.places["name"], geography.places["kind"], strict=True))
    kinds = np.array([known.get(name, "") for name in spots.names], object)
    office = OfficeHours(anchor - timedelta(days=400), anchor + timedelta(days=800), profile.zone)
    return World(
        profile, seed, catalogue, spots, plan(spots, kinds, catalogue, seed), Volume(seed, anchor, per_year), office,
        [code for code, _, _ in subdistricts],
    )  # fmt: skip


def planted(connection: Connection, profile: Profile) -> list[Stretch]:
    """The hotspots that were planted in the demo of a database: the truth for a test of hotspot finding."""
    demo = Demo.of(get_fact(connection, "demo") or {})
    geography = known_geography(connection, profile)
    return make_world(
        geography, profile, seed=demo.seed, anchor=demo.anchor, per_year=demo.per_year
    ).plan.stretches  # fmt: skip


def known_geography(connection: Connection, profile: Profile) -> Geography:
    """The geography as the database keeps it, which is quicker than making it anew; heritage is left out."""
    told = ground(connection, profile.scheme)
    outline = told["areas"].geometry[told["areas"]["code"] == profile.code].iloc[0]
    return Geography(outline=outline, heritage=told["places"].iloc[:0], **told)


def as_of(profile: Profile, last: date) -> datetime:
    """The moment the demo stands at: now when it ends today, else the end of its last day."""
    if last == profile.today():
        return datetime.now(UTC).replace(microsecond=0)
    return datetime.combine(last + timedelta(days=1), time.min, profile.zone).astimezone(UTC) - timedelta(
        seconds=1
    )


def first_day(last: date) -> date:
    """The first of the twelve months that end on a day."""
    try:
        return last.replace(year=last.year - 1) + timedelta(days=1)
    except ValueError:  # 29 February
        return last.replace(year=last.year - 1, day=28) + timedelta(days=1)


def make_writer(connection: Connection, geography: Geography, world: World) -> Writer:
    """The writer of tickets, with the keys that the database gave the areas."""
    ids = area_ids(connection, world.profile.scheme)
    areas = np.array([ids[str(code)] for code in geography.areas["code"]], np.int64)
    return Writer(world, areas, np.array([ids[code] for code in world.subdistrict_codes], np.int64))
