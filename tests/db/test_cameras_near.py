"""Which cameras are called up for a point, with and without buildings, against planted cameras."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text

from geodata.profile import Profile
from geodata.queries.cameras_near import seeing
from geodata.space.sight import convergence_deg

LON, LAT = 120.62, 31.31
METRE_LAT = 1 / 110_880.0
METRE_LON = 1 / (111_320.0 * math.cos(math.radians(LAT)))


def plant(
    c: Connection, code: str, east: float, north: float, *, heading: float | None = None, field: float | None = 60,
    reach: float | None = 80, state: str = "online",
) -> None:  # fmt: skip
    """A camera so many metres east and north of the point."""
    c.execute(
        text("""insert into cameras (code, name, kind, state, heading_deg, field_of_view_deg, range_m, geom)
                values (:code, :code, 'bullet', :state, :heading, :field, :reach, ST_Point(:lon, :lat, 4326))"""),
        {"code": code, "state": state, "heading": heading, "field": field, "reach": reach,
         "lon": LON + east * METRE_LON, "lat": LAT + north * METRE_LAT},
    )  # fmt: skip


def build(
    c: Connection, west: float, south: float, *, east: float, north: float, high: float | None = None
) -> None:
    c.execute(
        text("""insert into buildings (height_m, geom)
                values (:high, ST_Multi(ST_MakeEnvelope(:w, :s, :e, :n, 4326)))"""),
        {"high": high, "w": LON + west * METRE_LON, "s": LAT + south * METRE_LAT, "e": LON + east * METRE_LON,
         "n": LAT + north * METRE_LAT},
    )  # fmt: skip


@pytest.fixture
def c(module_db: Engine) -> Iterator[Connection]:
    """A connection whose rows are taken back."""
    with module_db.connect() as connection:
        yield connection
        connection.rollback()


def codes(c: Connection, profile: Profile, **more: object) -> list[str]:
    return [one.code for one in seeing(c, profile, LON, LAT, **more)]  # type: ignore[arg-type]


def test_those_that_look_here_nearest_first_and_online_before_all(c: Connection, gusu: Profile) -> None:
    plant(c, "west", -40, 0, heading=90)
    plant(c, "west_away", -10, 0, heading=270)
    plant(c, "north", 0, 20, heading=180)
    plant(c, "dead", 0, -5, heading=0, state="offline")
    plant(c, "far", 0, -150, heading=0)
    plant(c, "round", 30, 0, heading=None, field=360)
    found = seeing(c, gusu, LON, LAT)
    assert [one.code for one in found] == ["north", "round", "west", "dead"]
    assert all(one.sees and not one.blocked and one.score > 0 for one in found)
    north = found[0]
    assert north.distance_m == pytest.approx(20, abs=0.2)
    assert north.bearing_deg == pytest.approx(180, abs=0.2)
    assert not north.has_stream
    assert codes(c, gusu, limit=2) == ["north", "round"]


def test_bearings_are_told_from_true_north(c: Connection, gusu: Profile) -> None:
    """Due north on the earth is not due north on the grid here: without the turn this would be 0.3° off."""
    plant(c, "south", 0, -75, heading=0)
    found = seeing(c, gusu, LON, LAT)[0]
    assert abs(convergence_deg(LON, LAT, gusu.metric_srid)) > 0.25
    assert min(found.bearing_deg, 360 - found.bearing_deg) <= 0.1


def test_slightly_beyond_its_range_comes_after_the_others(c: Connection, gusu: Profile) -> None:
    plant(c, "beyond", -45, 0, heading=90, reach=40)
    plant(c, "within", 60, 0, heading=270, reach=80)
    assert codes(c, gusu) == ["within", "beyond"]


def test_a_building_hides(c: Connection, gusu: Profile) -> None:
    plant(c, "behind", -60, 0, heading=90)
    plant(c, "free", 0, 60, heading=180)
    assert codes(c, gusu) == ["free", "behind"]
    build(c, -40, -10, east=-20, north=10)
    found = seeing(c, gusu, LON, LAT)
    assert [one.code for one in found] == ["free"]
    c.execute(text("update cameras set state = 'offline' where code = 'free'"))
    free, behind = seeing(c, gusu, LON, LAT)
    assert (free.code, free.sees) == ("free", True)
    assert (behind.code, behind.sees, behind.blocked, behind.score) == ("behind", False, True, 0)


def test_a_low_building_does_not(c: Connection, gusu: Profile) -> None:
    plant(c, "over", -60, 0, heading=90)
    build(c, -40, -10, east=-20, north=10, high=2.2)
    assert codes(c, gusu) == ["over"]


def test_where_none_sees_it_the_nearest_say_so(c: Connection, gusu: Profile) -> None:
    plant(c, "away", -10, 0, heading=270)
    plant(c, "far", 0, 700, heading=0)
    plant(c, "farther", 0, 900, heading=0)
    plant(c, "broken", 0, 300, heading=0, state="fault")
    found = seeing(c, gusu, LON, LAT, limit=3)
    assert [one.code for one in found] == ["away", "far", "broken"]
    assert not any(one.sees for one in found)
    assert found[1].distance_m == pytest.approx(700, rel=0.005)


def test_nobody_at_all(c: Connection, gusu: Profile) -> None:
    assert seeing(c, gusu, LON, LAT) == []


def test_only_cameras_of_the_area_asked_for(c: Connection, gusu: Profile) -> None:
    area = c.execute(
        text("""insert into areas (scheme, level, code, name, valid_from, area_km2, geom) values
                ('grid', 'subdistrict', 'A', 'x', '2020-01-01', 1,
                 ST_Multi(ST_MakeEnvelope(120.6, 31.3, 120.63, 31.32, 4326))) returning id""")
    ).scalar_one()
    c.execute(
        text("insert into area_ancestors (area_id, ancestor_code, steps) values (:a, 'A', 0)"), {"a": area}
    )
    plant(c, "ours", -40, 0, heading=90)
    plant(c, "theirs", -20, 0, heading=90)
    c.execute(text("update cameras set area_id = :a where code = 'ours'"), {"a": area})
    assert codes(c, gusu, area="A") == ["ours"]
    assert codes(c, gusu, area=gusu.code) == ["theirs", "ours"]


def test_streams_are_told_by_kind_and_never_by_address(c: Connection, gusu: Profile) -> None:
    plant(c, "one", -40, 0, heading=90)
    c.execute(
        text("""insert into camera_streams (camera_id, kind, url)
                select id, k, 'http://user:secret@10.0.0.9/x' from cameras, (values ('snapshot'), ('hls')) v (k)""")
    )
    found = seeing(c, gusu, LON, LAT)[0]
    assert (found.has_stream, found.picture) == (True, "hls")
    assert "secret" not in repr(found)


def test_a_city_of_cameras_is_searched_by_the_index(c: Connection, gusu: Profile) -> None:
    c.execute(
        text("""insert into cameras (code, name, kind, state, heading_deg, field_of_view_deg, range_m, geom)
                select 'n' || n, 'n', 'bullet', 'online', (n * 37) % 360, 60, 40 + n % 200,
                       ST_Point(120.53 + 0.12 * ((n * 7919) % 13889) / 13889.0, 31.26 + 0.12 * ((n * 104729) % 13901) / 13901.0, 4326)
                from generate_series(1, 13888) n""")
    )
    c.execute(text("analyze cameras"))
    seeing(c, gusu, LON, LAT)
    took_ms = []
    for step in range(60):
        begun = time.perf_counter()
        found = seeing(c, gusu, 120.55 + 0.0013 * step, 31.28 + 0.0012 * step)
        took_ms.append((time.perf_counter() - begun) * 1000)
        assert found
    assert sorted(took_ms)[30] < 12, took_ms  # 5 ms is the budget; other work shares the machine
    print(f"median {sorted(took_ms)[30]:.2f} ms, worst {max(took_ms):.2f} ms")
