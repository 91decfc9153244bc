"""The wall's fragments: what takes it over, who has it, what is calm, who may look; and crowds over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, text
from starlette.testclient import TestClient

import app.http
from app.pages import wall_fragments
from app.pages.wall_data import FADES, choose
from geodata.commands import accounts, alerts, dispatch, incidents
from geodata.commands.accounts import Account
from geodata.commands.finding import Finding
from geodata.commands.findings import clear, raise_or_grow
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard, open_alerts
from geodata.queries.camera_streams import called_up
from geodata.store.settings import Settings
from tests.db.crowd_town import MARKET, CrowdTown, lay_crowds, series, tick
from tests.mvt import decode

Knock = Callable[[str], TestClient]
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def c(empty_db: Engine) -> Engine:
    """A town with people of three roles and crowd places."""
    with empty_db.begin() as connection:
        connection.execute(
            text("""insert into areas (scheme, level, code, name, valid_from, area_km2, geom)
                    select 'grid', level, code, name, date '2020-01-01', 80,
                           ST_Multi(ST_MakeEnvelope(120.524, 31.257, 120.651, 31.381, 4326))
                    from (values ('district', '320508', '姑苏区'), ('subdistrict', '320508001', '平江街道')) v(level, code, name)""")
        )
        connection.execute(
            text("""insert into area_ancestors (area_id, ancestor_code, steps)
                    select id, code, 0 from areas union all select id, '320508', 1 from areas where code = '320508001'""")
        )
        for name in ("screen", "commander", "planner"):
            accounts.add(connection, name, name, None)
        lay_crowds(connection)
    return empty_db


@pytest.fixture
def knock(c: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Knock:
    """A client of each role on doors that hold the wall's fragments."""
    doors = FastAPI()
    app.http.install(doors, c, gusu, Settings(home=tmp_path_factory.mktemp("wall")))
    doors.include_router(wall_fragments.router)

    def client(name: str) -> TestClient:
        with c.begin() as connection:
            token = accounts.make_token(connection, name)
        return TestClient(doors, headers={"Authorization": f"Bearer {token}"})

    return client


def finding(c: Connection, level: str = "danger", drill: int | None = None, **changes: object) -> Finding:
    area = c.execute(text("select id from areas where code = '320508001'")).scalar_one()
    it = Finding(
        cause="crowd_density:market", rule="crowd_density", level=level, subject_kind="place", subject_key="market",
        subject_name="观前街", subject_name_en="Guanqian Street", area_id=area, area_code="320508001", lon=MARKET[0],
        lat=MARKET[1], outline_wkb=None, value=2.31, threshold=2.15, unit="persons/m²",
        facts={"people": 3210, "people_per_min": 42.0, "minutes_to_next": 3.4, "next_level": "danger"},
        observed_at=datetime.now(UTC), accepted_at=datetime.now(UTC), drill_id=drill,
    )  # fmt: skip
    return replace(it, **changes)  # type: ignore[arg-type]


def raised(c: Engine, gusu: Profile, level: str = "danger", **changes: object) -> int:
    with c.begin() as connection:
        number = raise_or_grow(connection, gusu, finding(connection, level, **changes))  # type: ignore[arg-type]
    assert number is not None
    return number


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_without_alerts_the_wall_is_calm(knock: Knock) -> None:
    answer = knock("screen").get("/fragments/wall")
    assert answer.status_code == 200
    assert "无告警" in answer.text
    assert 'data-state="calm"' in answer.text


def test_an_alert_takes_it_over_with_all_that_a_room_must_know(
    c: Engine, gusu: Profile, knock: Knock
) -> None:
    number = raised(c, gusu, "warning")
    told = knock("screen").get("/fragments/wall").text
    said = words(told)
    for word in (
        "预警",
        "观前街",
        "平江街道",
        "2.31",
        "人/m²",
        "约 3,210 人",
        "+42 人/分钟",
        "2.15",
        "约 3 分钟后达到",
        "尚无人接警",
    ):
        assert word in said, word
    assert f'data-key="alert-{number}"' in told
    focus = json.loads(re.findall(r'data-focus="([^"]*)"', told)[0].replace("&quot;", '"'))
    assert (focus["id"], focus["lon"], focus["lat"]) == (number, *MARKET)
    assert re.findall(r'data-loud="([^"]*)"', told) == [f"[{number}]"]


