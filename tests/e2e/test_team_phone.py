"""A team's phone: its own account opens the inbox, takes the task, and finds no other page; the wall follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from geodata.commands import accounts, dispatch, incidents
from geodata.commands.incidents import Opened
from geodata.profile import Profile
from tests.e2e.conftest import Site

SOON_MS = 15_000
NAME, OTHER = "test.drone", "test.other"


@pytest.fixture
def password(live_site: Site) -> Iterator[str]:
    """The account of the drone team; gone afterwards."""
    with live_site.engine.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() where closed_at is null"))
        c.execute(text("update teams set account_id = null"))
        codes = (
            c.execute(text("select code from teams where active order by kind <> 'drone', id limit 2"))
            .scalars()
            .all()
        )
        accounts.add(c, OTHER, "team", teams=[codes[1]])
        made = accounts.add(c, NAME, "team", teams=[codes[0]])
    yield made
    with live_site.engine.begin() as c:
        c.execute(text("update teams set account_id = null"))
        accounts.disable(c, NAME)
        accounts.disable(c, OTHER)


@pytest.fixture
def phone(chromium: Browser, live_site: Site, password: str) -> Iterator[Page]:
    """A phone on which the team signs in with the form."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(f"{live_site.url}/")
    page.locator("input[name=name]").fill(NAME)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox*")
    yield page
    context.close()


@pytest.fixture
def opened(live_site: Site, gusu: Profile, password: str) -> Opened:
    """A fire that a commander opened by hand; the drone team and another were sent."""
    with live_site.engine.begin() as c:
        chief = next(one for one in accounts.list_accounts(c) if one.name == "commander")
        lon, lat = c.execute(
            text("select ST_X(p), ST_Y(p) from (select ST_PointOnSurface(geom) p from crowd_places where code = 'guanqian') s")
        ).one()  # fmt: skip
        made = incidents.open_at_point(
            c, gusu, chief, kind="fire", title="碧凤坊火情", lon=lon, lat=lat, level="danger"
        )
        teams = c.execute(
            text("select id, name from teams where account_id is not null order by kind <> 'drone'")
        ).all()
        for team in teams:
            dispatch.send(c, gusu, chief, made.id, team.id, f"查看 {team.name}")
    return made


@pytest.mark.timeout(300)
def test_a_team_takes_its_task_on_its_phone_and_the_wall_follows(
    phone: Page, live_page_as: Callable[..., Page], live_site: Site, opened: Opened
) -> None:
    wall = live_page_as("screen")
    card = wall.locator(f'[data-key="incident-{opened.id}"]')
    expect(card).to_contain_text("碧凤坊火情", timeout=2 * SOON_MS)
    expect(card.locator(".wall-cameras figure").first).to_be_visible(timeout=SOON_MS)

    phone.reload()
    expect(phone.locator(".task")).to_have_count(1, timeout=2 * SOON_MS)
    assert str(phone.locator(".task-map").get_attribute("href")).startswith("geo:31.")
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, "the page must not be wider than the phone"
    big = phone.locator("[data-press=accept]").bounding_box()
    assert big is not None
    assert big["height"] >= 44  # a thumb's width
    for press, word in (("accept", "接令"), ("arrive", "到场"), ("done", "完成")):
        phone.locator(f".task [data-press={press}]").tap(timeout=SOON_MS)
        expect(card.locator(".wall-team", has_text=word)).to_have_count(1, timeout=SOON_MS)

    for path in ("/command", "/wall", "/shift", "/admin", "/planning"):
        phone.goto(f"{live_site.url}{path}")
        assert phone.url.split("?")[0].endswith("/inbox"), path
    assert phone.request.get(f"{live_site.url}/api/incidents/{opened.id}").status == 403
    assert phone.request.get(f"{live_site.url}/api/teams?near=120.6,31.3").status == 403
