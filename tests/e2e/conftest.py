"""A real server over the demo district, and Chromium signed in as one of its people."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from geodata.commands import accounts

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A running server and the passwords of its accounts."""

    url: str
    passwords: dict[str, str]


@pytest.fixture(scope="session")
def site(demo_db: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product as operators run it, on a free port of the loopback."""
    home = tmp_path_factory.mktemp("site")
    with demo_db.begin() as connection:
        passwords = {role: accounts.reset(connection, role) for role, _ in _ensure(connection)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = demo_db.url.render_as_string(hide_password=False)
    environment = os.environ | {
        "YIPING_HOME": str(home), "YIPING_DATABASE_URL": address, "PYTHONPATH": str(ROOT), "YIPING_PORT": str(port),
    }  # fmt: skip
    log = (home / "web.log").open("wb")
    web = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1",
         "--port", str(port), "--workers", "1", "app.main:create"],
        cwd=ROOT, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", home / "web.log")
        yield Site(f"http://127.0.0.1:{port}", passwords)
    finally:
        web.terminate()
        web.wait(20)


def _ensure(connection: object) -> list[tuple[str, str]]:
    made = accounts.make_first(connection)  # type: ignore[arg-type]
    return made or [(account.name, "") for account in accounts.list_accounts(connection)]  # type: ignore[arg-type]


def _wait(address: str, log: Path) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", "replace")[-3000:])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page_as(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open pages signed in as a role; a console error or a request to another host fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_as(
        role: str | None = "commander", *, width: int = 1920, height: int = 1080, **options: object
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", **options  # type: ignore[arg-type]
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: faults.append(f"page: {e}"))
        page.on("request", lambda r: faults.append(f"left: {r.url}") if not _ours(r.url, site.url) else None)
        if role:
            page.goto(site.url + "/")
            page.locator("input[name=name]").fill(role)
            page.locator("input[name=password]").fill(site.passwords[role])
            page.keyboard.press("Enter")
            page.wait_for_url("**/command*")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert faults == []


def _ours(url: str, site: str) -> bool:
    return url.startswith((site, site.replace("http", "ws"), "data:", "blob:", "about:"))
