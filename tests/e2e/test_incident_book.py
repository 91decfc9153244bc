"""What people put into an incident in a browser: files that are kept or calmly refused, and who has which role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from geodata.commands import accounts, incidents
from geodata.commands.incidents import Opened
from geodata.profile import Profile
from tests.e2e.conftest import Site

SOON_MS = 15_000
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
FILES, NOTE = "#case-panel .case-files li", "#case-panel .said-note"


@pytest.fixture
def opened(live_site: Site, gusu: Profile) -> Opened:
    """An incident that the commander opened by hand at 观前街."""
    with live_site.engine.begin() as c:
        c.execute(text("update alerts set state = 'cleared', closed_at = now() where closed_at is null"))
        lon, lat = c.execute(
            text("select ST_X(p), ST_Y(p) from (select ST_PointOnSurface(geom) p from crowd_places where code = 'guanqian') s")
        ).one()  # fmt: skip
        chief = next(one for one in accounts.list_accounts(c) if one.name == "commander")
        return incidents.open_at_point(
            c, gusu, chief, kind="crowd", title="观前街人多", lon=lon, lat=lat, level="warning"
        )


def put(page: Page, *files: tuple[str, str, bytes]) -> None:
    """Choose files as a person does."""
    told = [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    page.locator("#case-panel form[data-do=attachments] input[type=file]").set_input_files(told)  # type: ignore[arg-type]


@pytest.mark.timeout(240)
def test_files_are_kept_listed_opened_and_calmly_refused(
    live_page_as: Callable[..., Page], live_site: Site, opened: Opened
) -> None:
    desk = live_page_as("commander", calm=False)  # the console tells of each refused request
    desk.goto(f"{live_site.url}/command?incident={opened.id}")
    expect(desk.locator("#case-panel [data-do=attach]")).to_be_visible(timeout=2 * SOON_MS)
    with desk.expect_file_chooser():
        desk.locator("#case-panel [data-do=attach]").click()

    put(desk, ("现场 一.png", "image/png", PNG), ("记录.txt", "text/plain", "北口已封。".encode()))
    expect(desk.locator(FILES)).to_have_count(2, timeout=SOON_MS)
    picture = desk.locator("#case-panel .case-files img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth === 1")
    with desk.expect_download() as loading:
        desk.locator(FILES, has_text="记录.txt").locator("a").click()
    assert loading.value.path().read_text("utf-8") == "北口已封。"
    assert loading.value.suggested_filename == "记录.txt"

    put(desk, ("program.png", "image/png", b"MZ\x90\x00\x03\x00\x00"))
    expect(desk.locator(NOTE)).to_have_text(
        "program.png · 只收图片、PDF 或纯文本（UTF-8），内容不能为空。", timeout=SOON_MS
    )
    put(desk, ("long.txt", "text/plain", b"a" * (10 * 2**20 + 1)))
    expect(desk.locator(NOTE)).to_have_text("long.txt · 文件太大，单个不超过 10 MB。", timeout=SOON_MS)
    expect(desk.locator(FILES)).to_have_count(2)

    # whoever follows the incident elsewhere sees them, and who may only look cannot add any
    planner = live_page_as("planner")
    planner.goto(f"{live_site.url}/command?incident={opened.id}&lang=en")
    expect(planner.locator(FILES)).to_have_count(2, timeout=2 * SOON_MS)
    expect(planner.locator("#case-panel [data-do=attach]")).to_have_count(0)


@pytest.mark.timeout(240)
def test_a_post_and_a_team_get_their_roles(
    live_page_as: Callable[..., Page], live_site: Site, opened: Opened
) -> None:
    desk = live_page_as("commander")
    desk.goto(f"{live_site.url}/command?incident={opened.id}")
    form = desk.locator("#case-panel .case-assign")
    expect(form).to_be_visible(timeout=2 * SOON_MS)
    form.locator("select[name=role]").select_option("recorder")
    form.locator("select[name=who]").select_option("account:operator")
    form.locator("[data-press=assign]").click()
    expect(desk.locator("#case-panel .case-people li", has_text="记录员")).to_contain_text(
        "数据运维", timeout=SOON_MS
    )
    team = form.locator("select[name=who] optgroup").nth(1).locator("option").first
    name, value = team.text_content(), team.get_attribute("value")
    form.locator("select[name=role]").select_option("on_scene")
    form.locator("select[name=who]").select_option(value)
    form.locator("[data-press=assign]").click()
    expect(desk.locator("#case-panel .case-people li", has_text="现场负责人")).to_contain_text(
        str(name), timeout=SOON_MS
    )
    expect(desk.locator("#case-panel .case-people li")).to_have_count(3)  # who opened it leads
    english = live_page_as("commander")
    english.goto(f"{live_site.url}/command?incident={opened.id}&lang=en")
    expect(english.locator("#case-panel .case-people li", has_text="Recorder")).to_contain_text(
        "Data operator", timeout=2 * SOON_MS
    )
