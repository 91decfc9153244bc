"""Drills 演练: every plan's script raises the alert it is for, by the real path, and no figure moves by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl.feeds.drill_words import as_text
from geodata.commands import accounts, alerts, dispatch, drills, incident_book, incidents, webhooks
from geodata.commands.accounts import Account
from geodata.commands.evaluate import Judge
from geodata.errors import NotFound, Refused
from geodata.plans import load_plans
from geodata.profile import Profile
from geodata.queries import alerts as alert_cards, crowd, drills as asked, shift_log
from geodata.queries.day_figures import day_figures
from geodata.queries.heat import heat
from geodata.queries.summary import summary
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine, transaction
from geodata.types import Question
from tests.db.drilled import play

SCRIPTED = sorted(plan.key for plan in load_plans().values() if plan.script)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def db(demo_template: str, cluster: Cluster) -> Iterator[Engine]:
    """The demo in a database of its own, to be written."""
    cluster.create_database("drilled", demo_template)
    engine = make_engine(cluster.url("drilled"))
    yield engine
    engine.dispose()
    cluster.drop_database("drilled")


def ask(engine: Engine, sql: str, **known: object) -> list[tuple]:
    with engine.connect() as c:
        return [tuple(row) for row in c.execute(text(sql), known)]


def test_there_are_plans_enough_and_each_is_told_in_both_languages() -> None:
    assert len(SCRIPTED) >= 12
    for plan in load_plans().values():
        words = [
            plan.title,
            plan.about,
            *(role.title for role in plan.roles),
            *(item.title for item in plan.checklist),
        ]
        assert all(word.zh and word.en and word.zh != word.en for word in words), plan.key


@pytest.mark.parametrize("key", SCRIPTED)
def test_a_script_raises_the_alert_that_its_plan_is_for(db: Engine, gusu: Profile, key: str) -> None:
    plan = load_plans()[key]
    before = ask(db, "select count(*) from alerts where drill_id is null")
    begun = play(db, gusu, plan)
    raised = ask(
        db, "select rule, plan_key, peak_level, subject_name from alerts where drill_id = :id", id=begun.id
    )
    with transaction(db) as c:
        drills.end(c, begun.id)
    assert [row for row in raised if row[0] in plan.rules and row[1] == key], raised
    assert ask(db, "select count(*) from alerts where drill_id is null") == before
    assert ask(db, "select count(*) from alerts where drill_id = :id and closed_at is null", id=begun.id) == [
        (0,)
    ]


FIGURES = {
    "tickets": "select count(*), max(id), md5(string_agg(t::text, '|' order by id)) from tickets t",
    "readings": "select count(*), sum(value::numeric), max(at) from readings",
    "latest": "select md5(string_agg(l::text, '|' order by sensor_id)) from sensor_latest l",
    "sensors": "select md5(string_agg(state, '|' order by id)) from sensors",
    "hourly": "select count(*) from readings_hourly",
    "true series": "select count(*) from crowd_series where drill_id = 0",
    "true ticks": "select count(*) from crowd_ticks t join feeds f on f.id = t.feed_id where f.drill_id is null",
    "true alerts": "select count(*) from alerts where drill_id is null",
    "true incidents": "select count(*), count(*) filter (where drill_id is null and number like 'D%') from incidents where drill_id is null",
    "true dispatches": "select count(*) from dispatches where drill_id is null",
    "data version": "select value from facts where key = 'data_version'",
    "deliveries": "select count(*) from webhook_deliveries",
}  # fmt: skip


def figures(engine: Engine, profile: Profile, now: datetime) -> dict[str, object]:
    """Every figure that a page shows of true things."""
    with engine.connect() as c:
        today = profile.today()
        q = Question(profile.window(today - timedelta(days=30), today))
        told: dict[str, object] = {name: tuple(c.execute(text(sql)).one()) for name, sql in FIGURES.items()}
        told["month"] = summary(c, profile, q, now)
        told["day"] = day_figures(c, profile, None, now)
        told["heat"] = [(cell.cell, cell.count) for cell in heat(c, profile, q, None, 10)]
        told["alerts"] = [
            card.id for card in alert_cards.open_alerts(c, profile, None) if card.drill_id is None
        ]
        told["standing"] = shift_log.standing(c, profile, None)
        told["crowd"] = crowd.places(c, profile, None, crowd.newest(c))
        return told


def lead(engine: Engine) -> Account:
    """A commander of the whole district."""
    with transaction(engine) as c:
        if not c.execute(text("select exists (select from accounts where name = 'zhouming')")).scalar():
            accounts.add(c, "zhouming", "commander")
        key, name, role, area = c.execute(
            text("select id, name, role, area_code from accounts where name = 'zhouming'")
        ).one()
        return Account(key, name, role, area)


@pytest.fixture(scope="module")
def told(db: Engine, gusu: Profile) -> dict[str, Any]:
    """A drill of crowds and tickets, then one of readings with people in it, with the figures before, during and after."""
    now, account = datetime.now(UTC), lead(db)
    with transaction(db) as c:
        webhooks.register(c, "ears", "https://ears.example.org/", hosts=["ears.example.org"])
        Judge.load(c, gusu, now=now).tick(
            c, now
        )  # what the rules find in the true rows has nothing to do with a drill
        webhooks.queue(c)
    found: dict[str, Any] = {"before": figures(db, gusu, now)}
    crowded = play(db, gusu, load_plans()["crowd_street"])
    with transaction(db) as c:
        drills.end(c, crowded.id)
    begun = play(db, gusu, load_plans()["bridge_settlement"])
    with transaction(db) as c:
        alert_id, revision = c.execute(
            text("select id, revision from alerts where drill_id = :id and rule = 'sensor_level'"),
            {"id": begun.id},
        ).one()
        alerts.move(c, gusu, account, alert_id, "acknowledge", revision=revision)
        opened = incidents.open_from_alert(c, gusu, account, alert_id)
        team = c.execute(text("select id from teams where code = 'facility_roads'")).scalar_one()
        sent = dispatch.send(c, gusu, account, opened.id, team, "查看山塘桥")
    with transaction(db) as c:
        dispatch.accept(c, gusu, account, sent.id)
        incident_book.check(c, gusu, account, opened.id, "verify", done=True)
    found["during"] = figures(db, gusu, now)
    with transaction(db) as c:
        found["report"] = drills.end(c, begun.id, first_at=now)
    with transaction(db) as c:
        found["again"] = drills.end(c, begun.id)
        webhooks.queue(c)
    return found | {"after": figures(db, gusu, now), "id": begun.id, "incident": opened.id}


@pytest.mark.parametrize("when", ["during", "after"])
def test_no_figure_moves_by_a_drill(told: dict[str, Any], when: str) -> None:
    for name, value in told["before"].items():
        assert told[when][name] == value, name


def test_the_report_tells_the_steps_that_were_made_and_what_nobody_did(told: dict[str, Any]) -> None:
    report = told["report"]
    steps = {step["step"]: step["at"] is not None for step in report["steps"]}
    assert steps == {
        "first_reading": True, "alert": True, "acknowledged": True, "incident": True, "dispatched": True,
        "accepted": True, "arrived": False, "resolved": False,
    }  # fmt: skip
    plan = load_plans()["bridge_settlement"]
    undone = {item["check"] for item in report["undone"] if "check" in item}
    assert undone == {item.key for item in plan.checklist} - {"verify"}
    assert report["incidents"][0]["number"].startswith("D")
    assert report["title"] == {"zh": plan.title.zh, "en": plan.title.en}
    assert "zhouming" not in json.dumps(report)  # posts and teams, never who somebody is
    assert "山塘桥" in as_text(told["id"], report) or "沉降" in as_text(told["id"], report)


def test_a_second_end_changes_nothing(db: Engine, told: dict[str, Any]) -> None:
    assert told["again"] == told["report"]
    with db.connect() as c:
        assert asked.drill(c, told["id"]).report == told["report"]


def test_when_it_is_over_nothing_of_it_is_open_and_its_feeds_are_shut(
    db: Engine, told: dict[str, Any]
) -> None:
    open_things = ask(
        db,
        """
        select 'alert' from alerts where drill_id is not null and closed_at is null
        union all select 'incident' from incidents where drill_id is not null and state <> 'reviewed'
        union all select 'dispatch' from dispatches where drill_id is not null and state not in ('done', 'refused')
        union all select 'feed' from feeds where drill_id is not null and state <> 'retired'
        union all select 'watch' from watches where drill_id > 0 union all select 'intake' from intake
        union all select 'drill' from drills where state = 'running'""",
    )
    assert open_things == []
    moves = ask(
        db,
        "select move, why from incident_moves where incident_id = :id order by id desc limit 1",
        id=told["incident"],
    )
    assert moves == [("review", drills.OVER)]


def test_the_screens_are_told_that_it_began_and_ended_and_every_row_of_it_is_marked(
    db: Engine, told: dict[str, Any]
) -> None:
    rows = ask(
        db, "select kind, move, drill_id from happenings where drill_id = :id order by id", id=told["id"]
    )
    assert rows[0] == ("drill", "begin", told["id"])
    assert ("drill", "end", told["id"]) in rows
    assert {"alert", "incident", "dispatch"} <= {row[0] for row in rows}


def test_only_one_runs_at_a_time_and_one_that_lost_its_player_makes_room(db: Engine) -> None:
    with transaction(db) as c:
        first = drills.begin(c, "tree_fallen", {"tickets"})
    with pytest.raises(Refused, match=f"Drill {first.id} is running"), transaction(db) as c:
        drills.begin(c, "tree_fallen", {"tickets"})
    with transaction(db) as c:
        c.execute(
            text("update drills set started_at = now() - interval '1 hour' where id = :id"), {"id": first.id}
        )
        second = drills.begin(c, "tree_fallen", {"tickets"})
        drills.end(c, second.id)
    with db.connect() as c:
        assert asked.drill(c, first.id).state == "broken"
        assert [drill.id for drill in asked.list_drills(c, limit=2)] == [second.id, first.id]


def test_what_cannot_be_drilled_is_refused(db: Engine) -> None:
    for key in ("nowhere", "feed_failure"):
        with pytest.raises(Refused, match="can be drilled; there are ai_video"), transaction(db) as c:
            drills.begin(c, key, {"crowd"})
    with pytest.raises(NotFound, match="no drill 987654"), db.connect() as c:
        asked.drill(c, 987_654)
