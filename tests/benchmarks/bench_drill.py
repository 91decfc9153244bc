"""Drilling by click in a real Chromium, from the district down to a grid cell and again."""

from __future__ import annotations

from playwright.sync_api import sync_playwright

from tests.benchmarks.bench_page import FLAGS, drill
from tests.benchmarks.served import Served, spread


def run(served: Served) -> dict[str, float]:
    """Milliseconds from a click to the repainted figures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        taken = drill(browser, served)
        browser.close()
    return spread("drill", taken)
