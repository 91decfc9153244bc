"""SensorThings through the door: deep insert in and out, the query options, our sensors among them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geodata.commands.sensorthings import mirror_sensors

ROOT = "/sta/v1.1"
THING = {
    "name": "lamp 7", "description": "a lamp", "properties": {"owner": "city", "height_m": 8},
    "Locations": [{"name": "corner", "description": "x", "encodingType": "application/geo+json",
                   "location": {"type": "Point", "coordinates": [120.62, 31.31]}}],
    "Datastreams": [{
        "name": "light", "description": "brightness", "observationType": "OM_Measurement",
        "unitOfMeasurement": {"name": "Lumen", "symbol": "lm", "definition": None},
        "ObservedProperty": {"name": "Luminous flux", "definition": "urn:flux", "description": "d"},
        "Sensor": {"name": "eye", "description": "e", "encodingType": "application/pdf", "metadata": "sheet"},
        "Observations": [{"phenomenonTime": f"2026-03-0{n}T00:00:00Z", "result": n} for n in range(1, 6)],
    }],
}  # fmt: skip


@pytest.fixture(scope="module")
def lamp(admin: TestClient) -> int:
    answer = admin.post(f"{ROOT}/Things", json=THING)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"].endswith(f"/Things({answer.json()['@iot.id']})")
    return int(answer.json()["@iot.id"])


def _values(client: TestClient, path: str, **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"{ROOT}/{path}", params={f"${name}": value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


def _holds(told: Any, came: Any, path: str = "") -> None:
    """Everything that was told came out again, whatever else came with it."""
    if isinstance(told, dict):
        for name, value in told.items():
            assert name in came, f"{path}/{name}"
            _holds(value, came[name], f"{path}/{name}")
    elif isinstance(told, list):
        assert len(told) == len(came), path
        for at, value in enumerate(told):
            _holds(value, came[at], f"{path}/{at}")
    else:
        assert came == told, path


DEEP = (
    "Locations,Datastreams($orderby=id;$expand=ObservedProperty,Sensor,Observations($orderby=phenomenonTime))"
)


def test_what_goes_in_by_deep_insert_comes_out_again(admin: TestClient, lamp: int) -> None:
    came = admin.get(f"{ROOT}/Things({lamp})", params={"$expand": DEEP}).json()
    _holds(THING, came)


def test_frosts_entities_go_in_and_come_out(admin: TestClient, shared_data: Path) -> None:
    told = json.loads((shared_data / "sensors/sensorthings_frost/entitiesDefault.json").read_text("utf-8"))
    made = admin.post(f"{ROOT}/Things", json=told)
    assert made.status_code == 201, made.text
    came = admin.get(f"{ROOT}/Things({made.json()['@iot.id']})", params={"$expand": DEEP}).json()
    _holds(told, came)


@pytest.mark.parametrize(("query", "results"), [
    ({"filter": "result gt 3", "orderby": "result desc"}, [5, 4]),
    ({"filter": "result ge 2 and phenomenonTime lt 2026-03-04T00:00:00Z", "orderby": "phenomenonTime"}, [2, 3]),
    ({"filter": "result mul 2 eq 8 or day(phenomenonTime) eq 1", "orderby": "result"}, [1, 4]),
    ({"filter": "not (result le 4)"}, [5]),
    ({"orderby": "result", "top": "2", "skip": "1"}, [2, 3]),
])  # fmt: skip
def test_observations_are_filtered_ordered_and_cut(
    admin: TestClient, lamp: int, query: dict[str, str], results: list[int]
) -> None:
    series = _values(admin, f"Things({lamp})/Datastreams")[0]["@iot.id"]
    assert [
        one["result"] for one in _values(admin, f"Datastreams({series})/Observations", **query)
    ] == results


@pytest.mark.parametrize(("condition", "found"), [
    ("name eq 'lamp 7'", True), ("properties/owner eq 'city'", True), ("properties/height_m gt 9", False),
    ("Datastreams/name eq 'light'", True), ("Datastreams/ObservedProperty/definition eq 'urn:nothing'", False),
    ("Datastreams/Observations/result gt 4", True), ("Datastreams/Observations/result gt 5", False),
    ("startswith(name, 'lamp') and substringof('7', name)", True), ("length(description) eq 6", True),
    ("st_within(Locations/location, geography'POLYGON ((120 31, 121 31, 121 32, 120 32, 120 31))')", True),
    ("geo.distance(Locations/location, geography'POINT (120.62 31.31)') gt 1", False),
])  # fmt: skip
def test_things_are_found_by_what_hangs_on_them(
    admin: TestClient, lamp: int, condition: str, found: bool
) -> None:
    assert bool(_values(admin, "Things", filter=f"id eq {lamp} and ({condition})")) is found


def test_a_long_set_says_how_many_there_are_and_where_the_rest_is(admin: TestClient, lamp: int) -> None:
    series = _values(admin, f"Things({lamp})/Datastreams")[0]["@iot.id"]
    first = admin.get(
        f"{ROOT}/Datastreams({series})/Observations", params={"$top": "2", "$count": "true"}
    ).json()
    assert first["@iot.count"] == 5
    rest = admin.get(first["@iot.nextLink"].replace("http://testserver", "")).json()
    assert [one["result"] for one in first["value"] + rest["value"]] == [1, 2, 3, 4]


def test_our_sensors_are_things_and_their_readings_observations(
    admin: TestClient, town_engine: Engine
) -> None:
    with town_engine.begin() as c:
        code = c.execute(text("select code from sensors order by id limit 1")).scalar()
    found = _values(
        admin, "Datastreams", filter=f"Thing/properties/yiping_sensor eq '{code}'", expand="Thing"
    )
    assert [one["Thing"]["properties"]["yiping_sensor"] for one in found] == [code]
    body = {
        "phenomenonTime": "2026-11-01T00:00:00Z",
        "result": 0.25,
        "Datastream": {"@iot.id": found[0]["@iot.id"]},
    }
    made = admin.post(f"{ROOT}/Observations", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["result"] == 0.25
    again = admin.post(f"{ROOT}/Observations", json=body)
    assert again.json()["@iot.id"] == made.json()["@iot.id"]
    with town_engine.connect() as c:
        kept = c.execute(text("select r.value from readings r join sensors s on s.id = r.sensor_id"
                              " where s.code = :code and r.at = '2026-11-01T00:00:00Z'"), {"code": code}).scalars().all()  # fmt: skip
    assert kept == [0.25]


@pytest.mark.parametrize(("path", "status"), [
    ("Things?$filter=name eq", 422), ("Things?$filter=nothing eq 1", 422), ("Things?$expand=Nothing", 422), ("Nothing", 404),
    ("Things(999999)", 404), ("Things(1;drop)", 404), ("Things?$orderby=Datastreams/name", 422), ("Things?colour=red", 422),
    ("Locations?$filter=st_within(location, geography'POINT')", 422),
])  # fmt: skip
def test_what_makes_no_sense_is_a_calm_refusal(admin: TestClient, path: str, status: int) -> None:
    answer = admin.get(f"{ROOT}/{path}")
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_half_an_insert_is_none(admin: TestClient, town_engine: Engine) -> None:
    broken = json.loads(json.dumps(THING | {"name": "never made"}))
    del broken["Datastreams"][0]["ObservedProperty"]["definition"]
    answer = admin.post(f"{ROOT}/Things", json=broken)
    assert answer.status_code == 422
    assert "Datastreams/0/ObservedProperty" in answer.text
    with town_engine.connect() as c:
        assert c.execute(text("select count(*) from sta_things where name = 'never made'")).scalar() == 0


def test_only_operators_write_and_a_part_sees_nothing(knock: Callable[[str | None], TestClient]) -> None:
    assert knock("planner").get(f"{ROOT}/Things").status_code == 200
    assert knock("planner").post(f"{ROOT}/Things", json=THING).status_code == 403
    assert knock("local").get(f"{ROOT}/Things").status_code == 403
    assert knock(None).get(f"{ROOT}/Things").status_code == 401


def test_two_first_readers_at_once_make_each_sensor_a_thing_once(town_engine: Engine) -> None:
    with town_engine.begin() as c:
        c.execute(text("delete from sta_things where properties ? 'yiping_sensor'"))
    together = threading.Barrier(4)

    def read() -> None:
        together.wait()
        with town_engine.begin() as c:
            mirror_sensors(c)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    with town_engine.connect() as c:
        things, sensors = c.execute(
            text("""select (select count(*) from sta_things where properties ? 'yiping_sensor'),
                           (select count(*) from sensors)""")
        ).one()
    assert things == sensors
