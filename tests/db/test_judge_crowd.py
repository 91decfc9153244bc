"""Crowds judged tick by tick: density held, shown with people and trend, kept apart in a drill; crowds off places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, Row, text

from geodata.commands import accounts, alerts, incidents, intake
from geodata.commands.feeds import Feed
from geodata.commands.intake import pack_wholes, to_us
from geodata.profile import Profile
from geodata.queries import crowd_ground
from geodata.types import LEVELS
from tests.db.crowd_town import CrowdTown, lay_crowds, tick
from tests.db.judged_town import NOON, Court, lay_town, minutes
from tests.db.response_town import account_of


class Square:
    """The market square: `densities` are told a tick a minute over all its cells."""

    def __init__(self, court: Court, *, drill: bool = False) -> None:
        self.court = court
        with court.engine.begin() as c:
            self.town: CrowdTown = lay_crowds(c, drill=drill, key="drilled" if drill else "heat")
            self.ground = crowd_ground.ground(c, self.town.grid_id)
            row = c.execute(
                text("select drill_id from feeds where id = :id"), {"id": self.town.feed_id}
            ).one()
        self.feed = Feed(self.town.feed_id, "heat", "crowd", 60.0, row.drill_id)

    def tell(self, at: datetime, density: float, *, off_places: float = 0.0) -> None:
        """A tick of that density on the square, and off listed places in three cells."""
        mine = self.ground.place == self.ground.places.index("market")
        people = np.where(mine, density, 0.0) * self.ground.walkable_m2
        if off_places:
            spot = np.flatnonzero(self.ground.place == -1)[:3]
            people[spot] = off_places * self.ground.walkable_m2[spot]
        with self.court.engine.begin() as c:
            tick(c, self.town, people, at)
            intake.put(c, self.feed, "crowd", pack_wholes([to_us(at)]))


@pytest.fixture
def court(empty_db: Engine, gusu: Profile) -> Court:
    lay_town(empty_db)
    return Court(empty_db, gusu)


def of_rule(court: Court, rule: str = "crowd_density") -> list[Row[Any]]:
    return [alert for alert in court.alerts() if alert.rule == rule]


def test_a_density_that_stands_is_raised_once_and_followed(court: Court) -> None:
    square = Square(court)
    for n in range(3):
        square.tell(NOON + minutes(n), 0.9)
        court.judge()
        court.forget()
        assert len(of_rule(court)) == (1 if n == 2 else 0)  # D begins at 0.72, and must stand for two minutes
    for n in range(3, 8):
        square.tell(NOON + minutes(n), 0.9 + 0.03 * (n - 2))
    court.judge()
    [alert] = of_rule(court)
    assert (alert.level, alert.cause, alert.subject_name_en) == ("watch", "crowd_density:market", "market")
    assert alert.value == pytest.approx(1.05, rel=0.02)
    assert alert.facts["people_per_min"] > 0
    assert alert.facts["next_level"] == "warning"
    assert 0 < alert.facts["minutes_to_next"] < 10
    assert alert.area_code == "cell"
    assert alert.plan_key
    with court.engine.connect() as c:
        assert c.execute(text("select count(*) from crowd_series s join crowd_places p on p.id = place_id"
                              " where code = 'market' and drill_id = 0")).scalar() == 8  # fmt: skip
        assert c.execute(
            text("select ST_NPoints(outline) > 5 from alerts where rule = 'crowd_density'")
        ).scalar()


def test_noise_of_a_tenth_does_not_flap(court: Court) -> None:
    square, noise = Square(court), np.random.default_rng(5)
    for n in range(40):
        square.tell(NOON + minutes(n), 0.75 * noise.uniform(0.9, 1.1))
    court.judge()
    assert len(of_rule(court)) <= 1
    moves = [move for move in court.moves() if move != "raise"]
    assert moves.count("clear") == 0


def test_a_drills_crowd_stays_apart(court: Court) -> None:
    square = Square(court, drill=True)
    for n in range(4):
        square.tell(NOON + minutes(n), 2.5)
    court.judge()
    alerts = of_rule(court)
    assert [(alert.level, alert.drill_id) for alert in alerts] == [("danger", square.feed.drill_id)]
    with court.engine.connect() as c:
        assert c.execute(text("select count(*) from crowd_series where drill_id = 0")).scalar() == 0
        assert c.execute(text("select bool_and(drill_id is not null) from happenings")).scalar()


def test_a_crowd_where_no_place_is_listed_has_an_outline_and_ends(court: Court) -> None:
    square = Square(court)
    for n in range(4):
        square.tell(NOON + minutes(n), 0.0, off_places=2.6)
        court.judge()
        court.forget()
    [alert] = of_rule(court)
    assert (alert.subject_kind, alert.area_code, alert.level) == ("crowd", "cell", "danger")
    assert alert.cause.startswith("crowd_density:@89")
    for n in range(4, 12):
        square.tell(NOON + minutes(n), 0.0)
    court.judge()
    [alert] = of_rule(court)
    assert alert.state == "cleared"


def test_a_rise_speaks_before_the_density_does(court: Court) -> None:
    square = Square(court)
    for n in range(20):
        square.tell(NOON + timedelta(minutes=n), 0.3 + 0.08 * n)
        court.judge()
        rises, densities = of_rule(court, "crowd_rise"), of_rule(court)
        if rises:
            break
    [rise] = rises
    assert LEVELS.index(rise.level) > max((LEVELS.index(found.level) for found in densities), default=-1)
    assert rise.unit == "%/min"


def test_a_late_tick_is_kept_and_moves_nothing(court: Court) -> None:
    square = Square(court)
    for n in (0, 5, 2, 3):
        square.tell(NOON + minutes(n), 2.5 if n in (2, 3) else 0.1)
        court.judge()
    assert court.alerts() == []
    with court.engine.connect() as c:
        assert c.execute(text("select count(distinct at) from crowd_series")).scalar() == 4


def grow(court: Court, square: Square, ticks: range, *, until: str | None = None) -> None:
    """The market fills by 0.08 persons/m² a minute, until an alert is led by a rule."""
    for n in ticks:
        square.tell(NOON + minutes(n), 0.3 + 0.08 * n)
        court.judge()
        if until and court.alerts() and court.alerts()[-1].rule == until:
            return


def test_rise_and_density_of_one_place_are_one_alert(court: Court) -> None:
    square = Square(court)
    grow(court, square, range(30), until="crowd_rise")
    [first] = court.alerts()
    assert first.rule == "crowd_rise"
    court.forget()  # what is one alert stays one when another judge goes on
    grow(court, square, range(first_tick(court), 30))
    [alert] = court.alerts()
    assert (alert.id, alert.cause, alert.rule, alert.unit) == (
        first.id, "crowd_density:market", "crowd_density", "persons/m²",
    )  # fmt: skip
    assert (alert.level, alert.peak_level) == ("danger", "danger")
    assert alert.value == pytest.approx(0.3 + 0.08 * 29, rel=0.02)
    assert alert.threshold < alert.value
    moves = court.moves()
    assert moves[0] == "raise"
    assert moves.count("raise") == 1
    assert set(moves[1:]) <= {"grow", "join", "ease"}
    assert court.told().count("alert:raise") == 1
    assert alert.revision == len(moves)
    for n in range(30, 60):
        square.tell(NOON + minutes(n), 0.1)
        court.judge()
    [alert] = court.alerts()
    assert alert.state == "cleared"
    assert court.moves().count("clear") == 1


def first_tick(court: Court) -> int:
    """The minute after the newest that was told."""
    with court.engine.connect() as c:
        last: datetime = c.execute(text("select max(at) from crowd_ticks")).scalar_one()
    return round((last - NOON).total_seconds() / 60) + 1


def test_what_is_taken_or_an_incident_stays_so_when_the_density_follows(court: Court, gusu: Profile) -> None:
    square = Square(court)
    grow(court, square, range(30), until="crowd_rise")
    with court.engine.begin() as c:
        accounts.add(c, "chief", "commander", None)
        chief, row = account_of(c, "chief"), c.execute(text("select id, revision from alerts")).one()
        opened = incidents.open_from_alert(c, gusu, chief, row.id, revision=row.revision)
    grow(court, square, range(first_tick(court), 30))
    [alert] = court.alerts()
    assert (alert.rule, alert.state, alert.incident_id) == ("crowd_density", "incident", opened.id)


def test_a_rise_called_a_false_alarm_does_not_silence_the_density(court: Court, gusu: Profile) -> None:
    square = Square(court)
    grow(court, square, range(30), until="crowd_rise")
    with court.engine.begin() as c:
        accounts.add(c, "chief", "commander", None)
        chief, row = account_of(c, "chief"), c.execute(text("select id, revision from alerts")).one()
        alerts.move(c, gusu, chief, row.id, "false_alarm", revision=row.revision)
    grow(court, square, range(first_tick(court), 30))
    first, second = court.alerts()
    assert (first.rule, first.state) == ("crowd_rise", "false_alarm")
    assert (second.cause, second.state, second.level) == ("crowd_density:market", "raised", "danger")


def test_a_muted_density_does_not_silence_the_rise_and_shares_its_incident(
    court: Court, gusu: Profile
) -> None:
    square = Square(court)
    with court.engine.begin() as c:
        c.execute(
            text("""insert into maintenance_windows (subject, starts_at, ends_at, why)
                    values ('crowd_density:market', now() - interval '1 h', now() + interval '1 h', 'x')""")
        )
    grow(court, square, range(30))
    found = {alert.rule: alert.muted_by is not None for alert in court.alerts()}
    assert found == {"crowd_rise": False, "crowd_density": True}
    with court.engine.begin() as c:
        accounts.add(c, "chief", "commander", None)
        rise = c.execute(text("select id from alerts where rule = 'crowd_rise'")).scalar_one()
        opened = incidents.open_from_alert(c, gusu, account_of(c, "chief"), rise)
    assert {(alert.state, alert.incident_id) for alert in court.alerts()} == {("incident", opened.id)}
