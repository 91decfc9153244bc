"""The chequered town with people, teams, duty and an alert where one is wanted; for tests that move things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.commands import accounts
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine
from tests.db.town import LAST_DAY, build_town

CELL, ELSEWHERE = "4-17-13", "4-1-1"  # in sub-district 1-1-1 and in 1-0-0
INSIDE = "1-1-1"
PEOPLE = {"chief": ("commander", None), "deputy": ("commander", None), "local": ("commander", "1-0-0"),
          "here": ("commander", INSIDE), "planner": ("planner", None), "screen": ("screen", None),
          "operator": ("operator", None), "admin": ("admin", None)}  # fmt: skip


TEMPLATE = "template_response"
_built: set[int] = set()


def response_town(cluster: Cluster, profile: Profile, name: str) -> Iterator[Engine]:
    """A database with areas, people and teams, removed at the end; built once a run and then copied."""
    if id(cluster) not in _built:
        _build(cluster, profile)
        _built.add(id(cluster))
    cluster.drop_database(name)
    cluster.create_database(name, TEMPLATE)
    engine = make_engine(cluster.url(name))
    yield engine
    engine.dispose()
    cluster.drop_database(name)


def _build(cluster: Cluster, profile: Profile) -> None:
    cluster.drop_database(TEMPLATE)
    cluster.create_database(TEMPLATE, "template_empty")
    engine = make_engine(cluster.url(TEMPLATE))
    build_town(engine, profile, tickets=20, days=5, last=profile.window(LAST_DAY, LAST_DAY).end)
    with engine.begin() as c:
        for who, (role, area) in PEOPLE.items():
            accounts.add(c, who, role, area)
        people_of_duty(c)
    engine.dispose()


def people_of_duty(c: Connection) -> None:
    """Teams around the town, who is on duty now, and posts that answer for areas."""
    lon, lat = centre(c, CELL)
    for number, (code, kind, skills, who) in enumerate((
        ("near_police", "police", ["crowd_control"], "here"), ("near_drone", "drone", ["drone"], None),
        ("far_police", "police", ["crowd_control", "first_aid"], "local"), ("far_medical", "medical", ["first_aid"], None),
    )):  # fmt: skip
        c.execute(text("""insert into teams (code, name, kind, skills, people, account_id, geom) values
            (:code, :code, :kind, :skills, 4, (select id from accounts where name = :who),
             ST_Point(:lon + 0.004 * :n, :lat, 4326))"""),
            {"code": code, "kind": kind, "skills": skills, "who": who, "lon": lon, "lat": lat, "n": number})  # fmt: skip
    for role, who, area, start in (("commander", "chief", None, -1), ("watch", "here", INSIDE, -1), ("deputy", "deputy", None, 20)):  # fmt: skip
        at = datetime.now(UTC) + timedelta(hours=start)
        c.execute(text("""insert into duty_shifts (role, account_id, area_code, starts_at, ends_at) values
            (:role, (select id from accounts where name = :who), :area, :at, cast(:at as timestamptz) + interval '8 h')"""),
            {"role": role, "who": who, "area": area, "at": at})  # fmt: skip
    c.execute(text("""insert into contacts (area_code, role, title, extension, team_id) values
        (:inside, 'subdistrict_lead', '街道联动分中心主任', '8101', null),
        (:cell, 'grid_chief', '网格长', '8102', (select id from teams where code = 'near_police'))"""),
        {"inside": INSIDE, "cell": CELL})  # fmt: skip


def account_of(c: Connection, name: str) -> Account:
    """An account by its name."""
    return next(a for a in accounts.list_accounts(c) if a.name == name)


def centre(c: Connection, code: str) -> tuple[float, float]:
    """A point inside an area, EPSG:4326."""
    row = c.execute(
        text(
            "select ST_X(p), ST_Y(p) from (select ST_PointOnSurface(geom) p from areas where code = :code) s"
        ),
        {"code": code},
    ).one()
    return row[0], row[1]


def raised(c: Connection, cause: str, **told: Any) -> int:
    """An alert as the rules raise it, in the cell CELL unless told otherwise; gives its key."""
    code = told.pop("area_code", CELL)
    lon, lat = centre(c, code) if code else (None, None)
    facts = {
        "cause": cause, "rule": "crowd_density", "level": "warning", "subject_kind": "place", "subject_key": "guanqian",
        "subject_name": "观前街", "subject_name_en": "Guanqian Street", "value": 2.41, "threshold": 2.0,
        "unit": "persons/m²", "facts": {"people": 3210, "people_per_min": 84.6, "minutes_to_next": 6.4},
        "plan_key": "crowd_street", "drill_id": None,
    } | told  # fmt: skip
    number = c.execute(
        text("""insert into alerts (cause, rule, level, peak_level, subject_kind, subject_key, subject_name,
                    subject_name_en, area_id, area_code, value, threshold, unit, facts, observed_at, escalates_at,
                    plan_key, drill_id, geom, outline)
                values (:cause, :rule, :level, :level, :subject_kind, :subject_key, :subject_name, :subject_name_en,
                    (select id from areas where code = :area), :area, :value, :threshold, :unit,
                    cast(:json as jsonb), now(), now() + interval '3 min', :plan_key, :drill_id,
                    case when cast(:lon as float8) is not null then ST_Point(:lon, :lat, 4326) end,
                    case when cast(:lon as float8) is not null
                         then ST_Buffer(ST_Point(:lon, :lat, 4326), 0.0005) end)
                returning id"""),
        facts | {"json": json.dumps(facts.pop("facts")), "area": code, "lon": lon, "lat": lat},
    ).scalar_one()
    c.execute(
        text("""insert into alert_moves (alert_id, move, from_state, to_state, level)
                values (:id, 'raise', null, 'raised', :level)"""),
        {"id": number, "level": facts["level"]},
    )
    return int(number)


def drill(c: Connection) -> int:
    """A running drill; gives its key."""
    return int(
        c.execute(text("insert into drills (plan_key) values ('crowd_street') returning id")).scalar_one()
    )