def test_the_wall_follows_each_step(c: Engine, gusu: Profile, knock: Knock) -> None:
    number = raised(c, gusu)
    with c.begin() as connection:
        who = connection.execute(text("select id from accounts where name = 'commander'")).scalar_one()
        account = Account(who, "commander", "commander", None)
        alerts.move(connection, gusu, account, number, "acknowledge", revision=None)
    screen = knock("screen")
    taken = screen.get("/fragments/wall").text
    assert "已接警： 指挥长" in words(taken)
    assert "wall-card-taken" in taken
    assert 'data-loud="[]"' in taken
    with c.begin() as connection:
        opened = incidents.open_from_alert(connection, gusu, account, number)
        team = connection.execute(
            text("""insert into teams (code, name, kind, people, geom)
                    values ('t1', '平江城管一队', 'city_management', 6, ST_Point(120.62, 31.31, 4326)) returning id""")
        ).scalar_one()
        sent = dispatch.send(connection, gusu, account, opened.id, team, "疏导人群")
    assert "平江城管一队 已派遣" in words(screen.get("/fragments/wall").text)
    with c.begin() as connection:
        dispatch.accept(connection, gusu, account, sent.id if hasattr(sent, "id") else sent)
    assert "平江城管一队 已接令" in words(screen.get("/fragments/wall").text)
    with c.begin() as connection:
        incidents.move(connection, gusu, account, opened.id, "resolve", revision=None)
    assert "已处置完毕" in words(screen.get("/fragments/wall").text)
    ticker = words(screen.get("/fragments/wall/ticker").text)
    for word in ("观前街", "危险", "已接警", "平江城管一队，已接令"):
        assert word in ticker, word


def test_what_clears_by_itself_leaves_the_wall_calm_since_then(
    c: Engine, gusu: Profile, knock: Knock
) -> None:
    raised(c, gusu)
    with c.begin() as connection:
        clear(connection, "crowd_density:market", None, datetime.now(UTC))
    told = words(knock("screen").get("/fragments/wall").text)
    assert "无告警" in told
    assert re.search(r"自 \d\d:\d\d 起平稳", told)


def test_a_drill_is_marked_and_gives_way_to_what_is_true(c: Engine, gusu: Profile, knock: Knock) -> None:
    with c.begin() as connection:
        drill = connection.execute(
            text("insert into drills (plan_key) values ('crowd_street') returning id")
        ).scalar_one()
    raised(c, gusu, drill=drill)
    told = knock("screen").get("/fragments/wall").text
    assert 'data-drill="yes"' in told
    assert words(told).count("演练") >= 2
    true = raised(c, gusu, subject_name="平江路", cause="crowd_density:pingjiang")
    assert f'data-key="alert-{true}"' in knock("screen").get("/fragments/wall").text


def test_notices_do_not_take_the_wall_over(c: Engine, gusu: Profile, knock: Knock) -> None:
    raised(c, gusu, "notice")
    told = words(knock("screen").get("/fragments/wall").text)
    assert "无重大告警" in told
    assert "其他告警 1 起" in told


def test_english_has_no_chinese_but_names(c: Engine, gusu: Profile, knock: Knock) -> None:
    raised(c, gusu)
    screen = knock("screen")
    for path in (
        "/fragments/wall",
        "/fragments/wall/figures",
        "/fragments/wall/crowds",
        "/fragments/wall/ticker",
    ):
        told = words(screen.get(path, params={"lang": "en"}).text)
        assert not re.search(
            r"[\u4e00-\u9fff]", told.replace("平江街道", "").replace("市集", "").replace("园", "")
        ), told


@pytest.mark.parametrize("path", ["", "/figures", "/crowds", "/ticker"])
def test_who_has_no_wall_is_told_so(knock: Knock, path: str) -> None:
    assert knock("planner").get(f"/fragments/wall{path}").status_code == 403
    assert knock("commander").get(f"/fragments/wall{path}").status_code == 200


