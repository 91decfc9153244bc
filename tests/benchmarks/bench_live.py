"""From a reading that is accepted to a card that is painted, in a room with 50 listeners; and how much the doors take in.

Everything runs in a home of its own. The reading of a quiet sensor jumps past danger; the clock starts when the door
accepted it (the database's clock) and stops two frames after its card stands in a real Chromium on the same machine.
YIPING_BENCH_S says how long each of the two doors is kept busy (60 s unless told; five minutes for the published figures).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import text

from geodata.store.settings import CHECKOUT
from tests.benchmarks import bench_ingest, mqtt_load
from tests.benchmarks.bench_page import FLAGS
from tests.benchmarks.live_home import LiveHome, live_home

NEEDS_HOME = False
CLIENTS, QUIET_PER_S = 50, 200
ON_DESK, ON_WALL = 100, 25
DESK_PAUSE_S, WALL_PAUSE_S = (
    0.25,
    3.0,
)  # the wall flies to an alert and back; nobody needs it to do so every second
QUIET_SENSORS = 150
LONGEST_S = 10.0
WATCH = """
(() => {
  window.painted = {};
  const look = () => document.querySelectorAll('[data-key^="alert-"]').forEach((card) => {
    const id = card.dataset.key.slice(6);
    if (id in window.painted) return;
    window.painted[id] = null;
    requestAnimationFrame(() => requestAnimationFrame(() => { window.painted[id] = performance.timeOrigin + performance.now(); }));
  });
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-key'] });
})();
"""


def run(_: None = None) -> dict[str, float | int | str]:
    """Paint times with their percentiles, what was lost or told twice, and readings a second by either door."""
    lasts_s = float(os.environ.get("YIPING_BENCH_S", "60"))
    with live_home() as home:
        sensors = _sensors(home)
        figures = _painting(home, sensors)
        figures |= {f"http_{key}": value for key, value in bench_ingest.measure(home, lasts_s).items()}
        figures |= {f"mqtt_{key}": value for key, value in mqtt_load.measure(home, lasts_s).items()}
    figures["readings_per_s"] = figures["http_readings_per_s"]
    return figures


def _sensors(home: LiveHome) -> list[dict[str, Any]]:
    """Sensors in order, with a calm value and one past danger."""
    with home.served.engine.connect() as c:
        rows = c.execute(
            text("""select s.code, l.value as calm, s.danger_at, s.danger_at < s.notice_at as falling
                    from sensors s join sensor_latest l on l.sensor_id = s.id
                    where s.state = 'normal' and s.kind in ('water_quality', 'fire', 'ai_event', 'water_level') order by s.code""")
        ).mappings()
        return [
            {
                "code": row["code"],
                "calm": row["calm"],
                "danger": row["danger_at"] * (0.8 if row["falling"] else 1.2),
            }
            for row in rows
        ]


def _painting(home: LiveHome, sensors: list[dict[str, Any]]) -> dict[str, Any]:
    """Alerts one after the other on the commander's page and on the wall, while the room listens and quiet readings rain."""
    quiet, loud = sensors[:QUIET_SENSORS], sensors[QUIET_SENSORS:]
    with _load(home, quiet) as load, sync_playwright() as playwright:
        first = _newest(home)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        desk = _times(home, _page(browser, home, "commander"), loud[:ON_DESK], DESK_PAUSE_S)
        wall = _times(home, _page(browser, home, "screen"), loud[ON_DESK : ON_DESK + ON_WALL], WALL_PAUSE_S)
        browser.close()
        time.sleep(1.5)
        last = _newest(home)
        heard = _ended(load)
    told = _told(home, first, last)
    lost = sum(len(told - {int(n) for n in one}) for one in heard["heard"])
    twice = sum(
        sum(count - 1 for number, count in one.items() if int(number) in told) for one in heard["heard"]
    )
    return {
        **_spread("paint", desk["ms"]), **_spread("wall_paint", wall["ms"]), "alerts": len(desk["ms"]) + len(wall["ms"]),
        "alerts_missing": desk["missing"] + wall["missing"], "lost": lost + desk["missing"] + wall["missing"], "duplicated": twice,
        "event_clients": CLIENTS, "happenings": len(told), "quiet_readings": heard["sent"].get("200", 0),
    }  # fmt: skip


