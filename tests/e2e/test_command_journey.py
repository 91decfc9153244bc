"""The commander's way through the page in Chromium: figures, drill, lists, cards, time, search, links and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
READY = "#dossier .figures"
PICTURE = """JSON.stringify([yiping.page.state.area, yiping.page.state.layers, yiping.page.view.zoom,
    yiping.page.view.lon.toFixed(3), yiping.page.view.lat.toFixed(3)])"""


def opened(page_as: Opened, link: str = "", **options: object) -> Page:
    """The page of a commander, its figures there."""
    page = page_as("commander", **options)
    if link:
        page.goto(page.url.split("?")[0] + link)
    page.wait_for_selector(READY)
    return page


def number(text: str) -> int:
    """The first whole number of a text."""
    return int(re.search(r"\d[\d,]*", text).group().replace(",", ""))  # type: ignore[union-attr]


def asked(page: Page) -> dict[str, str]:
    """What the link says now."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def total(page: Page) -> int:
    """The large figure."""
    return number(page.locator(".figure-total .figure-number").inner_text())


def settled(page: Page, title: str) -> None:
    """Wait until the dossier is about an area."""
    expect(page.locator("#dossier h2")).to_have_text(title)


def test_a_drill_goes_down_and_back(page_as: Opened) -> None:
    page = opened(page_as)
    whole = total(page)
    first = page.locator("[data-section=below] .bar-row").first
    name, count = first.locator(".bar-label").inner_text(), number(first.locator(".bar-value").inner_text())
    first.click()
    settled(page, name)
    assert total(page) == count < whole
    expect(page.locator("#crumbs [aria-current]")).to_have_text(name)
    page.wait_for_url("**area=*")
    for depth in (3, 4, 5):
        page.locator("[data-section=below] .bar-row").first.click()
        expect(page.locator("#crumbs li:not(.crumb-up)")).to_have_count(depth)
    expect(page.locator("[data-section=below]")).to_have_count(0)
    page.go_back()
    expect(page.locator("#crumbs li:not(.crumb-up)")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator("#crumbs li:not(.crumb-up)")).to_have_count(3)
    page.locator("#crumbs button[data-do=drill]").first.click()
    settled(page, "姑苏区")
    assert total(page) == whole


def test_a_click_on_the_map_drills(page_as: Opened) -> None:
    page = opened(page_as)
    page.wait_for_function("() => yiping.map.scene && !yiping.map.scene.all.some((one) => one.waiting)")
    page.evaluate(
        "yiping.page.change({layers: yiping.page.state.layers.filter((key) => !['cameras', 'sensors'].includes(key))})"
    )
    page.wait_for_timeout(600)
    spot = page.evaluate("""() => { const at = yiping.map.scene.leaflet.latLngToContainerPoint([31.3130, 120.6190]);
        const box = document.getElementById('map').getBoundingClientRect(); return [box.left + at.x, box.top + at.y]; }""")
    page.mouse.click(*spot)
    settled(page, "平江街道")
    assert asked(page)["area"].startswith("320508")


def test_the_list_behind_a_figure_has_its_count_and_its_cards(page_as: Opened) -> None:
    page = opened(page_as)
    row = page.locator("[data-section=category] .bar-row").first
    count = number(row.locator(".bar-value").inner_text())
    row.click()
    expect(page.locator("#list-total")).to_contain_text(f"{count:,}")
    expect(page.locator(".tickets tbody tr")).to_have_count(min(count, 50))
    before = page.locator(".tickets tbody tr").first.inner_text()
    page.locator("[data-do=page]").last.click()
    expect(page.locator(".tickets tbody tr").first).not_to_have_text(before)
    page.locator(".tickets th button[data-key=due_at]").click()
    expect(page.locator(".tickets th[aria-sort=descending]")).to_have_text("办结时限")
    chosen = page.locator(".tickets tbody tr").first
    ticket = chosen.locator("td").first.inner_text()
    chosen.click()
    expect(page.locator(".card-ticket")).to_contain_text(ticket)
    assert page.locator(".history li").count() > 0
    page.wait_for_url(f"**card=ticket:{ticket}*")
    page.keyboard.press("Escape")
    expect(page.locator(".card")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".list-head")).to_have_count(0)


def test_the_export_holds_as_many_rows_as_the_list(page_as: Opened) -> None:
    page = opened(page_as)
    page.locator(".figure-overdue").click()
    count = number(page.locator("#list-total").inner_text())
    with page.expect_download() as taken:
        page.locator(".list-tools a.button").click()
    rows = taken.value.path().read_text("utf-8-sig").splitlines()
    assert len(rows) == count + 1