def test_crowds_say_how_full_a_place_is_and_when_they_stand_still(c: Engine, knock: Knock) -> None:
    assert "人流数据尚未接入" in knock("screen").get("/fragments/wall/crowds").text
    with c.begin() as connection:
        town = connection.execute(
            text("select id, (select id from crowd_grids limit 1) from feeds limit 1")
        ).one()
        cells = np.frombuffer(connection.execute(text("select cells from crowd_grids")).scalar_one(), "<i8")
        at = tick(connection, CrowdTown(town[0], town[1], cells), np.full(len(cells), 9.0))
        series(connection, "market", [0.1, 0.1, 0.1], last=at, people=35_000)
    told = knock("screen").get("/fragments/wall/crowds").text
    assert "35,000" in told
    assert "width:50.0%" in told
    with c.begin() as connection:
        connection.execute(text("update crowd_ticks set at = at - interval '10 minutes'"))
        connection.execute(text("update crowd_series set at = at - interval '10 minutes'"))
    assert "数据停在" in knock("screen").get("/fragments/wall/crowds").text


def test_crowd_over_http(c: Engine, knock: Knock) -> None:
    with c.begin() as connection:
        feed, grid = connection.execute(text("select f.id, g.id from feeds f, crowd_grids g")).one()
        cells = np.frombuffer(connection.execute(text("select cells from crowd_grids")).scalar_one(), "<i8")
        at = tick(connection, CrowdTown(feed, grid, cells), np.full(len(cells), 9.0))
        series(connection, "market", [0.1] * 6, last=at)
    screen = knock("screen")
    told = screen.get("/api/crowd").json()
    assert [place["code"] for place in told["places"]] == ["market", "garden"]
    assert told["places"][0]["people"] == 100
    assert told["places"][1]["people"] is None
    assert told["stale_since"] is None
    for _ in range(100):  # 202 while the grid is laid out
        tile = screen.get("/tiles/crowd/10/855/418.mvt?v=1")
        if tile.status_code != 202:
            break
    assert tile.status_code == 200
    assert decode(tile.content)["crowd"]
    assert screen.get("/api/layers/live").json()["crowd"]["stale_since"] is None
    assert screen.get("/tiles/alerts/10/855/418.mvt").status_code == 404
    assert screen.get("/api/layers/crowd/features").status_code == 404


def test_open_alerts_are_drawn_with_their_outline(c: Engine, gusu: Profile, knock: Knock) -> None:
    number = raised(c, gusu)
    (feature,) = knock("screen").get("/api/layers/alerts/features").json()["features"]
    assert feature["id"] == number
    assert feature["geometry"]["type"] == "Point"
    assert (feature["properties"]["level"], feature["properties"]["taken"]) == ("danger", False)


def test_the_worst_comes_first_and_true_before_drill_before_taken(c: Engine, gusu: Profile) -> None:
    raised(c, gusu, "watch")
    with c.connect() as connection:
        (card,) = open_alerts(connection, gusu, None)

    def like(number: int, **changes: object) -> AlertCard:
        return replace(card, id=number, **changes)  # type: ignore[arg-type]

    now = card.changed_at
    cards = [
        like(1),
        like(2, level="danger", drill_id=9),
        like(3, level="danger"),
        like(4, level="danger", state="acknowledged"),
    ]
    assert choose(cards, now).id == 3  # type: ignore[union-attr]
    assert choose(cards[:2], now).id == 2  # type: ignore[union-attr]
    assert choose([like(5, level="notice")], now) is None
    old = like(6, state="acknowledged")
    assert choose([old], now + FADES - timedelta(minutes=1)) is not None
    assert choose([old], now + FADES + timedelta(minutes=1)) is None


def test_only_a_screen_renews_its_session(
    c: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory
) -> None:
    doors = FastAPI()
    app.http.install(doors, c, gusu, Settings(home=tmp_path_factory.mktemp("renew")))
    for name, status in (("screen", 204), ("commander", 403)):
        with c.begin() as connection:
            password = accounts.reset(connection, name)
        with TestClient(doors, base_url="http://testserver") as client:
            client.post(
                "/sign-in", content=f"name={name}&password={password}", headers={"accept": "application/json"}
            )
            with c.begin() as connection:
                connection.execute(text("update sessions set expires_at = now() + interval '1 hour'"))
            assert client.post("/stay-signed-in").status_code == status
        with c.begin() as connection:
            left = connection.execute(text("select max(expires_at) - now() from sessions")).scalar_one()
        assert (left > timedelta(days=13)) is (status == 204)


def by_hand(c: Engine, gusu: Profile, level: str = "warning", title: str = "碧凤坊火情") -> incidents.Opened:
    """An incident that a commander opened at a point of the town."""
    with c.begin() as connection:
        who = connection.execute(text("select id from accounts where name = 'commander'")).scalar_one()
        return incidents.open_at_point(
            connection, gusu, Account(who, "commander", "commander", None), kind="fire", title=title,
            lon=MARKET[0], lat=MARKET[1], level=level,  # type: ignore[arg-type]
        )  # fmt: skip


