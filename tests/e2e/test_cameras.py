"""Moving pictures of a camera in a real browser, through our proxy, and what is said when there are none."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response
from sqlalchemy import Engine, text

from app.processes import ended, start_web
from geodata.commands import accounts, cameras
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.settings import Settings
from tests.db.town import town_database
from tests.e2e.conftest import _wait
from tests.fake_camera import NAME, PASSWORD, QUOTED, FakeCamera, fake_camera, make_stream

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg makes the stream"),
]


@dataclass(frozen=True)
class CameraSite:
    """A running server, the camera behind it, its database and the operator's password."""

    url: str
    camera: FakeCamera
    engine: Engine
    password: str


@pytest.fixture(scope="module")
def camera_site(
    cluster: Cluster, gusu: Profile, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CameraSite]:
    """The product over the chequered town, with one camera that streams and one whose camera is not there."""
    folder, home = tmp_path_factory.mktemp("stream"), tmp_path_factory.mktemp("site")
    make_stream(folder, 30)
    with fake_camera(folder) as camera:
        for engine in town_database(cluster, gusu, "town_with_streams"):
            password = _prepare(engine, camera)
            yield from _served(engine, camera, home, password)


def _prepare(engine: Engine, camera: FakeCamera) -> str:
    with engine.begin() as c:
        accounts.add(c, "operator", "operator", None)
        c.execute(text("update cameras set state = 'online'"))
        cameras.set_stream(c, "cam3", "hls", camera.url("index.m3u8"))
        cameras.set_stream(c, "cam6", "hls", camera.url("missing.m3u8"))
        cameras.set_stream(c, "cam6", "snapshot", camera.url("still.jpg"))
        cameras.set_stream(c, "cam9", "snapshot", camera.url("missing.jpg"))
        return accounts.reset(c, "operator")


def _served(engine: Engine, camera: FakeCamera, home: Path, password: str) -> Iterator[CameraSite]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        home=home, database_url=engine.url.render_as_string(hide_password=False), host="127.0.0.1", port=port, workers=2,
        camera_hosts=camera.host,
    )  # fmt: skip
    log = settings.logs / "web.log"
    with ended(start_web(settings)):
        _wait(f"http://127.0.0.1:{port}/healthz", log)
        yield CameraSite(f"http://127.0.0.1:{port}", camera, engine, password)
    said = log.read_text("utf-8", "replace")
    for secret in (PASSWORD, QUOTED, NAME, f":{camera.port}"):
        assert secret not in said


@pytest.fixture
def page(camera_site: CameraSite, chromium: Browser) -> Iterator[Page]:
    """A page of somebody signed in."""
    context = chromium.new_context(viewport={"width": 1600, "height": 900})
    context.request.post(
        f"{camera_site.url}/sign-in", form={"name": "operator", "password": camera_site.password}
    )
    yield context.new_page()
    context.close()


def open_card(page: Page, site: CameraSite, code: str) -> None:
    page.goto(f"{site.url}/command?card=camera:{code}&lang=en")
    page.wait_for_selector(f"[data-camera={code}]", timeout=30_000)


def until(page: Page, expression: str) -> None:
    """Wait for an expression to come true; the page's own policy forbids to wait within it."""
    for _ in range(150):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(200)
    raise AssertionError(expression)


def test_a_stream_plays_and_no_answer_names_the_camera(page: Page, camera_site: CameraSite) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - playwright marks what it calls
    open_card(page, camera_site, "cam3")
    until(page, "document.querySelector('[data-camera=cam3] video').currentTime > 0.5")
    first = page.evaluate("document.querySelector('[data-camera=cam3] video').currentTime")
    page.wait_for_timeout(1500)
    video = page.evaluate(
        "(v => [v.currentTime, v.videoWidth, v.hidden, v.muted])(document.querySelector('[data-camera=cam3] video'))"
    )
    assert video[0] > first + 0.5
    assert video[1:] == [320, False, True]
    assert page.locator("[data-camera=cam3]").get_attribute("data-showing") == "video"
    assert "Live" in page.locator("[data-camera=cam3] [data-camera-time]").inner_text()
    streamed = [answer for answer in answers if "/hls/" in answer.url]
    assert len([answer for answer in streamed if answer.status == 200]) >= 3
    hosts = {answer.url.split("/")[2] for answer in answers if answer.url.startswith("http")}
    assert hosts == {camera_site.url.split("/")[2]}
    for answer in streamed:
        told = f"{answer.url} {answer.headers} " + answer.body().decode("latin-1")
        for secret in (PASSWORD, QUOTED, NAME, f":{camera_site.camera.port}"):
            assert secret not in told
    with camera_site.engine.connect() as c:
        looks = c.execute(text("select count(*) from camera_openings o join cameras k on k.id = o.camera_id"
                               " where k.code = 'cam3'")).scalar_one()  # fmt: skip
    assert 1 <= looks <= 2, "one a web process at most"