def _times(home: LiveHome, page: Page, sensors: list[dict[str, Any]], pause_s: float) -> dict[str, Any]:
    taken_ms, missing = [], 0
    for sensor in sensors:
        row = {"sensor": sensor["code"], "at": datetime.now(UTC).isoformat(), "value": sensor["danger"]}
        httpx.post(
            f"{home.served.url}/api/ingest/readings",
            json=[row],
            headers={"Authorization": f"Bearer {home.feeds['readings']}"},
        )
        until, done = time.monotonic() + LONGEST_S, None
        while done is None and time.monotonic() < until:
            page.wait_for_timeout(60)
            done = _done(home, page, sensor["code"])
        if done is None:
            missing += 1
        else:
            taken_ms.append(done)
        _close(home)
        page.wait_for_timeout(pause_s * 1000)
    page.context.close()
    return {"ms": taken_ms, "missing": missing}


def _done(home: LiveHome, page: Page, code: str) -> float | None:
    """Milliseconds from accepted to painted, once both are known."""
    with home.served.engine.connect() as c:
        row = c.execute(
            text("select id, accepted_at from alerts where rule = 'sensor_level' and subject_key = :code"),
            {"code": code},
        ).one_or_none()
    painted = page.evaluate("(id) => window.painted[id]", str(row.id)) if row else None
    return painted - row.accepted_at.timestamp() * 1000 if row and painted else None


def _close(home: LiveHome) -> None:
    """Clear the table for the next one, by the door that people use."""
    with home.served.engine.connect() as c:
        rows = c.execute(
            text("select id, revision from alerts where state in ('raised', 'acknowledged')")
        ).all()
    for row in rows:
        httpx.post(
            f"{home.served.url}/api/alerts/{row.id}/moves", json={"move": "false_alarm", "revision": row.revision, "why": "bench"},
            headers={"Authorization": f"Bearer {home.served.token}"},
        )  # fmt: skip


def _page(browser: Any, home: LiveHome, role: str) -> Page:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    page: Page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{home.served.url}/")
    page.locator("input[name=name]").fill(role)
    page.locator("input[name=password]").fill(home.passwords[role])
    page.keyboard.press("Enter")
    page.locator('[data-live-state="on"]').first.wait_for(state="attached", timeout=60_000)
    page.wait_for_timeout(4_000)
    return page


@contextmanager
def _load(home: LiveHome, quiet: list[dict[str, Any]]) -> Iterator[subprocess.Popen[str]]:
    told = {
        "url": home.served.url, "token": home.served.token, "feed": home.feeds["readings"], "clients": CLIENTS,
        "readings_per_s": QUIET_PER_S, "sensors": quiet,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.live_load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    assert process.stdout.readline().strip() == "ready"
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


def _ended(load: subprocess.Popen[str]) -> dict[str, Any]:
    load.terminate()
    assert load.stdout
    heard: dict[str, Any] = json.loads(load.stdout.read())
    load.wait(20)
    return heard


def _newest(home: LiveHome) -> int:
    with home.served.engine.connect() as c:
        return int(c.execute(text("select coalesce(max(id), 0) from happenings")).scalar_one())


def _told(home: LiveHome, first: int, last: int) -> set[int]:
    with home.served.engine.connect() as c:
        return set(
            c.execute(
                text("select id from happenings where id > :a and id <= :b"), {"a": first, "b": last}
            ).scalars()
        )


def _spread(name: str, taken_ms: list[float]) -> dict[str, float]:
    ordered = sorted(taken_ms) or [math.nan]
    at = lambda share: ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]  # noqa: E731
    return {f"{name}_p50_ms": at(0.5), f"{name}_p99_ms": at(0.99), f"{name}_worst_ms": ordered[-1]}
