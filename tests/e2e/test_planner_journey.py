"""The planner's way in Chromium: from a question to figures, the tickets behind them, and files taken away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
FIGURES = "#panel-figures .plan-sentence"
LIGHT = """() => document.querySelector('#panel-figures .plan-sentence, #panel-figures .state')
    && !['figures', 'trend', 'matrix', 'breakdown', 'times'].some(
        (name) => document.getElementById('panel-' + name).classList.contains('waiting'))
    && !document.querySelector('.plan-ranking').classList.contains('waiting')"""
ALL = (
    """() => !document.querySelector('.plan-panel.waiting') && !document.querySelector('.plan-map.asking')"""
)
CENTRE = "[yiping.map.scene.leaflet.getCenter().lng, yiping.map.scene.leaflet.getCenter().lat]"
PATIENCE_MS = 60_000


def opened(page_as: Opened, link: str = "", **options: object) -> Page:
    """The page of a planner, its figures there."""
    page = page_as("planner", **options)
    if link:
        page.goto(page.url.split("?")[0] + link)
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the figures say what is asked."""
    page.wait_for_function(LIGHT, timeout=PATIENCE_MS)
    page.wait_for_selector("#plan-grid .ag-row, #plan-grid .ag-overlay-no-rows-center", timeout=PATIENCE_MS)


def number(text: str) -> int:
    """The first whole number of a text."""
    return int(re.search(r"\d[\d,]*", text).group().replace(",", ""))  # type: ignore[union-attr]


def total(page: Page) -> int:
    """The large figure."""
    return number(page.locator(".figure-total .figure-number").inner_text())


