"""A crowd grows at 观前街: the wall shows it with its cameras, a commander follows it to its review, the wall follows each step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.e2e.conftest import Site

ROOT = Path(__file__).resolve().parents[2]
CARD = "article.wall-card"
STEP = ".wall-step-done .wall-step-word"


@pytest.fixture
def crowd(live_site: Site, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The demo's feeds with the crowd of 观前街, as an operator starts them, at double speed."""
    environment = os.environ | {
        "YIPING_HOME": str(live_site.settings.home), "YIPING_DATABASE_URL": live_site.settings.database_url or "",
        "YIPING_PORT": str(live_site.settings.port), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    log = (tmp_path / "simulate.log").open("wb")
    sender = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "feed", "simulate", "--scenario", "guanqian", "--speed", "2", "--minutes", "20",
         "--url", live_site.url],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    yield sender
    if sender.poll() is None:
        sender.send_signal(signal.SIGINT)
        sender.wait(20)


@pytest.fixture
def only_guanqian(live_site: Site) -> None:
    """Nothing but the crowd is told: the sensors of the demo have alarms of their own. Its rise and density are one card."""
    with live_site.engine.begin() as c:
        for subject in ("sensor_", "ticket_"):
            c.execute(
                text("""insert into maintenance_windows (subject, starts_at, ends_at, why)
                        values (:subject, now() - interval '1 hour', now() + interval '1 hour', 'test')"""),
                {"subject": subject},
            )
        c.execute(text("update alerts set state = 'cleared', closed_at = now() where closed_at is null"))


@pytest.mark.timeout(420)
@pytest.mark.usefixtures("only_guanqian")
def test_the_room_knows_and_follows_each_step(
    live_page_as: Callable[..., Page], live_site: Site, crowd: subprocess.Popen[bytes]
) -> None:
    wall = live_page_as("screen")
    desk = live_page_as("commander")

    # the crowd passes its threshold: the wall has the card with its cameras, the desk has it in the queue
    card = desk.locator(".alert-card", has_text="观前街").filter(has=desk.locator("[data-press=acknowledge]"))
    expect(card.first).to_be_visible(timeout=150_000)
    assert crowd.poll() is None
    alert = str(card.first.get_attribute("data-key")).removeprefix("alert-")
    expect(wall.locator(CARD, has_text="观前街")).to_be_visible(timeout=20_000)
    assert wall.locator(f"{CARD} .wall-cameras figure").count() >= 1

    # acknowledged
    desk.locator(f'[data-key="alert-{alert}"] [data-press=acknowledge]').click()
    expect(wall.locator(STEP, has_text="接警")).to_be_visible(timeout=10_000)

    # an incident is opened, verified, a team sent
    desk.locator(f'[data-key="alert-{alert}"] .alert-card-open').click()
    desk.locator("#case-panel [data-press=open_incident]").click()
    desk.locator("#case-panel [data-press=verify]").click()
    expect(desk.locator("#case-panel .rail-now", has_text="核实")).to_be_visible(timeout=10_000)
    desk.locator("#case-panel [data-press=dispatch-team]").first.click()
    desk.locator("#case-panel .unfolds[data-open=yes] [data-press=send]").click()
    expect(wall.locator(STEP, has_text="派遣")).to_be_visible(timeout=10_000)

    # the team accepts and arrives; the desk says so for a team without a page of its own
    for press in ("accept", "arrive", "done"):
        desk.locator(f"#case-panel [data-press=dispatch-{press}]").click()
    expect(wall.locator(STEP, has_text="接令")).to_be_visible(timeout=10_000)

    # handled, resolved, reviewed
    desk.locator("#case-panel [data-press=resolve]").click()
    expect(wall.locator(f"{CARD}.wall-card-done, .wall-calm")).not_to_have_count(0, timeout=15_000)
    desk.locator("#case-panel textarea[name=text]").fill("封控及时，单向通行有效。")
    desk.locator("#case-panel [data-press=review]").click()
    expect(desk.locator("#case-panel .rail-now", has_text="复盘")).to_be_visible(timeout=10_000)
    with live_site.engine.connect() as c:
        state, incident = c.execute(
            text("select state, incident_id from alerts where id = :id"), {"id": int(alert)}
        ).one()
        moves = (
            c.execute(
                text("select move from incident_moves where incident_id = :i order by id"), {"i": incident}
            )
            .scalars()
            .all()
        )
    assert state == "dealt_with"
    assert [move for move in moves if move in {"open", "verify", "resolve", "review"}] == [
        "open",
        "verify",
        "resolve",
        "review",
    ]


@pytest.mark.timeout(300)
def test_a_feed_that_stops_is_an_alert_and_greys_its_layer(
    live_page_as: Callable[..., Page], live_site: Site, crowd: subprocess.Popen[bytes]
) -> None:
    before = _ticks(live_site)
    desk = live_page_as("commander")
    _until_live(live_site, desk, before)  # else it may be stopped before it can be
    crowd.send_signal(signal.SIGINT)
    crowd.wait(20)
    # silence is a number of intervals; with a short one it is soon known
    with live_site.engine.begin() as c:
        c.execute(text("update feeds set interval_s = 1 where key = 'demo-crowd'"))
    expect(desk.locator(".alert-card", has_text="演示人群热力")).to_be_visible(timeout=120_000)
    desk.locator('[data-do="layer"][data-key="crowd"]').first.click()
    expect(desk.locator('[data-layer="crowd"] .layer-stale')).to_contain_text("停在", timeout=30_000)
    expect(desk.locator(".yiping-stale")).to_contain_text("人群", timeout=30_000)


def _ticks(site: Site) -> int:
    with site.engine.connect() as c:
        return int(c.execute(text("select count(*) from crowd_ticks")).scalar_one())


def _until_live(site: Site, page: Page, before: int = 0) -> None:
    for _ in range(120):
        if _ticks(site) > before:
            return
        page.wait_for_timeout(500)
    raise AssertionError("no tick came")