def test_windows_days_and_categories_narrow_the_figures(page_as: Opened) -> None:
    page = opened(page_as)
    month = total(page)
    page.locator(".segments [data-name='7d']").first.click()
    expect(page.locator(".segments:not(.segments-narrow) [data-name='7d']")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.wait_for_function(
        f"() => document.querySelector('.figure-total .figure-number').textContent !== '{month:,}'"
    )
    week = total(page)
    assert 0 < week < month
    page.locator("#what > summary").click()
    page.locator("#what .tree-name").first.click()
    page.wait_for_function(
        f"() => document.querySelector('.figure-total .figure-number').textContent !== '{week:,}'"
    )
    assert total(page) < week
    page.wait_for_url("**categories=*")
    page.keyboard.press("Escape")
    page.locator("#when > summary").click()
    page.locator("#calendar [data-day]:not([disabled])").nth(3).click()
    page.locator("#calendar [data-day]:not([disabled])").nth(5).click()
    page.wait_for_function("() => yiping.page.state.window === 'custom'")
    page.wait_for_timeout(200)
    assert asked(page)["from"] < asked(page)["to"]


def test_hours_are_chosen_by_dragging_and_by_keys(page_as: Opened) -> None:
    page = opened(page_as)
    whole = total(page)
    box = page.locator("#strip-canvas").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, y, steps=4)
    page.mouse.up()
    page.wait_for_function(
        f"() => document.querySelector('.figure-total .figure-number').textContent !== '{whole:,}'"
    )
    part = total(page)
    said = page.locator("#strip-canvas").get_attribute("aria-valuetext")
    assert 0 < part < whole
    assert said and f"{part:,}" in said  # noqa: PT018
    page.wait_for_url("**hours=*")
    page.locator("#strip-canvas").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("() => !document.querySelector('#dossier.waiting')")
    page.locator("#strip-clear").click()
    page.wait_for_function(
        f"() => document.querySelector('.figure-total .figure-number').textContent === '{whole:,}'"
    )


def test_search_flies_to_a_place_and_opens_an_area(page_as: Opened) -> None:
    page = opened(page_as)
    page.keyboard.press("/")
    page.keyboard.type("拙政园")
    page.locator("#found [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("() => yiping.page.view && yiping.page.view.zoom >= 16")
    page.keyboard.press("/")
    page.keyboard.type("平江街道")
    page.locator("#found [role=option]", has_text="平江街道").first.click()
    settled(page, "平江街道")


def test_a_link_opens_the_same_picture(page_as: Opened) -> None:
    page = opened(page_as)
    page.locator("[data-section=below] .bar-row").nth(1).click()
    page.wait_for_url("**area=*")
    page.locator(".segments [data-name='7d']").first.click()
    page.locator("[data-do=layer][data-key=heritage]").click()
    page.locator("[data-do=theme]").click()
    page.wait_for_url("**theme=light**")
    page.wait_for_timeout(1200)
    there = page.evaluate(PICTURE)
    title, figure = page.locator("#dossier h2").inner_text(), total(page)
    page.reload()
    page.wait_for_selector(READY)
    page.wait_for_timeout(1200)
    assert page.evaluate(PICTURE) == there
    assert (page.locator("#dossier h2").inner_text(), total(page)) == (title, figure)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_english_at_a_switch(page_as: Opened) -> None:
    page = opened(page_as)
    figure = total(page)
    page.locator("[data-do=language]").click()
    page.wait_for_url("**lang=en**")
    page.wait_for_selector(READY)
    settled(page, "Gusu District")
    assert total(page) == figure
    assert page.evaluate("document.documentElement.lang") == "en"
    left = page.evaluate("""() => [...document.querySelectorAll('.bar, .layers, .place, .figures, .section-head, .strip')]
        .map((part) => part.innerText).join(' ').replace('中文', '')""")
    assert not re.search(r"[\u4e00-\u9fff]", left), left


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1024, 768)])
def test_small_screens_keep_everything_within_reach(page_as: Opened, width: int, height: int) -> None:
    page = page_as("commander", width=width, height=height)
    page.wait_for_function("() => yiping.page.place")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if not page.locator("#dossier").is_visible():
        page.locator("[data-do=fold][data-what=dossier]").click()
    expect(page.locator(READY)).to_be_visible()
    inside = page.locator(".bar-tools").bounding_box()
    assert inside and inside["x"] + inside["width"] <= width  # noqa: PT018


def test_a_link_to_what_is_none_shows_the_district_and_says_so(page_as: Opened) -> None:
    page = opened(page_as, "?area=nowhere&categories=H01,nothing")
    settled(page, "姑苏区")
    expect(page.locator(".link-note")).to_contain_text("已略去")
    assert asked(page).get("categories") == "H01"
    page.locator(".link-note button").click()
    expect(page.locator(".link-note")).to_be_hidden()


def test_an_answer_that_never_came_is_told_and_the_next_question_is_answered(page_as: Opened) -> None:
    page = opened(page_as, calm=False)  # the console tells of what did not come
    page.route("**/fragments/dossier*", lambda route: route.abort())
    page.locator("[data-section=below] .bar-row").first.click()
    expect(page.locator("#dossier [role=alert]")).to_be_visible()
    assert page.locator("#dossier").inner_text().strip()
    page.unroute("**/fragments/dossier*")
    page.locator("[data-do=window][data-name='7d']").first.click()
    expect(page.locator(READY)).to_be_visible()