def move_on(c: Engine, gusu: Profile, opened: incidents.Opened, *moves: str) -> None:
    with c.begin() as connection:
        who = connection.execute(text("select id from accounts where name = 'commander'")).scalar_one()
        for number, each in enumerate(moves, 1):
            incidents.move(
                connection,
                gusu,
                Account(who, "commander", "commander", None),
                opened.id,
                each,
                revision=number,
            )


def test_an_incident_opened_by_hand_takes_the_wall_until_it_is_resolved(
    c: Engine, gusu: Profile, knock: Knock
) -> None:
    opened, screen = by_hand(c, gusu), knock("screen")
    told = screen.get("/fragments/wall").text
    assert f'data-key="incident-{opened.id}"' in told
    said = words(told)
    for word in ("预警", "碧凤坊火情", "火情", f"人工立案 {opened.number}", "已接警： 指挥长"):
        assert word in said, word
    assert 'data-loud="[]"' in told  # somebody has it: nothing sounds
    move_on(c, gusu, opened, "verify", "resolve")
    assert "wall-card-done" in screen.get("/fragments/wall").text
    with c.begin() as connection:
        connection.execute(text("update incidents set resolved_at = now() - interval '5 min'"))
    assert 'data-state="calm"' in screen.get("/fragments/wall").text


def test_a_graver_alert_comes_before_what_was_opened_by_hand(c: Engine, gusu: Profile, knock: Knock) -> None:
    opened, number = by_hand(c, gusu, "watch"), raised(c, gusu, "danger")
    told = knock("screen").get("/fragments/wall").text
    assert f'data-key="alert-{number}"' in told
    assert f'data-key="waiting-incident-{opened.id}"' in told


def test_a_notice_opened_by_hand_does_not_take_the_wall(c: Engine, gusu: Profile, knock: Knock) -> None:
    by_hand(c, gusu, "notice")
    assert "无重大告警" in words(knock("screen").get("/fragments/wall").text)


def test_an_incident_from_an_alert_is_told_once(c: Engine, gusu: Profile, knock: Knock) -> None:
    number = raised(c, gusu)
    with c.begin() as connection:
        who = connection.execute(text("select id from accounts where name = 'commander'")).scalar_one()
        incidents.open_from_alert(connection, gusu, Account(who, "commander", "commander", None), number)
    told = knock("screen").get("/fragments/wall").text
    assert f'data-key="alert-{number}"' in told
    assert "waiting-" not in told


def test_a_screen_may_look_through_the_cameras_of_what_was_opened_by_hand(c: Engine, gusu: Profile) -> None:
    with c.begin() as connection:
        connection.execute(
            text("""insert into cameras (code, name, kind, state, geom, heading_deg, field_of_view_deg, range_m)
                    values ('C1', '碧凤坊口', 'bullet', 'online', ST_Point(:lon, :lat + 0.0003, 4326), 180, 90, 120)"""),
            {"lon": MARKET[0], "lat": MARKET[1]},
        )
    with c.connect() as connection:
        assert called_up(connection, gusu) == frozenset()
    opened = by_hand(c, gusu)
    with c.connect() as connection:
        assert called_up(connection, gusu) == {"C1"}
    move_on(c, gusu, opened, "resolve")
    with c.begin() as connection:
        connection.execute(text("update incidents set resolved_at = now() - interval '5 min'"))
        assert called_up(connection, gusu) == frozenset()


def test_the_map_marks_what_was_opened_by_hand(c: Engine, gusu: Profile, knock: Knock) -> None:
    opened, screen = by_hand(c, gusu), knock("screen")
    [mark] = screen.get("/api/layers/alerts/features").json()["features"]
    assert (mark["id"], mark["properties"]["level"], mark["properties"]["taken"]) == (
        -opened.id,
        "warning",
        True,
    )
    assert mark["geometry"]["coordinates"] == pytest.approx(list(MARKET))
    away = screen.get("/api/layers/alerts/features", params={"bbox": "120.53,31.26,120.54,31.27"})
    assert away.json()["features"] == []
    move_on(c, gusu, opened, "resolve")
    assert screen.get("/api/layers/alerts/features").json()["features"] == []
