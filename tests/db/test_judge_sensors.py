"""A sensor's alert from its raising to its end, and what a judge that was killed, doubled or told late does with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from geodata.profile import Profile
from tests.db.judged_town import NOON, Court, lay_town, minutes


@pytest.fixture
def court(empty_db: Engine, gusu: Profile) -> Court:
    lay_town(empty_db)
    return Court(empty_db, gusu)


def test_an_alert_is_raised_grows_eases_clears_and_reopens(court: Court) -> None:
    feed = court.feed()
    values = [5, 13, 26, 26, 13, 13, 13, 3, 3, 3, 3]
    for n, value in enumerate(values):
        court.tell(feed, [("S1", NOON + minutes(5 * n), value)])
        court.judge()
        court.forget()  # every step by another judge: all it knows stands in the tables
    [alert] = court.alerts()
    assert court.moves() == ["raise", "grow", "ease", "clear"]
    assert (alert.level, alert.peak_level, alert.state, alert.subject_key) == (
        "notice",
        "warning",
        "cleared",
        "S1",
    )
    assert (alert.area_code, alert.value is not None, alert.unit) == ("cell", True, "件")
    court.tell(feed, [("S1", NOON + minutes(60), 20)])
    court.judge()
    [alert] = court.alerts()
    assert (alert.state, alert.reopened, alert.level, alert.closed_at) == ("raised", 1, "watch", None)
    assert court.told() == [f"alert:{move}" for move in ("raise", "grow", "ease", "clear", "reopen")]


def test_after_its_reopen_time_another_is_raised(court: Court) -> None:
    feed = court.feed()
    for at, value in ((0, 20), (1, 2), (15, 2), (16, 2), (60, 20)):
        court.tell(feed, [("S1", NOON + minutes(at), value)])
    court.judge()
    assert [alert.state for alert in court.alerts()] == ["cleared", "raised"]


def test_the_sensor_stands_at_its_worst_level(court: Court, empty_db: Engine) -> None:
    court.tell(court.feed(), [("S1", NOON, 26), ("S2", NOON, 3), ("S3", NOON, 41)])
    court.judge()
    with empty_db.connect() as c:
        states = list(c.execute(text("select state from sensors order by code")).scalars())
    assert states == ["warning", "normal", "danger"]


def test_what_is_older_than_what_was_judged_changes_nothing(court: Court) -> None:
    feed = court.feed()
    court.tell(feed, [("S1", NOON, 20)])
    court.judge()
    court.tell(feed, [("S1", NOON - minutes(3), 41), ("S1", NOON, 41)])
    court.judge()
    [alert] = court.alerts()
    assert (alert.level, alert.value, court.moves()) == ("watch", 20, ["raise"])


def test_what_people_closed_comes_back_only_after_it_was_normal_or_higher_than_they_saw(
    court: Court, empty_db: Engine
) -> None:
    feed = court.feed()
    court.tell(feed, [("S1", NOON, 20)])
    court.judge()
    close = text("update alerts set state = 'false_alarm', closed_at = now() where closed_at is null")
    with empty_db.begin() as c:
        c.execute(close)
    court.tell(feed, [("S1", NOON + minutes(1), 21), ("S1", NOON + minutes(2), 22)])
    court.judge()
    assert [alert.state for alert in court.alerts()] == ["false_alarm"]
    court.tell(feed, [("S1", NOON + minutes(3), 45)])
    court.judge()
    assert [(alert.state, alert.level) for alert in court.alerts()] == [
        ("false_alarm", "watch"),
        ("raised", "danger"),
    ]


def test_a_transaction_that_fails_leaves_the_batch_and_raises_it_once(court: Court, empty_db: Engine) -> None:
    court.tell(court.feed(), [("S1", NOON, 20)])
    connection = empty_db.connect()
    transaction = connection.begin()
    judge = court._of(connection)
    assert judge.judge(connection) == 1
    transaction.rollback()  # killed before it could commit
    connection.close()
    assert court.alerts() == []
    court.forget()
    assert court.judge() == 1
    assert court.judge() == 0
    assert court.moves() == ["raise"]


def test_a_changed_threshold_holds_from_the_next_batch(court: Court, empty_db: Engine) -> None:
    from geodata.commands import accounts, thresholds  # noqa: PLC0415

    feed = court.feed()
    court.tell(feed, [("S1", NOON, 6)])
    court.judge()
    with empty_db.begin() as c:
        accounts.add(c, "olga", "operator")
        olga = accounts.of_token(c, accounts.make_token(c, "olga"))
        assert olga
        thresholds.set_limits(c, olga, "sensor_level", "S1", {"notice": 5, "watch": 50}, why="test")
    court.tell(feed, [("S1", NOON + minutes(1), 6), ("S2", NOON + minutes(1), 6)])
    court.judge()
    [alert] = court.alerts()
    assert (alert.subject_key, alert.level, alert.threshold) == ("S1", "notice", 5)
    assert "threshold:set" in court.told()


def test_a_drill_is_judged_apart_and_marked(court: Court, empty_db: Engine) -> None:
    with empty_db.begin() as c:
        drill = c.execute(
            text("insert into drills (plan_key) values ('crowd_street') returning id")
        ).scalar_one()
    court.tell(court.feed("true"), [("S1", NOON, 20)])
    court.tell(court.feed("played", drill_id=drill), [("S1", NOON, 45)])
    court.judge()
    assert [(a.drill_id, a.level) for a in court.alerts()] == [(None, "watch"), (drill, "danger")]
    with empty_db.connect() as c:
        assert c.execute(text("select state from sensors where code = 'S1'")).scalar() == "watch"
        assert set(c.execute(text("select drill_id from watches")).scalars()) >= {0, drill}


def test_a_hold_time_that_ends_without_a_reading_still_raises(court: Court, empty_db: Engine) -> None:
    from geodata.commands import accounts, thresholds  # noqa: PLC0415

    with empty_db.begin() as c:
        accounts.add(c, "olga", "operator")
        olga = accounts.of_token(c, accounts.make_token(c, "olga"))
        assert olga
        thresholds.set_limits(
            c, olga, "sensor_level", "ai_event", {"notice": 12, "warning": 25, "hold_s": 30}, why=None
        )
    court.tell(court.feed(), [("S1", NOON, 30)])
    court.judge()
    assert court.alerts() == []
    now = datetime.now(UTC)
    court.tick(now)
    assert court.alerts() == []
    court.forget()
    with empty_db.begin() as c:
        c.execute(
            text("insert into sensor_latest select id, :at, 30 from sensors where code = 'S1'"), {"at": NOON}
        )
    court.tick(now + minutes(1))
    [alert] = court.alerts()
    assert (alert.level, alert.facts["held_without_reading"]) == ("warning", True)


def test_a_rate_is_judged_over_what_was_heard_live_and_outlives_a_new_judge(
    court: Court, empty_db: Engine
) -> None:
    with empty_db.begin() as c:
        c.execute(text("update sensors set kind = 'water_level', unit = 'm', interval_s = 300"))
        c.execute(text("insert into readings select id, :at - n * interval '5 min', 9 from sensors, generate_series(1, 6) n"),
                  {"at": NOON})  # fmt: skip
    feed = court.feed()
    for n in range(8):
        at, value = NOON + minutes(5 * n), 2.9 + (0.05 * (n - 3) if n > 3 else 0)
        with empty_db.begin() as c:
            c.execute(text("insert into readings select id, :at, :value from sensors where code = 'S1'"),
                      {"at": at, "value": value})  # fmt: skip
        court.tell(feed, [("S1", at, value)])
        court.judge()
        court.forget()
        if n == 3:
            assert court.alerts() == []  # nine metres were loaded, not heard: no rate runs from there
    [alert] = court.alerts()
    assert (alert.rule, alert.level, alert.unit) == ("sensor_rate", "warning", "m/h")
    assert alert.facts["reading"] == pytest.approx(3.1)
