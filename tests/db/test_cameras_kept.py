"""What is written about cameras: health, streams, looks, and the gaps between what they see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from geodata.commands import accounts, cameras, coverage
from geodata.errors import BadArgument, NotFound
from geodata.profile import Profile
from geodata.queries.camera_streams import looks, streams
from geodata.queries.freshness import data_version
from tests.db.test_cameras_near import LAT, LON, METRE_LAT, METRE_LON, build, plant

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def c(module_db: Engine) -> Iterator[Connection]:
    """A connection whose rows are taken back."""
    with module_db.connect() as connection:
        yield connection
        connection.rollback()


def states(c: Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in c.execute(text("select code, state from cameras"))}


def test_who_does_not_answer_falls_silent_and_comes_back(c: Connection) -> None:
    for code, state, minutes in (("fresh", "online", 2), ("late", "online", 11), ("dead", "offline", 900),
                                 ("broken", "fault", 900), ("drawn", "online", 900)):  # fmt: skip
        plant(c, code, 0, 0, state=state)
        c.execute(text("update cameras set last_seen_at = :at where code = :code"),
                  {"at": NOW - timedelta(minutes=minutes), "code": code})  # fmt: skip
    plant(c, "never", 0, 0)
    c.execute(
        text(
            "insert into camera_streams (camera_id, kind) select id, 'drawn' from cameras where code = 'drawn'"
        )
    )
    version = data_version(c)
    assert cameras.mark_lost(c, NOW) == ["late"]
    assert states(c) == {"fresh": "online", "late": "silent", "dead": "offline", "broken": "fault", "drawn": "online",
                         "never": "online"}  # fmt: skip
    assert data_version(c) == version + 1, "what is drawn of it must be drawn anew"
    assert cameras.mark_lost(c, NOW) == []
    assert cameras.seen(c, ["late", "dead", "broken", "unknown"], NOW) == 3
    assert states(c) | {"late": "online", "dead": "online", "broken": "fault"} == states(c)
    assert cameras.seen(c, ["late"], NOW - timedelta(hours=1)) == 0, "older news changes nothing"
    assert data_version(c) == version + 2


def test_a_stream_is_kept_replaced_and_taken_away(c: Connection) -> None:
    plant(c, "one", 0, 0)
    assert cameras.draw_pictures(c) == 1
    assert streams(c, "one").urls == {"drawn": None}
    cameras.set_stream(c, "one", "hls", "https://u:p@10.0.0.1/a.m3u8")
    cameras.set_stream(c, "one", "hls", "https://u:p@10.0.0.1/b.m3u8")
    cameras.set_stream(c, "one", "snapshot", "http://10.0.0.1/a.jpg")
    found = streams(c, "one")
    assert found.urls == {"hls": "https://u:p@10.0.0.1/b.m3u8", "snapshot": "http://10.0.0.1/a.jpg"}
    assert "10.0.0.1" not in repr(found)
    assert cameras.draw_pictures(c) == 0
    cameras.set_stream(c, "one", "hls", None)
    assert list(streams(c, "one").urls) == ["snapshot"]
    with pytest.raises(NotFound):
        cameras.set_stream(c, "two", "hls", None)
    with pytest.raises(BadArgument):
        cameras.set_stream(c, "one", "rtsp", "http://x/")


@pytest.mark.parametrize("url", ["rtsp://10.0.0.1/1", "10.0.0.1/x", "http://", "http:///x", "file:///etc/passwd", "http://a b/",
                                 "http://[", "http://x:0x/", "javascript:1"])  # fmt: skip
def test_an_address_that_is_none_of_the_webs_is_refused(c: Connection, url: str) -> None:
    plant(c, "one", 0, 0)
    with pytest.raises(BadArgument) as refusal:
        cameras.set_stream(c, "one", "snapshot", url)
    assert "10.0.0.1" not in str(refusal.value)


def test_a_drawing_has_no_address_and_a_stream_has_one(c: Connection) -> None:
    plant(c, "one", 0, 0)
    with pytest.raises(IntegrityError):
        c.execute(
            text("insert into camera_streams (camera_id, kind, url) select id, 'hls', null from cameras")
        )


def test_a_look_is_logged_and_stays(c: Connection) -> None:
    plant(c, "one", 0, 0)
    accounts.add(c, "anna", "operator", None)
    anna = c.execute(text("select id from accounts where name = 'anna'")).scalar_one()
    assert cameras.opened(c, anna, "one", None, NOW)
    assert not cameras.opened(c, anna, "one", None, NOW + timedelta(seconds=30)), "the same look goes on"
    assert cameras.opened(c, anna, "one", None, NOW + timedelta(minutes=5))
    assert c.execute(text("select count(*) from camera_openings")).scalar_one() == 2
    assert [(look.account, look.at) for look in looks(c, "one")] == [
        ("anna", NOW + timedelta(minutes=5)),
        ("anna", NOW),
    ]
    assert looks(c, "two") == []
    with pytest.raises(DBAPIError, match="added, never changed"):
        c.execute(text("delete from camera_openings"))


def street(c: Connection, code: str, north: float, west: float = -150, east: float = 150) -> None:
    c.execute(
        text("""insert into roads (code, name, class, geom) values (:code, :code, 'lane',
                ST_Multi(ST_MakeLine(ST_Point(:w, :y, 4326), ST_Point(:e, :y, 4326))))"""),
        {
            "code": code,
            "w": LON + west * METRE_LON,
            "e": LON + east * METRE_LON,
            "y": LAT + north * METRE_LAT,
        },
    )


def gaps(c: Connection) -> dict[str, int]:
    return {row[0]: row[1] for row in c.execute(text("select kind, count(*) from coverage_gaps group by 1"))}


def told(c: Connection, profile: Profile) -> dict[str, Any]:
    return coverage.compute(c, profile, NOW)


def test_gaps_are_the_cells_of_streets_that_no_camera_online_sees(c: Connection, gusu: Profile) -> None:
    street(c, "south", 0)
    street(c, "north", 2000)
    nothing = told(c, gusu)
    assert nothing["seen"] == 0
    assert gaps(c) == {"blind": nothing["cells"]}
    assert nothing["streets_m"] == pytest.approx(600, rel=0.01)
    plant(c, "east", -150, 0, heading=90, reach=320)
    seen = told(c, gusu)
    assert seen["seen"] == pytest.approx(nothing["cells"] / 2, abs=2)
    assert seen["streets_seen_m"] == pytest.approx(300, abs=15)
    inside = "select count(*) from coverage_gaps where ST_DWithin(geom, ST_Point(:lon, :lat, 4326), 0.004)"
    assert c.execute(text(inside), {"lon": LON, "lat": LAT}).scalar_one() == 0
    build(c, -60, -20, east=-40, north=20)
    assert told(c, gusu)["streets_seen_m"] == pytest.approx(90 + 20, abs=20), "a house stands in the street"
    c.execute(text("update cameras set state = 'silent'"))
    assert told(c, gusu)["down"] > 0
    assert set(gaps(c)) == {"blind", "down"}


def test_a_place_needs_eyes_too(c: Connection, gusu: Profile) -> None:
    c.execute(text("insert into places (code, kind, name, geom) values ('p', 'garden', 'x', ST_Point(:lon, :lat, 4326))"),
              {"lon": LON, "lat": LAT})  # fmt: skip
    assert told(c, gusu)["blind"] == 1
    assert c.execute(text("select places, streets_m from coverage_gaps")).one() == (1, 0)
    plant(c, "round", 5, 5, heading=None)
    assert told(c, gusu)["blind"] == 0


def test_they_are_made_anew_when_old_and_redrawn_when_changed(c: Connection, gusu: Profile) -> None:
    street(c, "one", 0)
    assert coverage.refresh(c, gusu, NOW)
    version = data_version(c)
    assert not coverage.refresh(c, gusu, NOW + timedelta(minutes=59))
    assert coverage.refresh(c, gusu, NOW + timedelta(minutes=61))
    assert data_version(c) == version, "the same gaps are not drawn again"
    plant(c, "east", -150, 0, heading=90, reach=320)
    coverage.compute(c, gusu, NOW)
    assert data_version(c) == version + 1
