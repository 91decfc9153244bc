"""The rhythm of a day: the same for the same seed, quiet on quiet days, and a script's word over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from etl.feeds.crowd_model import CrowdModel, PlaceLoad, load
from geodata.space.crowd_ground import Ground, Place, ground_of
from geodata.space.hexes import cover

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=ZONE)  # a Wednesday
SHARE_OF_NOTICE = {"walking": 0.2, "queue": 3 / 13}


@pytest.fixture(scope="module")
def ground() -> Ground:
    """Some 600 cells with a street of 34 m and a square."""
    box = shapely.box(120.612, 31.309, 120.630, 31.320)
    street = shapely.LineString([(120.6174, 31.3132), (120.6252, 31.3144)]).buffer(0.00016)
    square = shapely.box(120.6200, 31.3160, 120.6212, 31.3170)
    return ground_of(cover(box, 11), [Place("street", street, 0.8), Place("square", square, 0.5)], [])


def model(ground: Ground, seed: int = 1) -> CrowdModel:
    return CrowdModel(
        ground, [PlaceLoad("street", "street", 20_000), PlaceLoad("square", "square", 3_000)], seed, ZONE
    )


def in_place(ground: Ground, people: np.ndarray, code: str) -> float:
    return float(people[ground.place == ground.places.index(code)].sum())


def test_the_same_seed_and_moment_give_the_same_and_others_do_not(ground: Ground) -> None:
    one, again, other = model(ground).people(NOON), model(ground).people(NOON), model(ground, 2).people(NOON)
    assert (one == again).all()
    assert (one != other).any()
    assert (one != model(ground).people(NOON + timedelta(seconds=5))).any()
    assert (one >= 0).all()


def test_a_street_is_empty_at_four_and_full_in_the_evening(ground: Ground) -> None:
    at = {hour: model(ground).people(NOON.replace(hour=hour)) for hour in (4, 12, 19)}
    told = {hour: in_place(ground, people, "street") for hour, people in at.items()}
    assert told[4] < 0.2 * told[12]
    assert told[12] < told[19]


@pytest.mark.parametrize("kind", ["street", "garden", "temple", "station", "market", "square"])
def test_no_ordinary_day_reaches_the_first_level_even_with_noise(kind: str) -> None:
    moments = (NOON + timedelta(days=day, minutes=10 * step) for day in range(7) for step in range(144))
    highest = max(load(kind, moment) for moment in moments)
    assert 0.05 < highest * 1.05 * 1.08 < SHARE_OF_NOTICE["walking"]


def test_weekends_and_holidays_are_busier() -> None:
    saturday, holiday = NOON + timedelta(days=3), NOON.replace(month=10, day=2)
    assert load("street", NOON) < load("street", saturday) < load("street", holiday)


def test_what_a_script_tells_a_place_holds_and_leaves_the_others_alone(ground: Ground) -> None:
    people = model(ground).people(NOON, {"street": 9_000})
    assert in_place(ground, people, "street") == pytest.approx(9_000, rel=0.1)
    quiet = model(ground).people(NOON)
    assert in_place(ground, people, "square") == pytest.approx(in_place(ground, quiet, "square"), rel=0.01)


def test_a_time_of_another_zone_is_the_same_moment(ground: Ground) -> None:
    assert (model(ground).people(NOON) == model(ground).people(NOON.astimezone(UTC))).all()
