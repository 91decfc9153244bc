"""Readings through the door's command: each row by itself, once, in any order, from several senders at once."""

from __future__ import annotations

import json
import random
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geodata.commands.feeds import feed_by_key
from geodata.commands.retention import Policy, apply_retention, set_policy
from geodata.profile import Profile
from tests.db.senders import NOON, booked, counts, lay_feed, lay_sensors, queue, reading, send


@pytest.fixture
def river(empty_db: Engine) -> Engine:
    """A database with sensors only."""
    lay_sensors(empty_db)
    return empty_db


def stored(engine: Engine, table: str = "readings") -> list[tuple[str, datetime, float]]:
    with engine.connect() as c:
        rows = c.execute(
            text(
                f"select s.code, r.at, r.value from {table} r join sensors s on s.id = r.sensor_id order by 1, 2"
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_every_row_is_judged_by_itself(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    send(river, gusu, feed, [reading("S1", -120, 2.0)])
    rows: list[Any] = [
        reading("S1", -60, 2.1, colour="unknown fields are let be"), reading("S1", -60, 2.1), reading("S1", -120, 2.0),
        reading("S1", -130, 2.0), reading("S3", -7200, 1.0), reading("S1", -30, 99.0), reading("S2", -10, -1),
        reading("S1", -5, -0.4), reading("S1", 0, float("nan")), reading("S1", 0, float("inf")), reading("S1", 0, 10**400),
        reading("nobody", 0, 1), reading("S1", 0, None), {**reading("S1", 0, 1), "value": json.loads("true")}, reading("S1", 0, "3"), None, [], "x",
        reading("S1", 86_400 * 365, 1), {"sensor": "S1", "at": "2099-01-01T00:00:00Z", "value": 1},
        {"sensor": "S1", "at": "2026-11-22T12:00:00", "value": 1}, {"sensor": "S\0", "at": NOON.isoformat(), "value": 1},
        {"sensor": "\ud800", "at": NOON.isoformat(), "value": 1}, {"sensor": {}, "at": [], "value": {}},
        reading("S1", -86_400 * 300, 1),
    ]  # fmt: skip
    told = send(river, gusu, feed, rows)
    verdicts = {one.row: one.verdict for one in told.rows}
    expected = [
        "accepted", "repeated", "repeated", "out_of_order", "late", "jump", "impossible", "jump", "impossible", "impossible",
        "impossible", "unknown", "malformed", "malformed", "malformed", "malformed", "malformed", "malformed", "impossible",
        "impossible", "malformed", "malformed", "malformed", "malformed", "impossible",
    ]  # fmt: skip
    assert [verdicts.get(row, "accepted") for row in range(len(rows))] == expected
    assert all(one.reason.endswith(".") for one in told.rows)
    assert len(stored(river)) == 1 + expected.count("accepted") + sum(
        expected.count(word) for word in ("late", "out_of_order", "jump")
    )
    assert booked(river) == {word: expected.count(word) + (word == "accepted") for word in set(expected)}


def test_the_same_batch_again_is_only_repetitions(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    rows = [reading(f"S{n}", -n, n / 10) for n in range(1, 21)]
    assert counts(send(river, gusu, feed, rows)) == {"accepted": 20}
    before = stored(river)
    later = NOON + timedelta(seconds=30)
    assert counts(send(river, gusu, feed, [dict(row, value=9) for row in rows], later)) == {"repeated": 20}
    assert stored(river) == before
    assert [len(batch.readings()) for batch in queue(river)] == [20]  # what is known is not judged again
    with river.connect() as c:
        heard = c.execute(text("select last_batch_at from feeds")).scalar()
    assert heard == NOON  # a feed that only repeats itself stalls


def test_the_latest_value_only_moves_forward(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    moments = list(range(-600, 0, 10))
    random.Random(7).shuffle(moments)
    for begin in range(0, len(moments), 7):
        send(river, gusu, feed, [reading("S1", at, 3 + at / 1000) for at in moments[begin : begin + 7]])
        with river.connect() as c:
            at = c.execute(text("select at from sensor_latest")).scalar_one()
        assert at == NOON + timedelta(seconds=max(moments[: begin + 7]))
    assert len(stored(river)) == len(moments)
    judged = [row for batch in queue(river) for row in batch.readings()["at_us"].tolist()]
    assert judged == sorted(judged)  # what came out of order is kept, and not judged


def test_two_senders_of_the_same_batch_at_once_write_it_once(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    batches = [[reading(f"S{n}", -at, at) for n in range(1, 21)] for at in range(1, 31)]
    told: list[dict[str, int]] = []
    gate = threading.Barrier(4)

    def sender(seed: int) -> None:
        gate.wait()
        for batch in batches:
            rows = random.Random(seed).sample(batch, len(batch))  # each in another order
            told.append(counts(send(river, gusu, feed, rows)))

    threads = [threading.Thread(target=sender, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 4 * 30
    new = sum(one.get(word, 0) for one in told for word in ("accepted", "late", "out_of_order", "jump"))
    assert new == len(stored(river)) == 600
    assert sum(one.get("repeated", 0) for one in told) == 3 * 600
    assert sum(booked(river).values()) == 4 * 600


def test_a_drill_writes_to_its_own_table_only(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings", drill=True)
    assert counts(send(river, gusu, feed, [reading("S1", -10, 5.0), reading("S1", -70, 5.0)])) == {
        "accepted": 2
    }
    assert counts(send(river, gusu, feed, [reading("S1", -10, 5.0), reading("S1", -40, 5.0)])) == {
        "repeated": 1, "out_of_order": 1,
    }  # fmt: skip
    assert stored(river) == []
    assert len(stored(river, "drill_readings")) == 3
    with river.connect() as c:
        assert c.execute(text("select count(*) from sensor_latest")).scalar() == 0
        assert feed_by_key(c, feed.key).drill_id == feed.drill_id
    assert {batch.drill_id for batch in queue(river)} == {feed.drill_id}


def test_a_late_reading_finds_or_makes_its_month(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    days = (-34, -20, 0)
    send(river, gusu, feed, [reading("S1", 86_400 * day, 1.0) for day in days])
    with river.connect() as c:
        where = c.execute(text("select tableoid::regclass::text from readings order by at")).scalars().all()
    assert where == ["readings_2026_10", "readings_2026_11", "readings_2026_11"]


def test_old_months_become_hours_and_are_not_taken_in_again(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    then = NOON - timedelta(days=80)
    rows = [reading("S1", -86_400 * 80 + minute * 60, float(minute)) for minute in range(60)]
    assert counts(send(river, gusu, feed, rows, now=then + timedelta(hours=2)))["late"] >= 50
    with river.begin() as c:
        set_policy(c, "readings", Policy(92, 35, 3600), "admin")
        assert apply_retention(c, NOON)["readings"] == 60
        assert apply_retention(c, NOON)["readings"] == 0
        hours = c.execute(text("select readings, lowest, mean, highest from readings_hourly")).one()
        months = c.execute(text("select to_regclass('readings_2026_09')")).scalar()
    assert tuple(hours) == (60, 0.0, 29.5, 59.0)
    assert months is None
    assert counts(send(river, gusu, feed, rows)) == {"impossible": 60}
    assert stored(river) == []


def test_a_batch_of_nothing_true_leaves_nothing(river: Engine, gusu: Profile) -> None:
    feed = lay_feed(river, "readings")
    assert counts(send(river, gusu, feed, [json.loads("[1]"), {"sensor": "S1"}])) == {"malformed": 2}
    assert queue(river) == []
    with river.connect() as c:
        assert c.execute(text("select state, last_at from feeds")).one() == ("never", None)
