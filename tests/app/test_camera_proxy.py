"""The proxy of camera pictures: what it hands on, to whom, what it refuses, and that no secret of a camera leaves it."""

from __future__ import annotations

import hmac
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, text
from starlette.testclient import TestClient

import app.http
from geodata.commands import accounts, cameras
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.settings import Settings
from tests.app.conftest import PEOPLE
from tests.db.town import town_database
from tests.fake_camera import NAME, PASSWORD, QUOTED, FakeCamera, fake_camera, make_stream

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the stream")
Knock = Callable[[str], TestClient]
STILLS = {
    "cam3": "still.jpg", "cam6": "page.jpg", "cam9": "lie.jpg", "cam12": "huge.jpg", "cam15": "away.jpg",
    "cam18": "round.jpg", "cam21": "moved.jpg", "cam24": "file.jpg", "cam27": "cut.jpg", "cam30": "gone.jpg",
}  # fmt: skip
STREAMS = {"cam3": "index.m3u8", "cam6": "strange.m3u8", "cam9": "master.m3u8", "cam12": "none.m3u8"}


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeCamera]:
    folder: Path = tmp_path_factory.mktemp("camera")
    make_stream(folder, 6)
    with fake_camera(folder) as running:
        yield running


@pytest.fixture(scope="module")
def engine(cluster: Cluster, gusu: Profile, camera: FakeCamera) -> Iterator[Engine]:
    for engine in town_database(cluster, gusu, "town_of_cameras"):
        with engine.begin() as c:
            for name, area in PEOPLE.items():
                accounts.add(c, name, "commander" if name == "local" else name, area)
            c.execute(text("update cameras set state = 'online'"))
            for code, path in STILLS.items():
                cameras.set_stream(c, code, "snapshot", camera.url(path))
            for code, path in STREAMS.items():
                cameras.set_stream(c, code, "hls", camera.url(path))
            cameras.set_stream(
                c, "cam33", "snapshot", f"http://{NAME}:{QUOTED}@localhost:{camera.port}/still.jpg"
            )
            c.execute(
                text(
                    "insert into camera_streams (camera_id, kind) select id, 'drawn' from cameras where code = 'cam36'"
                )
            )
        yield engine


@pytest.fixture(scope="module")
def doors(
    engine: Engine, gusu: Profile, camera: FakeCamera, tmp_path_factory: pytest.TempPathFactory
) -> FastAPI:
    application = FastAPI(docs_url=None, redoc_url=None)
    settings = Settings(home=tmp_path_factory.mktemp("doors"), camera_hosts=camera.host)
    app.http.install(application, engine, gusu, settings)
    return application


@pytest.fixture(scope="module")
def knock(doors: FastAPI, engine: Engine) -> Knock:
    def client(name: str) -> TestClient:
        with engine.begin() as c:
            token = accounts.make_token(c, name)
        return TestClient(doors, headers={"Authorization": f"Bearer {token}"}, follow_redirects=False)

    return client


@pytest.fixture(scope="module")
def operator(knock: Knock) -> TestClient:
    return knock("operator")


def openings(engine: Engine, code: str) -> list[tuple[str, int | None]]:
    with engine.connect() as c:
        rows = c.execute(
            text("""select a.name, o.alert_id from camera_openings o join cameras k on k.id = o.camera_id
                    join accounts a on a.id = o.account_id where k.code = :code order by o.id"""),
            {"code": code},
        )
        return [(row[0], row[1]) for row in rows]


def an_alert(c: Connection, code: str) -> int:
    """An open alert right before a camera."""
    alert = c.execute(
        text("""insert into alerts (cause, rule, level, peak_level, state, subject_kind, subject_key, subject_name,
                    observed_at, geom)
                select 'crowd_density:x', 'crowd_density', 'watch', 'watch', 'raised', 'place', 'x', 'x', now(), geom
                from cameras where code = :code returning id"""),
        {"code": code},
    )
    return int(alert.scalar_one())


