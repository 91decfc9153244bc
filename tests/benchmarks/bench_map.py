"""The commander's map in Chromium without a GPU, 1920×1080: first picture from a cold cache, and frames while dragged."""

from __future__ import annotations

import math

from playwright.sync_api import Browser, Page, sync_playwright

from app.http.guard import COOKIE
from tests.benchmarks.served import Served, spread

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
CENTRE = (120.61, 31.313)
ZOOMS = (13, 14, 16)
LOADS = 5
QUIET = (
    "() => { const it = window.yiping?.map?.scene; return it?.asked && !it.all.some((one) => one.waiting) }"
)
WATCH = """() => {
    window.frames_ms = [];
    let last = performance.now();
    const next = (now) => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
}"""
BYTES = "() => performance.getEntriesByType('resource').reduce((sum, it) => sum + it.transferSize, 0)"


def run(served: Served) -> dict[str, float]:
    """Milliseconds to the first whole picture, bytes it took, and the time between frames of a drag at each zoom."""
    figures: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        loads = [_load(browser, served) for _ in range(LOADS)]
        figures |= spread("first_picture", [ms for ms, _ in loads])
        figures["first_picture_kib"] = loads[0][1] / 1024
        for zoom in ZOOMS:
            figures |= spread(f"drag_z{zoom}", _drag(browser, served, zoom))
        browser.close()
    return figures


def _open(browser: Browser, served: Served) -> Page:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", bypass_csp=True)
    context.add_cookies([{"name": COOKIE, "value": served.session, "url": served.url}])
    return context.new_page()


def _load(browser: Browser, served: Served) -> tuple[float, float]:
    page = _open(browser, served)
    page.goto(f"{served.url}/command")
    page.wait_for_function(QUIET, polling=20)
    taken = page.evaluate("() => performance.now()"), page.evaluate(BYTES)
    page.context.close()
    return taken


def _drag(browser: Browser, served: Served, zoom: int) -> list[float]:
    """Time between frames while the map is dragged in curves of about 400 px for three seconds."""
    page = _open(browser, served)
    page.goto(f"{served.url}/command?view={CENTRE[0]},{CENTRE[1]},{zoom}")
    page.wait_for_function(QUIET)
    page.evaluate(
        "(target) => { yiping.map.fly(target) }", {"lon": CENTRE[0], "lat": CENTRE[1], "zoom": zoom}
    )
    page.wait_for_timeout(1500)
    page.wait_for_function(QUIET)
    page.evaluate(WATCH)
    page.mouse.move(760, 560)
    page.mouse.down()
    for step in range(180):
        page.mouse.move(760 + 400 * math.sin(step / 24), 560 + 250 * math.sin(step / 15))
        page.wait_for_timeout(12)
    frames: list[float] = page.evaluate("() => window.frames_ms.slice(2)")
    page.mouse.up()
    page.context.close()
    return frames
