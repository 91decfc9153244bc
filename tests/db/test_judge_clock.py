"""What only the clock can see: silences, what nobody took, windows of maintenance, tickets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from geodata.commands import accounts, maintenance
from geodata.commands.accounts import Account
from geodata.commands.evaluate import Rounds
from geodata.profile import Profile
from tests.db.judged_town import NOON, Court, lay_town, minutes

ALWAYS = Rounds(0, 0, 0, 0, 0)


@pytest.fixture
def court(empty_db: Engine, gusu: Profile) -> Court:
    lay_town(empty_db)
    return Court(empty_db, gusu, ALWAYS)


def olga(engine: Engine) -> Account:
    with engine.begin() as c:
        accounts.add(c, "olga", "operator")
        found = accounts.of_token(c, accounts.make_token(c, "olga"))
    assert found
    return found


def test_a_feed_that_stops_is_one_alert_and_its_first_word_ends_it(court: Court, empty_db: Engine) -> None:
    feed = court.feed()
    court.tell(feed, [("S1", NOON, 3), ("S2", NOON, 3)])
    court.judge()
    now = datetime.now(UTC)
    for seconds in (30, 100, 130, 200, 320, 1000):
        court.tick(now + timedelta(seconds=seconds))
    [alert] = court.alerts()
    assert (alert.cause, alert.level, alert.subject_kind) == ("feed_silence:gateway", "warning", "feed")
    assert alert.value == pytest.approx(1000, abs=3)
    assert alert.area_code is None
    with empty_db.connect() as c:
        assert c.execute(text("select state from feeds")).scalar() == "silent"
    court.forget()
    court.tick(now + timedelta(seconds=1001))
    assert len(court.alerts()) == 1
    with empty_db.begin() as c:
        spoke = text("update feeds set last_batch_at = :now, last_at = last_at + interval '1 s'")
        c.execute(spoke, {"now": now + timedelta(seconds=1005)})
    court.tick(now + timedelta(seconds=1006))
    assert [alert.state for alert in court.alerts()] == ["cleared"]
    assert court.moves() == ["raise", "grow", "grow", "clear"]


def test_a_feed_that_repeats_itself_is_silent_and_one_that_is_late_is_not(
    court: Court, empty_db: Engine
) -> None:
    feed = court.feed()
    court.tell(feed, [("S1", NOON, 3)])
    court.judge()
    now = datetime.now(UTC)
    heard = text("update feeds set last_batch_at = :now, last_at = coalesce(:told, last_at)")
    court.tick(now)
    for n in range(1, 8):  # always ten minutes late
        with empty_db.begin() as c:
            c.execute(heard, {"now": now + minutes(n), "told": now + minutes(n - 10)})
        court.tick(now + minutes(n))
    assert [alert for alert in court.alerts() if alert.rule == "feed_silence"] == []
    for n in range(8, 14):
        with empty_db.begin() as c:
            c.execute(heard, {"now": now + minutes(n), "told": None})
        court.tick(now + minutes(n))
    [alert] = [alert for alert in court.alerts() if alert.rule == "feed_silence"]
    assert alert.level == "warning"


def test_a_sensor_that_stops_while_its_feed_speaks_is_an_alert_of_its_own(
    court: Court, empty_db: Engine
) -> None:
    feed = court.feed()
    court.tell(feed, [("S1", NOON, 3), ("S2", NOON, 3)])
    court.judge()
    later = datetime.now(UTC) + minutes(4)
    feed_speaks = text("update feeds set last_batch_at = :now, last_at = :now")
    with empty_db.begin() as c:
        c.execute(feed_speaks, {"now": later})
    heard(court, "S2", later)
    court.tick(later)
    [alert] = court.alerts()
    assert (alert.cause, alert.level, alert.area_code) == ("sensor_silence:S1", "notice", "cell")
    with empty_db.connect() as c:
        assert c.execute(text("select state from sensors where code = 'S1'")).scalar() == "silent"
    heard(court, "S1", later + minutes(1))
    court.tick(later + minutes(1))
    assert [alert.state for alert in court.alerts()] == ["cleared"]


def heard(court: Court, code: str, at: datetime) -> None:
    """As if the sensor had just spoken, at a time to come."""
    judge = court._judge
    assert judge
    key = next(facts.id for facts in judge.sensors.by_id.values() if facts.code == code)
    judge.sensors.heard[key] = (judge.sensors.heard[key][0], at)


def test_what_nobody_takes_is_carried_up_step_by_step_and_then_left(court: Court, empty_db: Engine) -> None:
    court.tell(court.feed(), [("S1", NOON, 45), ("S2", NOON, 13)])
    court.judge()
    for _ in range(5):
        with empty_db.begin() as c:
            c.execute(
                text("update alerts set escalates_at = now() - interval '1 s' where escalates_at is not null")
            )
        court.tick()
    danger, notice = court.alerts()
    assert (danger.escalation, danger.escalates_at, notice.escalation) == (3, None, 0)
    assert court.moves().count("escalate") == 3
    assert court.told().count("alert:escalate") == 3


def test_an_alert_that_somebody_took_is_not_carried_up(court: Court, empty_db: Engine) -> None:
    court.tell(court.feed(), [("S1", NOON, 45)])
    court.judge()
    with empty_db.begin() as c:
        c.execute(text("update alerts set state = 'acknowledged', escalates_at = now() - interval '1 s'"))
    court.tick()
    assert [alert.escalation for alert in court.alerts()] == [0]


def test_maintenance_mutes_says_so_and_lets_be_heard_afterwards(court: Court, empty_db: Engine) -> None:
    account, now = olga(empty_db), datetime.now(UTC)
    with empty_db.begin() as c:
        maintenance.add_window(
            c, account, "sensor_level:S1", now - minutes(1), ends_at=now + minutes(30), why="换探头"
        )
        elsewhere = maintenance.add_window(c, account, "sensor_level", now, ends_at=now + minutes(30), why="x",
                                           area_code="320508")  # fmt: skip
        maintenance.end_window(c, account, elsewhere)
    court.tell(court.feed(), [("S1", NOON, 45), ("S2", NOON, 45)])
    court.judge()
    muted, loud = court.alerts()
    assert (muted.muted_by is not None, muted.escalates_at) == (True, None)
    assert (loud.muted_by, loud.escalates_at is not None) == (None, True)
    with empty_db.connect() as c:
        bodies = (
            c.execute(text("select body from happenings where kind = 'alert' order by id")).scalars().all()
        )
        window = c.execute(text("select id from maintenance_windows where why = '换探头'")).scalar_one()
    assert [(body["loud"], body["muted"]) for body in bodies] == [(False, True), (True, False)]
    with empty_db.begin() as c:
        maintenance.end_window(c, account, window)
    court.tick()
    muted, _ = court.alerts()
    assert (muted.muted_by, muted.escalates_at is not None) == (None, True)
    assert court.moves()[-1] == "unmute"


def test_a_burst_of_tickets_against_the_usual_is_told_once(court: Court, empty_db: Engine) -> None:
    now = datetime(2026, 11, 20, 6, tzinfo=UTC)
    with empty_db.begin() as c:
        c.execute(
            text("insert into categories (scheme, code, name, level) values ('hotline', 'H1', '市容', 1)")
        )
        c.execute(text("insert into ticket_sources (key, name) values ('12345', '热线')"))
        c.execute(
            text("""insert into tickets (origin, number, source_id, family, category_id, received_at, state,
                        location_quality, area_id, due_at)
                    select 'x', n::text, 1, 'service', 1, :now - n * interval '1 day', 'received', 'area',
                           (select id from areas where code = 'cell'), :now + interval '9 days'
                    from generate_series(1, 60) n"""),
            {"now": now},
        )
    court.tick(now)
    assert court.alerts() == []
    with empty_db.begin() as c:
        c.execute(
            text("""insert into tickets (origin, number, source_id, family, category_id, received_at, state,
                        location_quality, area_id, due_at)
                    select 'y', n::text, 1, 'service', 1, :now - n * interval '5 min', 'received', 'area',
                           (select id from areas where code = 'cell'), :now - n * interval '2 min'
                    from generate_series(1, 12) n"""),
            {"now": now},
        )
    court.tick(now)
    court.tick(now + minutes(1))
    burst, late = sorted(court.alerts(), key=lambda alert: alert.rule)
    assert (burst.cause, burst.value, burst.area_code) == ("ticket_burst:H1@sub", 12, "sub")
    assert burst.facts["usual"] < 3
    assert (late.cause, late.value, late.level) == ("ticket_deadline:sub", 12, "watch")
    court.tick(now + timedelta(hours=4))
    court.tick(now + timedelta(hours=5))
    assert {alert.rule: alert.state for alert in court.alerts()}["ticket_burst"] == "cleared"