def test_out_of_sight_nothing_is_asked(page: Page, camera_site: CameraSite) -> None:
    open_card(page, camera_site, "cam3")
    until(page, "document.querySelector('[data-camera=cam3] video').currentTime > 0")
    page.evaluate("document.querySelector('[data-camera=cam3]').style.display = 'none'")
    page.wait_for_timeout(600)
    before = len(camera_site.camera.asked)
    page.wait_for_timeout(3000)
    assert len(camera_site.camera.asked) == before
    page.evaluate("document.querySelector('[data-camera=cam3]').style.display = ''")
    until(
        page,
        "document.querySelector('[data-camera=cam3]').dataset.showing === 'video'"
        " && document.querySelector('[data-camera=cam3] video').currentTime > 0",
    )
    assert len(camera_site.camera.asked) > before


def test_a_still_stands_in_for_a_stream_that_fails(page: Page, camera_site: CameraSite) -> None:
    open_card(page, camera_site, "cam6")
    page.wait_for_selector("[data-camera=cam6][data-showing=image]", timeout=30_000)
    width = page.evaluate("document.querySelector('[data-camera=cam6] img').naturalWidth")
    assert width == 320
    assert "Picture of" in page.locator("[data-camera=cam6] [data-camera-time]").inner_text()


def test_no_picture_is_said_with_since_when(page: Page, camera_site: CameraSite) -> None:
    open_card(page, camera_site, "cam9")
    page.wait_for_selector("[data-camera=cam9][data-showing=nothing]", timeout=30_000)
    said = page.locator("[data-camera=cam9] .camera-nothing").inner_text()
    assert "does not answer" in said
    assert "Never heard" in said


def test_a_press_makes_it_large_and_escape_small_again(page: Page, camera_site: CameraSite) -> None:
    open_card(page, camera_site, "cam6")
    page.locator("[data-camera=cam6] [data-camera-enlarge]").click()
    assert "is-large" in (page.locator("[data-camera=cam6]").get_attribute("class") or "")
    page.keyboard.press("Escape")
    assert "is-large" not in (page.locator("[data-camera=cam6]").get_attribute("class") or "")
    page.wait_for_timeout(1000)
    assert page.locator("[data-camera=cam6]").is_visible(), "the card below it stays"
    page.keyboard.press("Escape")
    page.locator("[data-camera=cam6]").wait_for(state="detached")


def test_slow_cameras_leave_the_page_its_connections(page: Page, camera_site: CameraSite) -> None:
    """Four tiles ask at once; two are on their way at a time, and the others have their turn."""
    open_card(page, camera_site, "cam9")
    most, answered = page.evaluate(
        """async () => {
          let now = 0, most = 0, answered = 0;
          window.fetch = async () => {
            most = Math.max(most, ++now);
            await new Promise((go) => setTimeout(go, 300));
            now -= 1;
            answered += 1;
            return new Response("", { status: 502 });
          };
          const one = document.querySelector("[data-camera=cam9]");
          const tiles = [1, 2, 3, 4].map(() => one.cloneNode(true));
          const players = tiles.map((tile) => new window.yiping.cameras.Player(tile));
          for (const player of players) player.start();
          await new Promise((go) => setTimeout(go, 1500));
          for (const player of players) player.stop();
          return [most, answered];
        }"""
    )
    assert most == 2
    assert answered >= 4