def asked(page: Page) -> dict[str, str]:
    """What the link says now."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(page.url).query).items()}


def ranked(page: Page) -> dict[str, str]:
    """Area names and counts of the grid, as they stand there."""
    rows = page.locator("#plan-grid .ag-center-cols-container .ag-row")
    names = page.locator("#plan-grid .ag-pinned-left-cols-container .ag-row")
    return {
        names.nth(at).locator("[col-id=name]").inner_text().strip(): rows.nth(at).locator("[col-id=count]").inner_text().strip()
        for at in range(rows.count())
    }  # fmt: skip


def change(page: Page, deed: Callable[[], None]) -> None:
    """Do something that asks anew, and wait for the answer."""
    before = page.locator("#panel-figures").get_attribute("data-markup")
    deed()
    page.wait_for_function(
        "(before) => document.getElementById('panel-figures').dataset.markup !== before", arg=before, timeout=PATIENCE_MS
    )  # fmt: skip
    settled(page)


def test_from_a_question_to_the_tickets_behind_a_figure(page_as: Opened) -> None:
    page = opened(page_as)
    assert page.url.split("?")[0].endswith("/planning")
    whole = total(page)
    page.locator("#when > summary").click()
    change(page, lambda: page.locator("[data-do=plan-window][data-name='90d']").click())
    assert total(page) > whole
    page.locator("#where > summary").click()
    area = page.locator("#where-tree .tree-name").first
    name = area.inner_text()
    change(page, area.click)
    page.keyboard.press("Escape")
    expect(page.locator("#where-chosen")).to_have_text(name, timeout=PATIENCE_MS)
    inside = total(page)
    assert 0 < inside == total_of(ranked(page))
    page.wait_for_url("**areas=*")
    page.locator(".figure-total").click()
    expect(page.locator("#list-total")).to_contain_text(f"{inside:,}", timeout=PATIENCE_MS)
    expect(page.locator(".tickets tbody tr")).to_have_count(min(inside, 50), timeout=PATIENCE_MS)
    page.locator(".tickets tbody tr").first.click()
    expect(page.locator(".card-ticket")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".list-head")).to_have_count(0, timeout=PATIENCE_MS)


def total_of(rows: dict[str, str]) -> int:
    """All counts that are told."""
    return sum(number(text) for text in rows.values() if text[0].isdigit())


def test_every_mark_opens_as_many_tickets_as_it_says(page_as: Opened) -> None:
    page = opened(page_as)
    marks = {
        "#plan-grid .plan-figure": None,
        "#panel-matrix button.slot-6": "data-tip",
        "#panel-trend .trend-hits button": "data-tip",
        "#panel-breakdown .bar-row": ".bar-value",
        "#panel-times .figure-open": ".figure-number",
        "#panel-times .figure-late": ".figure-number",
    }
    for mark, told in marks.items():
        element = page.locator(mark).first
        text = element.inner_text() if told is None else element.get_attribute(told) if told == "data-tip" else (
            element.locator(told).inner_text())  # fmt: skip
        count = number((text or "").split("  ")[-1])
        element.dispatch_event("click")
        expect(page.locator("#list-total")).to_contain_text(f"{count:,}", timeout=PATIENCE_MS)
        page.keyboard.press("Escape")
        expect(page.locator(".list-head")).to_have_count(0, timeout=PATIENCE_MS)


def test_a_question_is_saved_and_its_link_opens_the_same(page_as: Opened) -> None:
    page = opened(page_as, "?vs=year&band=7-19&map=change&level=station")
    page.wait_for_function(ALL, timeout=PATIENCE_MS)
    figures = page.locator("#panel-figures").inner_text(), ranked(page)
    page.locator("#saved > summary").click()
    page.locator("#save-name").fill("早晚之间")
    page.locator(".plan-save [type=submit]").click()
    kept = page.locator("[data-question='早晚之间'] a")
    expect(kept).to_be_visible(timeout=PATIENCE_MS)
    link = kept.get_attribute("href") or ""
    assert {key: values[-1] for key, values in parse_qs(urlsplit(link).query).items()}.items() >= {
        "vs": "year", "band": "7-19", "map": "change", "level": "station",
    }.items()  # fmt: skip
    page.goto(page.url.split("?")[0])
    settled(page)
    assert page.locator("#panel-figures").inner_text() != figures[0]
    page.goto(page.url.split("/planning")[0] + link)
    settled(page)
    assert (page.locator("#panel-figures").inner_text(), ranked(page)) == figures
    expect(page.locator(".plan-layers [data-key=change]")).to_have_attribute("aria-pressed", "true")
    state = "yiping.page.state.areas.length + yiping.page.state.band + yiping.page.state.vs"
    assert page.evaluate(state) == "07-19year"


def test_the_map_stays_while_figures_load(page_as: Opened) -> None:
    page = opened(page_as)
    page.wait_for_function("() => yiping.map.scene && yiping.page.view")
    before = page.evaluate("JSON.stringify(yiping.map.scene.leaflet.getBounds())")
    change(page, lambda: page.evaluate("yiping.page.change({band: '8-18'})"))
    for layer in ("change", "gi", "emerging", "roads", "density"):
        page.locator(f".plan-layers [data-key={layer}]").click()
        page.wait_for_function(ALL, timeout=PATIENCE_MS)
        expect(page.locator("#panel-map h2")).to_be_visible()
        assert page.locator("#panel-map p").first.inner_text().strip()
    assert page.evaluate("JSON.stringify(yiping.map.scene.leaflet.getBounds())") == before


def test_a_polygon_is_drawn_by_keys_and_asked_about(page_as: Opened) -> None:
    page = opened(page_as)
    whole = total(page)
    page.wait_for_function("() => yiping.map.scene")
    page.locator("#where > summary").click()
    page.locator("[data-do=plan-draw]").click()
    expect(page.locator("#plan-drawing")).to_be_visible()
    for _ in range(3):  # near enough that the map can move all ways
        zoom = page.evaluate("yiping.map.scene.leaflet.getZoom()")
        page.keyboard.press("Equal")
        page.wait_for_function("(zoom) => yiping.map.scene.leaflet.getZoom() > zoom", arg=zoom)
        page.wait_for_timeout(500)
    for step in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        at = page.evaluate(CENTRE)
        page.keyboard.press("Enter")
        page.keyboard.press(step)
        page.wait_for_function(
            f"(at) => Math.hypot({CENTRE}[0] - at[0], {CENTRE}[1] - at[1]) > 0.0006", arg=at
        )
        page.wait_for_timeout(400)
    change(page, lambda: page.keyboard.press("Control+Enter"))
    assert asked(page)["shape"].isdigit()
    assert total(page) < whole
    link = page.url
    page.goto(link)
    settled(page)
    expect(page.locator("#where-chosen")).not_to_have_text("全区", timeout=PATIENCE_MS)


def test_excel_says_what_the_page_says(page_as: Opened) -> None:
    page = opened(page_as)
    shown = ranked(page)
    page.locator("#take-away > summary").click()
    with page.expect_download(timeout=PATIENCE_MS) as taken:
        page.locator("[data-export=xlsx]").click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    cells = [
        [cell for cell in row if cell is not None]
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
    ]
    for name, text in shown.items():
        row = next(row for row in cells if name in row)
        if text[0].isdigit():
            assert number(text) in row, (name, text, row)
        else:
            assert text == "<5"


def test_the_offline_map_opens_with_no_network(
    page_as: Opened, chromium: Browser, site: Site, tmp_path: Path
) -> None:
    page = opened(page_as)
    page.locator("#take-away > summary").click()
    with page.expect_download(timeout=PATIENCE_MS) as taken:
        page.locator("[data-export=html]").click()
    file = tmp_path / "map.html"
    taken.value.save_as(file)
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_offline(True)
    alone, faults = context.new_page(), list[str]()
    alone.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    alone.on("pageerror", lambda e: faults.append(str(e)))
    alone.on(
        "request",
        lambda r: faults.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None,
    )
    alone.goto(file.as_uri())
    expect(alone.locator(".leaflet-container")).to_be_visible()
    alone.wait_for_timeout(800)
    drawn = alone.locator(".leaflet-overlay-pane path, .leaflet-overlay-pane canvas").count()
    context.close()
    assert (faults, drawn > 0) == ([], True)


def test_small_screens_and_english_keep_everything_in_sight(page_as: Opened) -> None:
    page = opened(page_as, "?lang=en&theme=dark", width=1366, height=768)
    expect(page.locator(".plan-title")).to_have_text("Planning")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in ("#where", "#when", "#versus", "#what", "#band", ".plan-layers", "#plan-grid", "#plan-side"):
        box = page.locator(part).first.bounding_box()
        assert box, part
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 1366 + 1, part


def test_the_commander_may_look_but_a_screen_may_not(page_as: Opened) -> None:
    page = page_as("commander")
    page.goto(page.url.split("/command")[0] + "/planning")
    settled(page)
    assert total(page) > 0
