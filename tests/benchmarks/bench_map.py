"""The commander's map in Chromium without a GPU, 1920×1080: the time between frames while it is dragged."""

from __future__ import annotations

import math

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks.bench_page import FLAGS, signed_in
from tests.benchmarks.served import Served, spread

CENTRE = (120.61, 31.313)
ZOOMS = (13, 14, 16)
QUIET = (
    "() => { const it = window.yiping?.map?.scene; return it?.asked && !it.all.some((one) => one.waiting) }"
)
WATCH = """() => {
    window.frames_ms = [];
    let last = performance.now();
    const next = (now) => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(next); };
    requestAnimationFrame(next);
}"""


def run(served: Served) -> dict[str, float]:
    """Milliseconds between frames of a drag at each zoom."""
    figures: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for zoom in ZOOMS:
            figures |= spread(f"drag_z{zoom}", _drag(browser, served, zoom))
        browser.close()
    return figures


def _drag(browser: Browser, served: Served, zoom: int) -> list[float]:
    """Time between frames while the map is dragged in curves of about 400 px for three seconds."""
    page = signed_in(browser, served).new_page()
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