def test_a_still_comes_through(operator: TestClient) -> None:
    answer = operator.get("/api/cameras/cam3/snapshot.jpg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert answer.headers["cache-control"] == "no-store"
    assert (
        abs((datetime.now(UTC) - datetime.fromisoformat(answer.headers["x-picture-at"])).total_seconds()) < 20
    )


def test_a_stream_comes_through_under_names_of_ours(operator: TestClient) -> None:
    answer = operator.get("/api/cameras/cam3/hls/index.m3u8")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    names = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    assert len(names) == 3
    pieces = [operator.get(f"/api/cameras/cam3/hls/{name}") for name in names]
    assert all(piece.status_code == 200 and piece.content[:1] == b"\x47" for piece in pieces)
    assert {piece.headers["content-type"] for piece in pieces} == {"video/mp2t"}
    assert len({piece.content for piece in pieces}) == 3


def test_a_playlist_of_playlists_is_followed(operator: TestClient) -> None:
    master = operator.get("/api/cameras/cam9/hls/index.m3u8").text
    assert "verysecret" not in master
    inner = operator.get(f"/api/cameras/cam9/hls/{master.splitlines()[-1]}").text
    piece = operator.get(f"/api/cameras/cam9/hls/{next(x for x in inner.splitlines() if x.endswith('.seg'))}")
    assert piece.content[:1] == b"\x47"


def test_another_process_finds_the_same_names(doors: FastAPI, operator: TestClient) -> None:
    master = operator.get("/api/cameras/cam9/hls/index.m3u8").text
    inner = operator.get(f"/api/cameras/cam9/hls/{master.splitlines()[-1]}").text
    name = next(line for line in inner.splitlines() if line.endswith(".seg"))
    del doors.state.camera_relay  # as if it had never heard of the stream
    assert operator.get(f"/api/cameras/cam9/hls/{name}").status_code == 200


def test_a_redirect_within_the_camera_is_followed(operator: TestClient) -> None:
    assert operator.get("/api/cameras/cam21/snapshot.jpg").status_code == 200


@pytest.mark.parametrize(
    "code", ["cam6", "cam9", "cam12", "cam15", "cam18", "cam24", "cam27", "cam30", "cam33"]
)
def test_what_is_no_picture_or_stands_elsewhere_is_refused(operator: TestClient, code: str) -> None:
    answer = operator.get(f"/api/cameras/{code}/snapshot.jpg")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "script" not in answer.text


def test_pieces_on_other_hosts_are_refused_and_bad_playlists_too(
    operator: TestClient, camera: FakeCamera
) -> None:
    strange = operator.get("/api/cameras/cam6/hls/index.m3u8").text
    away, page = [line for line in strange.splitlines() if line.endswith(".seg")]
    assert operator.get(f"/api/cameras/cam6/hls/{away}").status_code == 503
    assert operator.get(f"/api/cameras/cam6/hls/{page}").status_code == 503, "a page is no piece of a stream"
    assert operator.get("/api/cameras/cam12/hls/index.m3u8").status_code == 503


@pytest.mark.parametrize("name", [
    "..%2f..%2fetc%2fpasswd", "..%2findex.m3u8", "%2e%2e", "index0.ts", "x" * 22 + ".seg", "x" * 22 + ".m3u8",
    "http:%2f%2f127.0.0.1%2f", "index.m3u8%00", "still.jpg", "A" * 4000,
])  # fmt: skip
def test_nothing_but_names_of_ours_reaches_the_camera(
    operator: TestClient, camera: FakeCamera, name: str
) -> None:
    operator.get("/api/cameras/cam3/hls/index.m3u8")
    before = [path for path, _ in camera.asked if path != "/index.m3u8"]
    assert operator.get(f"/api/cameras/cam3/hls/{name}").status_code in (404, 422)
    assert [path for path, _ in camera.asked if path != "/index.m3u8"] == before


def test_no_secret_and_no_address_in_any_answer_or_log(
    operator: TestClient, camera: FakeCamera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    for code in [*STILLS, "cam33", "cam36"]:
        for path in ("snapshot.jpg", "hls/index.m3u8", "hls/" + "x" * 22 + ".seg", "drawing.svg"):
            answer = operator.get(f"/api/cameras/{code}/{path}")
            said += [str(answer.headers), answer.content.decode("latin-1")]
        said.append(operator.get(f"/api/cameras/{code}").text)
    said.append(operator.get("/api/cameras/near", params={"lon": 120.6, "lat": 31.3, "limit": 20}).text)
    said += [record.getMessage() for record in caplog.records if not record.name.startswith("asyncio")]
    secret = re.compile(
        "|".join(map(re.escape, (NAME, PASSWORD, QUOTED, "verysecret", f":{camera.port}", "127.0.0.1")))
    )
    assert [found[0] for each in said if (found := secret.search(each))] == []


def test_credentials_go_to_their_camera_only(operator: TestClient, tmp_path: Path, camera: FakeCamera, engine: Engine,
                                             gusu: Profile) -> None:  # fmt: skip
    """A redirect to another allowed host is followed without the first one's password."""
    (tmp_path / "open").mkdir()
    with fake_camera(tmp_path) as other, fake_camera(tmp_path, f"http://{other.host}/open/x.jpg") as first:
        application = FastAPI()
        settings = Settings(home=tmp_path, camera_hosts=f"{first.host},{other.host}")
        app.http.install(application, engine, gusu, settings)
        with engine.begin() as c:
            cameras.set_stream(c, "cam39", "snapshot", first.url("away.jpg"))
            token = accounts.make_token(c, "operator")
        client = TestClient(application, headers={"Authorization": f"Bearer {token}"})
        assert client.get("/api/cameras/cam39/snapshot.jpg").status_code == 503
        assert [said.partition(" ")[0] for _, said in first.asked] == ["Basic"]
        assert other.asked == [("/open/x.jpg", "")]


def test_without_an_allow_list_nothing_is_fetched(
    engine: Engine, gusu: Profile, tmp_path: Path, camera: FakeCamera
) -> None:
    application = FastAPI()
    app.http.install(application, engine, gusu, Settings(home=tmp_path))
    with engine.begin() as c:
        token = accounts.make_token(c, "operator")
    before = len(camera.asked)
    client = TestClient(application, headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/cameras/cam3/snapshot.jpg").status_code == 503
    assert len(camera.asked) == before


def test_who_may_look(knock: Knock, engine: Engine) -> None:
    with engine.connect() as c:
        inside = set(
            c.execute(text("""select k.code from cameras k join area_ancestors a on a.area_id = k.area_id
                              where a.ancestor_code = '1-0-0'""")).scalars()
        )  # fmt: skip
    local = knock("local")
    for code in ("cam3", "cam21"):
        wanted = 200 if code in inside else 403
        assert local.get(f"/api/cameras/{code}/snapshot.jpg").status_code == wanted
    assert knock("planner").get("/api/cameras/cam3/snapshot.jpg").status_code == 403
    assert knock("planner").get("/api/cameras/near", params={"lon": 120.6, "lat": 31.3}).status_code == 403
    assert knock("commander").get("/api/cameras/cam3/snapshot.jpg").status_code == 200
    assert knock("operator").get("/api/cameras/nothing/snapshot.jpg").status_code == 404


def test_a_screen_sees_only_what_an_open_alert_calls_up(knock: Knock, engine: Engine, doors: FastAPI) -> None:
    screen = knock("screen")
    assert screen.get("/api/cameras/cam3/snapshot.jpg").status_code == 403
    with engine.begin() as c:
        alert = an_alert(c, "cam3")
    doors.state.camera_looks.asked_at = -1e9  # two seconds later
    assert screen.get(f"/api/cameras/cam3/snapshot.jpg?alert={alert}").status_code == 200
    assert screen.get("/api/cameras/cam21/snapshot.jpg").status_code == 403
    with engine.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() - interval '2 minutes'"))
    doors.state.camera_looks.asked_at = -1e9
    assert screen.get("/api/cameras/cam3/snapshot.jpg").status_code == 403
    assert ("screen", alert) in openings(engine, "cam3")


def test_a_screen_keeps_what_it_was_handed_while_the_alert_moves(
    knock: Knock, engine: Engine, doors: FastAPI
) -> None:
    """The card shows the cameras of the moment before; they are its own to show, and nobody else's, until the end."""
    screen, other = knock("screen"), knock("screen")
    with engine.begin() as c:
        alert = an_alert(c, "cam21")
    told = screen.headers["Authorization"].removeprefix("Bearer ")
    seal = hmac.new(told.encode(), f"cam3/{alert}".encode(), "sha256").hexdigest()[:32]
    with engine.begin() as c:
        c.execute(text("update alerts set geom = ST_Point(120.9, 31.6, 4326) where id = :id"), {"id": alert})
    path = f"/api/cameras/cam3/hls/index.m3u8?alert={alert}"
    assert screen.get(path).status_code == 403
    playlist = screen.get(f"{path}&handed={seal}")
    assert playlist.status_code == 200
    piece = next(line for line in playlist.text.splitlines() if ".seg" in line)
    assert screen.get(f"/api/cameras/cam3/hls/{piece}").status_code == 200
    assert other.get(f"{path}&handed={seal}").status_code == 403, "it is of another session"
    assert screen.get(f"/api/cameras/cam6/hls/index.m3u8?alert={alert}&handed={seal}").status_code == 403
    with engine.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() - interval '2 minutes'"))
    assert screen.get(f"{path}&handed={seal}").status_code == 403


def test_every_look_is_logged_once(knock: Knock, engine: Engine) -> None:
    admin = knock("admin")
    for _ in range(3):
        admin.get("/api/cameras/cam21/snapshot.jpg")
    playlist = admin.get("/api/cameras/cam3/hls/index.m3u8?alert=99999").text
    admin.get(f"/api/cameras/cam3/hls/{next(x for x in playlist.splitlines() if x.endswith('.seg'))}")
    assert openings(engine, "cam21").count(("admin", None)) == 1
    assert openings(engine, "cam3").count(("admin", None)) == 1, "an alert that is none is not noted"


def test_a_camera_that_sends_a_picture_was_heard(
    operator: TestClient, engine: Engine, doors: FastAPI
) -> None:
    with engine.begin() as c:
        c.execute(
            text(
                "update cameras set state = 'silent', last_seen_at = now() - interval '1 hour' where code = 'cam21'"
            )
        )
    if relay := getattr(doors.state, "camera_relay", None):
        relay._heard.clear()
    operator.get("/api/cameras/cam21/snapshot.jpg")
    with engine.connect() as c:
        state, fresh = c.execute(
            text("select state, last_seen_at > now() - interval '1 minute' from cameras where code = 'cam21'")
        ).one()
    assert (state, fresh) == ("online", True)


def test_a_drawn_picture_says_that_it_is_one(operator: TestClient, engine: Engine) -> None:
    way = operator.get("/api/cameras/cam36/snapshot.jpg")
    assert (way.status_code, way.headers["location"]) == (307, "/api/cameras/cam36/drawing.svg")
    picture = operator.get(way.headers["location"])
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "演示画面" in picture.text
    assert "DEMO PICTURE" in picture.text
    assert operator.get("/api/cameras/cam3/drawing.svg").status_code == 404
    with engine.begin() as c:
        c.execute(text("update cameras set state = 'offline' where code = 'cam36'"))
    assert operator.get("/api/cameras/cam36/drawing.svg").status_code == 503


def test_a_platform_may_tell_which_cameras_answered(knock: Knock, engine: Engine) -> None:
    with engine.begin() as c:
        c.execute(text("update cameras set state = 'silent' where code in ('cam42', 'cam45')"))
    told = knock("operator").post("/api/cameras/seen", json={"codes": ["cam42", "nobody"]})
    assert told.json() == {"seen": 1}
    with engine.connect() as c:
        states = (
            c.execute(text("select state from cameras where code in ('cam42', 'cam45') order by code"))
            .scalars()
            .all()
        )
    assert states == ["online", "silent"]
    assert knock("commander").post("/api/cameras/seen", json={"codes": []}).status_code == 403
    assert knock("operator").post("/api/cameras/seen", json={"codes": "cam42"}).status_code == 422
