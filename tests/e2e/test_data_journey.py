"""The data operator's way in Chromium: from a file dropped to a load that is taken back, with a reload in between."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.e2e.conftest import Site

pytestmark = pytest.mark.browser

Opened = Callable[..., Page]
SOON_MS, PATIENCE_MS = 30_000, 120_000
STATIONS = "select code, name, st_asgeojson(geom, 15) from areas where level = 'station' and valid_to is null order by code"  # fmt: skip
AREAS = "select md5(string_agg(md5(a::text), '' order by id)) from areas a"


def stations(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as c:
        return [
            {"type": "Feature", "properties": {"编码": code, "名称": name}, "geometry": json.loads(shape)}
            for code, name, shape in c.execute(text(STATIONS))
        ]


def redrawn(features: list[dict[str, Any]], folder: Path) -> Path:
    """A file in which one station got a new name, one reaches 30 m farther out, and two metres are torn inside."""
    rings = [feature["geometry"]["coordinates"][0][0] for feature in features]
    used = Counter(tuple(corner) for ring in rings for corner in ring[:-1])
    west = min((corner for corner, times in used.items() if times == 1), key=lambda corner: corner[0])
    inner = max((corner for corner, times in used.items() if times == 2), key=lambda corner: corner[0])
    for ring in rings:
        ring[:] = [[x - 0.0003, y] if (x, y) == west else [x, y] for x, y in ring]
    torn = next(ring for ring in rings if list(inner) in ring[1:-1])
    torn[torn.index(list(inner), 1)] = [inner[0] + 0.00002, inner[1]]
    features[5]["properties"]["名称"] += "（新）"
    file = folder / "联动工作站.geojson"
    file.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8"
    )
    return file


def fingerprint(engine: Engine) -> str:
    with engine.connect() as c:
        return str(c.execute(text(AREAS)).scalar_one())


def opened(live_page_as: Opened, site: Site, **options: object) -> Page:
    page = live_page_as("operator", width=1280, height=800, **options)
    page.goto(f"{site.url}/data")
    page.wait_for_selector("#data-drop", timeout=PATIENCE_MS)
    return page


def onward(page: Page, step: str, then: str) -> None:
    """Confirm a step and wait for the next."""
    page.locator(f'form[data-do="data-{step}"] .button.primary').click()
    page.wait_for_selector(then, timeout=PATIENCE_MS)


def figure(page: Page, name: str) -> int:
    return int(page.locator(f".data-figure-{name} strong").inner_text().replace(",", ""))


@pytest.mark.timeout(420)
def test_boundaries_go_in_and_out_again(live_page_as: Opened, live_site: Site, tmp_path: Path) -> None:
    page = opened(live_page_as, live_site)
    before = fingerprint(live_site.engine)
    page.set_input_files("#data-file", redrawn(stations(live_site.engine), tmp_path))
    page.wait_for_selector('form[data-do="data-file"]', timeout=PATIENCE_MS)
    assert "upload=" in page.url
    expect(page.locator('input[name="kind"][value="boundaries"]')).to_be_checked()
    expect(page.locator('select[name="option-level"]')).to_have_value("station")
    expect(page.locator("#data-table .ag-center-cols-container .ag-row").first).to_contain_text(
        "联动工作站", timeout=SOON_MS
    )

    onward(page, "file", 'form[data-do="data-columns"]')
    expect(page.locator('select[name="column-code"]')).to_have_value("编码")
    expect(page.locator('select[name="column-name"]')).to_have_value("名称")
    onward(page, "columns", 'form[data-do="data-place"]')
    expect(page.locator('input[name="crs"][value="EPSG:4326"]')).to_be_checked()
    expect(page.locator("#data-legend")).to_be_visible(timeout=SOON_MS)

    onward(page, "place", '[data-do="data-load"]')
    assert figure(page, "changed") >= 2
    assert figure(page, "new") == 0
    assert figure(page, "repaired") >= 1, "the gap is mended, and told"
    assert fingerprint(live_site.engine) == before, "a try keeps nothing"

    page.click('[data-do="data-load"]')
    page.wait_for_url("**step=load*")
    page.reload()
    page.wait_for_selector(".data-does [data-do=data-run]", timeout=PATIENCE_MS)
    assert fingerprint(live_site.engine) != before
    page.click(".data-does [data-do=data-run]")
    expect(page.locator(".data-state-done")).to_be_visible(timeout=SOON_MS)
    expect(page.locator(".data-name")).to_contain_text("联动工作站.geojson")

    page.click(".data-undo summary")
    page.click('[data-do="data-undo"]')
    expect(page.locator(".data-state-rolled_back")).to_be_visible(timeout=PATIENCE_MS)
    assert fingerprint(live_site.engine) == before
    page.click('.data-does [data-do="data-another"]')
    row = page.locator(".data-runs tbody tr").first
    expect(row).to_contain_text("联动工作站.geojson", timeout=SOON_MS)
    expect(row).to_contain_text("operator")


@pytest.mark.timeout(420)
def test_a_ticket_table_is_understood_and_a_bad_row_is_sent_back(
    live_page_as: Opened, live_site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "热线导出.csv"
    with file.open("w", encoding="gb18030", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["工单编号", "上报时间", "所属街道", "诉求类别", "标题", "地址", "经度", "纬度", "状态"])
        for n in range(40):
            at = "三月四日" if n == 7 else f"2026-03-04 08:{n:02d}:00"
            lon, lat = 120.60 + n / 1000, 31.30 + n / 1500
            out.writerow([f"RX{n:04d}", at, "平江街道", "市容管理", "=1+1", "平江路", lon, lat, "处置中"])
    page = opened(live_page_as, live_site)
    page.set_input_files("#data-file", file)
    page.wait_for_selector('form[data-do="data-file"]', timeout=PATIENCE_MS)
    expect(page.locator('input[name="kind"][value="tickets"]')).to_be_checked()
    onward(page, "file", 'form[data-do="data-columns"]')
    for field, column in (("number", "工单编号"), ("received", "上报时间"), ("lon", "经度"), ("lat", "纬度")):
        expect(page.locator(f'select[name="column-{field}"]').first).to_have_value(column)
    onward(page, "columns", 'form[data-do="data-place"]')
    onward(page, "place", '[data-do="data-load"]')
    assert (figure(page, "new"), figure(page, "rejected")) == (39, 1)
    finding = page.locator("#data-table .ag-center-cols-container .ag-row", has_text="三月四日").first
    expect(finding).to_be_visible(timeout=SOON_MS)
    zoom = page.evaluate("yiping.map.scene.leaflet.getZoom()")
    finding.click()
    page.wait_for_function("(zoom) => yiping.map.scene.leaflet.getZoom() > zoom", arg=zoom, timeout=SOON_MS)
    with page.expect_download() as kept:
        page.click(".data-sheet")
    sheet = openpyxl.load_workbook(io.BytesIO(kept.value.path().read_bytes())).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "RX0007" in cells
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], (
        "no formula goes out"
    )
