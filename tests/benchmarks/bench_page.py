"""The commander's page in a real Chromium: the first picture with a cold cache, and what it weighs."""

from __future__ import annotations

import re
import statistics

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.benchmarks.served import Served

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
# Usable: every tile in view is painted and the dossier shows its figures.
USABLE = """() => {
  const scene = window.yiping?.map?.scene;
  if (!scene || !document.querySelector('[data-figure]')) return false;
  const tiles = [...scene.all].flatMap((source) => [...source.tiles.values()]);
  return tiles.length > 8 && tiles.every((tile) => tile.state === 'ready' || tile.state === 'empty');
}"""
SHOWN = """(code) => [...document.querySelectorAll('#dossier .place-more span')]
  .some((it) => it.textContent === code)"""
FIRST_TIMES = 7
DRILLS = 40
READ_MS = 1500  # a person looks before the next click; until then the map has come to rest


def run(served: Served) -> dict[str, float | int]:
    """First pictures in fresh browsers."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        firsts, weights = zip(*[first_picture(browser, served) for _ in range(FIRST_TIMES)], strict=True)
        browser.close()
    return {
        "first_picture_p50_ms": statistics.median(firsts),
        "first_picture_max_ms": max(firsts),
        "transferred_kib": round(max(weights) / 1024),
    }


def signed_in(browser: Browser, served: Served) -> BrowserContext:
    """A browser of its own with a cold cache."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN", bypass_csp=True)
    context.add_cookies([{"name": "yiping_session", "value": served.session, "url": served.url}])
    return context


def first_picture(browser: Browser, served: Served) -> tuple[float, int]:
    """Milliseconds from navigation until usable, and bytes that went over the wire."""
    context = signed_in(browser, served)
    page = context.new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    weighed: list[int] = []
    wire.on("Network.loadingFinished", lambda done: weighed.append(int(done["encodedDataLength"])))
    page.goto(f"{served.url}/command", wait_until="commit")
    page.wait_for_function(USABLE, timeout=30_000, polling="raf")
    taken = float(page.evaluate("performance.now()"))
    page.wait_for_timeout(500)
    context.close()
    return taken, sum(weighed)


def drill(browser: Browser, served: Served) -> list[float]:
    """Milliseconds from the click on an area below to the repainted dossier, all the way down and again."""
    context = signed_in(browser, served)
    page = context.new_page()
    page.goto(f"{served.url}/command")
    page.wait_for_function(USABLE, timeout=30_000)
    taken: list[float] = []
    while len(taken) < DRILLS:
        codes = page.eval_on_selector_all(
            "#dossier [data-do=drill]", "all => all.map((it) => it.dataset.code)"
        )
        if not codes:
            home(page, served)
            continue
        taken.append(click(page, codes[len(taken) % len(codes)]))
        page.wait_for_timeout(READ_MS)
    context.close()
    return taken


CLICK = f"""async (code) => {{
  const shown = {SHOWN};
  const began = performance.now();
  document.querySelector(`#dossier [data-do=drill][data-code="${{code}}"]`).click();
  while (!shown(code) && performance.now() - began < 10000) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}}"""


def click(page: Page, code: str) -> float:
    """Click one area below and wait until the dossier is about it."""
    return float(page.evaluate(CLICK, code))


def home(page: Page, served: Served) -> None:
    """Back to the whole district."""
    page.locator(f'[data-do=drill][data-code="{re.escape(served.profile.code)}"]').first.click()
    page.wait_for_function(SHOWN, arg=served.profile.code)
    page.wait_for_timeout(READ_MS)
