"""What the feeders send when: sensors in turn, none twice, none that a script speaks for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from etl.demo.sensors import kinds, readings
from etl.feeds.feeders import DemoReadings, ScriptReadings, ScriptTickets
from etl.feeds.script import Script
from etl.feeds.ticket_model import TicketModel, per_second
from geodata.plans import Play
from geodata.profile import Profile
from geodata.queries.simulated import SensorRow, TicketLike

START = datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_the_demos_sensors_speak_in_turn_once_an_interval_and_by_their_model() -> None:
    feeder, rows = DemoReadings("t", 1229, START), []
    for step in range(1, 91):
        now = START + timedelta(seconds=10 * step)
        batch = feeder.batch(now)
        told = batch.body if batch else []
        assert all(START < datetime.fromisoformat(row["at"]) <= now for row in told)
        rows += told
    assert len({(row["sensor"], row["at"]) for row in rows}) == len(rows)
    spoken = Counter(row["sensor"] for row in rows)
    levels = [f"S{key:05d}" for key in range(421, 501)]  # 80 of 300 s: three times in a quarter of an hour
    assert sum(spoken[code] for code in levels) == pytest.approx(240, rel=0.12)  # some are out or get lost
    assert max(spoken.values()) == 3
    kind = next(kind for kind in kinds() if kind.key == "water_level")
    assert kind.interval_s == 300


def test_a_value_told_live_is_that_of_the_model() -> None:
    import numpy as np  # noqa: PLC0415

    kind = next(kind for kind in kinds() if kind.key == "water_level")
    _, values, arrived = readings(
        kind, np.array([450]), 1229, START - timedelta(seconds=300), START + timedelta(seconds=600)
    )
    batch = DemoReadings("t", 1229, START).batch(START + timedelta(seconds=600))
    told = [row["value"] for row in (batch.body if batch else []) if row["sensor"] == "S00450"]
    assert set(told) <= set(values[arrived].tolist())
    assert told


def test_a_sensor_of_the_script_is_left_to_it() -> None:
    spoken_for = frozenset({"S00423", "S00444"})
    batch = DemoReadings("t", 1, START, spoken_for).batch(START + timedelta(hours=1))
    assert batch is not None
    assert spoken_for & {row["sensor"] for row in batch.body} == set()


def test_a_script_tells_a_sensor_from_its_first_step_to_its_end() -> None:
    plays = [Play(20, "readings", 20, {"value": 5.0})]
    feeder = ScriptReadings("t", Script("x", 60, tuple(plays)), lambda at: (at - START).total_seconds(),
                            [(SensorRow("S1", "tilt", 1.0), plays)])  # fmt: skip
    told = {at: feeder.batch(START + timedelta(seconds=at)) for at in (0, 20, 30, 40, 59, 60)}
    values = {at: batch and batch.body[0]["value"] for at, batch in told.items()}
    assert values == {0: None, 20: 1.0, 30: 3.0, 40: 5.0, 59: 5.0, 60: None}


LIKES = [TicketLike("H0101", "12345", "service", "摊点", "观前街1号", 120.62, 31.31), TicketLike("C01", "patrol", "city", None, None, None, None)]  # fmt: skip


def test_tickets_come_at_the_rate_of_the_hour_and_each_has_its_own_number(gusu: Profile) -> None:
    noon, night = START + timedelta(hours=2), START + timedelta(hours=15)
    assert per_second(noon, gusu.zone) > 5 * per_second(night, gusu.zone)
    model = TicketModel(LIKES, 1, gusu.zone, START)
    rows = model.between(noon, noon + timedelta(hours=1))
    assert len(rows) == pytest.approx(3600 * per_second(noon, gusu.zone), rel=0.35)
    assert len({row["number"] for row in rows}) == len(rows)
    assert all(
        noon <= datetime.fromisoformat(row["received_at"]) <= noon + timedelta(hours=1) for row in rows
    )
    assert all(None not in row.values() for row in rows)


def test_a_ticket_of_the_script_lies_where_the_script_says_and_says_what_it_says(gusu: Profile) -> None:
    play = Play(5, "tickets", 10, {"category": "H18", "count": 3, "near_place": "雪糕桥", "title": "落水"})
    feeder = ScriptTickets("t", Script("x", 60, (play,)), lambda at: (at - START).total_seconds(),
                           TicketModel(LIKES, 1, gusu.zone, START), {"雪糕桥": (120.6304, 31.3148)})  # fmt: skip
    rows = [
        row
        for at in range(0, 60, 5)
        if (batch := feeder.batch(START + timedelta(seconds=at)))
        for row in batch.body
    ]
    assert len(rows) == 3
    assert {(row["category"], row["title"]) for row in rows} == {("H18", "落水")}
    assert all(abs(row["lon"] - 120.6304) < 0.002 and abs(row["lat"] - 31.3148) < 0.002 for row in rows)
    assert not any("观前街" in row.get("address", "") for row in rows)
