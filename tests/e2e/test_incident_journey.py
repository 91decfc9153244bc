"""Two desks and a phone: one desk is second and is told so calmly, the team answers on its page, both follow each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import text

from geodata.commands.finding import Finding
from geodata.commands.findings import raise_or_grow
from geodata.profile import Profile
from tests.e2e.conftest import Site

SOON_MS = 15_000


@pytest.fixture
def alert(live_site: Site, gusu: Profile) -> int:
    """A crowd at 山塘街 that nobody has taken, and a team whose inbox the operator reads."""
    with live_site.engine.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() where closed_at is null"))
        c.execute(
            text("""update teams set account_id = (select id from accounts where name = 'operator')
                          where id = (select id from teams where active order by geom <-> (
                              select ST_Centroid(geom) from crowd_places where code = 'shantang') limit 1)""")
        )
        row = c.execute(
            text("""select p.name, p.name_en, p.area_id, a.code, ST_X(ST_PointOnSurface(p.geom)),
                                       ST_Y(ST_PointOnSurface(p.geom))
                                from crowd_places p join areas a on a.id = p.area_id where p.code = 'shantang'""")
        ).one()
        key = raise_or_grow(c, gusu, Finding(
            cause="crowd_density:shantang", rule="crowd_density", level="warning", subject_kind="place",
            subject_key="shantang", subject_name=row[0], subject_name_en=row[1], kind="street", area_id=row[2],
            area_code=row[3], lon=row[4], lat=row[5], value=1.3, threshold=1.08, unit="persons/m²",
            facts={"people": 5200, "minutes_to_next": 4.0, "next_level": "danger"}, observed_at=datetime.now(UTC),
        ))  # fmt: skip
    assert key is not None
    return key


@pytest.fixture
def second_desk(chromium: Browser, live_site: Site) -> Iterator[Page]:
    """Another commander's browser; what its console says of the refused press is no fault."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.request.post(
        f"{live_site.url}/sign-in",
        form={"name": "admin", "password": live_site.passwords["admin"]},
        max_redirects=0,
    )
    page = context.new_page()
    page.goto(f"{live_site.url}/command")
    yield page
    context.close()


@pytest.mark.timeout(300)
def test_two_desks_and_a_phone(
    live_page_as: Callable[..., Page], second_desk: Page, live_site: Site, alert: int
) -> None:
    desk, card = live_page_as("commander"), f'#alert-queue [data-key="alert-{alert}"]'
    expect(second_desk.locator(f"{card} [data-press=acknowledge]")).to_be_visible(timeout=2 * SOON_MS)

    # the second desk has not heard yet that the first one took it: it loses, and is told so in one sentence
    before = second_desk.request.get(f"{live_site.url}/fragments/alerts?lang=zh").text()

    def stale(route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body=before)

    second_desk.route("**/fragments/alerts*", stale)
    desk.locator(f"{card} [data-press=acknowledge]").click()
    expect(desk.locator(f"{card} [data-press=acknowledge]")).to_have_count(0, timeout=SOON_MS)
    second_desk.unroute("**/fragments/alerts*", stale)
    second_desk.locator(f"{card} [data-press=acknowledge]").click()
    expect(second_desk.locator(f"{card} .said-note")).to_be_visible(timeout=SOON_MS)
    expect(second_desk.locator(f"{card} [data-press=acknowledge]")).to_have_count(0)

    # an incident is opened, the team is sent
    desk.locator(f"{card} .alert-card-open").click()
    desk.locator("#case-panel [data-press=open_incident]").click()
    expect(desk.locator("#case-panel .case-rail")).to_be_visible(timeout=SOON_MS)
    assert "incident=" in _link(desk)
    desk.locator("#case-panel [data-press=dispatch-team]").first.click()
    desk.locator("#case-panel .unfolds[data-open=yes] [data-press=send]").click()
    expect(desk.locator("#case-panel .case-sent li")).to_have_count(1, timeout=SOON_MS)

    # the team sees it on its phone and answers; the desk follows without asking
    phone = live_page_as("operator", width=390, height=844)
    phone.goto(f"{live_site.url}/inbox")
    for press, state in (("accept", "accepted"), ("arrive", "arrived"), ("done", "done")):
        phone.locator(f".task [data-press={press}]").click(timeout=SOON_MS)
        expect(desk.locator(f"#case-panel .dispatch-{state}")).to_be_visible(timeout=SOON_MS)
    expect(desk.locator("#case-panel .rail-now", has_text="处置中")).to_be_visible(timeout=SOON_MS)

    # resolved and reviewed
    desk.locator("#case-panel [data-press=resolve]").click()
    desk.locator("#case-panel textarea[name=text]").fill("北口应早设岗。")
    desk.locator("#case-panel [data-press=review]").click()
    expect(desk.locator("#case-panel .rail-now", has_text="复盘")).to_be_visible(timeout=SOON_MS)
    desk.keyboard.press("Escape")
    expect(desk.locator("#case-panel")).to_be_hidden()
    with live_site.engine.connect() as c:
        found = c.execute(text("select i.state, i.review from incidents i join alerts a on a.incident_id = i.id where a.id = :id"),
                          {"id": alert}).one()  # fmt: skip
    assert tuple(found) == ("reviewed", "北口应早设岗。")


def _link(page: Page) -> str:
    page.wait_for_timeout(400)  # the link follows the picture a moment later
    return page.url
