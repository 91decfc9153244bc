"""The stream of a browser: shared by its tabs, and after a break the page is what a fresh one is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect
from sqlalchemy import Engine, text

from app.processes import ended, start_web, stop
from geodata.commands.finding import Finding
from geodata.commands.findings import clear, raise_or_grow
from geodata.profile import Profile
from tests.e2e.conftest import Site, wait_until_served

ON = '[data-live-state="on"]'


def _finding(engine: Engine, number: int) -> Finding:
    with engine.connect() as c:
        row = c.execute(
            text("""select s.code, s.name, s.kind, s.area_id, a.code as area_code, ST_X(s.geom) as lon, ST_Y(s.geom) as lat
                    from sensors s join areas a on a.id = s.area_id order by s.id offset :n limit 1"""),
            {"n": number},
        ).one()
    now = datetime.now(UTC)
    return Finding(
        cause=f"sensor_level:{row.code}", rule="sensor_level", level="danger", subject_kind="sensor", subject_key=row.code,
        subject_name=row.name, subject_name_en=None, kind=row.kind, area_id=row.area_id, area_code=row.area_code, lon=row.lon,
        lat=row.lat, outline_wkb=None, value=9.0, threshold=5.0, unit="mm", facts={}, observed_at=now, accepted_at=now,
        drill_id=None,
    )  # fmt: skip


def _raise(engine: Engine, profile: Profile, number: int) -> None:
    with engine.begin() as c:
        raise_or_grow(c, profile, _finding(engine, number))


def _queue(page: Page) -> list[str]:
    cards = page.locator("#alert-queue .alert-card")
    return [str(cards.nth(n).get_attribute("data-key")) for n in range(cards.count())]


@pytest.fixture
def quiet(demo_db: Engine) -> None:
    """No alert is open."""
    with demo_db.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() where closed_at is null"))


@pytest.mark.usefixtures("quiet")
def test_tabs_of_one_browser_share_a_stream(
    page_as: Callable[..., Page], site: Site, demo_db: Engine, gusu: Profile
) -> None:
    first = page_as("commander")
    context: BrowserContext = first.context
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request) if "/events" in request.url else None)
    second = context.new_page()
    second.goto(f"{site.url}/command")
    for page in (first, second):
        expect(page.locator(ON).first).to_be_attached(timeout=30_000)
    _raise(demo_db, gusu, 1)
    for page in (first, second):
        expect(page.locator("#alert-queue .alert-card")).to_have_count(1, timeout=10_000)
    assert [
        request for request in asked if request.frame.page in (first, second)
    ] == []  # the worker holds it, no tab does


@pytest.mark.timeout(300)
def test_after_a_break_the_page_is_what_a_fresh_one_is(
    page_as: Callable[..., Page], site: Site, demo_db: Engine, gusu: Profile
) -> None:
    """The server falls, writers commit out of order meanwhile, the server comes back: nothing was missed."""
    with demo_db.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() where closed_at is null"))
    settings = site.settings.model_copy(update={"port": site.settings.port + 1})
    web = start_web(settings)
    url = f"http://127.0.0.1:{settings.port}"
    wait_until_served(url, settings)
    old = page_as("commander", at=url, calm=False)
    expect(old.locator(ON).first).to_be_attached(timeout=30_000)
    _raise(demo_db, gusu, 2)
    expect(old.locator("#alert-queue .alert-card")).to_have_count(1, timeout=10_000)
    stop(web)
    expect(old.locator('[data-live-state="off"]').first).to_contain_text("连接中断", timeout=30_000)
    writers = [threading.Thread(target=_raise, args=(demo_db, gusu, n)) for n in range(3, 9)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with demo_db.begin() as c:
        clear(c, _finding(demo_db, 2).cause, None, datetime.now(UTC))
    with ended(start_web(settings)):
        wait_until_served(url, settings)
        expect(old.locator(ON).first).to_be_attached(timeout=60_000)
        expect(old.locator("#alert-queue .alert-card")).to_have_count(6, timeout=20_000)
        fresh = page_as("commander", at=url, calm=False)
        expect(fresh.locator("#alert-queue .alert-card")).to_have_count(6, timeout=20_000)
        assert _queue(old) == _queue(fresh)
