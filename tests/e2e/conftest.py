"""A real server over the demo district, and Chromium signed in as one of its people."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import Engine

from app.processes import ended, start_web, start_worker
from geodata.commands import accounts
from geodata.store.settings import Settings

HOME_OF = {
    "screen": "**/wall*",
    "planner": "**/planning*",
    "operator": "**/data*",
}  # where each role is led after signing in; the others to /command
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A running server and the passwords of its accounts."""

    url: str
    passwords: dict[str, str]
    settings: Settings
    engine: Engine


@pytest.fixture(scope="session")
def site(demo_db: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product as operators run it, on a free port of the loopback; for looking only."""
    yield from _served(demo_db, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def live_site(live_db: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same with its worker, for what changes the data."""
    yield from _served(live_db, tmp_path_factory.mktemp("live"), with_worker=True)


def _served(engine: Engine, home: Path, *, with_worker: bool = False) -> Iterator[Site]:
    with engine.begin() as connection:
        passwords = {role: accounts.reset(connection, role) for role, _ in _ensure(connection)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = engine.url.render_as_string(hide_password=False)
    settings = Settings(home=home, database_url=address, host="127.0.0.1", port=port, workers=1)
    with ExitStack() as stack:
        stack.enter_context(ended(start_web(settings)))
        if with_worker:
            stack.enter_context(ended(start_worker(settings)))
        _wait(f"http://127.0.0.1:{port}/healthz", settings.logs / "web.log")
        yield Site(f"http://127.0.0.1:{port}", passwords, settings, engine)


def _ensure(connection: object) -> list[tuple[str, str]]:
    made = accounts.make_first(connection)  # type: ignore[arg-type]
    return made or [(account.name, "") for account in accounts.list_accounts(connection)]  # type: ignore[arg-type]


def wait_until_served(url: str, settings: Settings) -> None:
    """Until a server answers."""
    _wait(f"{url}/healthz", settings.logs / "web.log")


def _wait(address: str, log: Path) -> None:
    until = time.monotonic() + 90
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
    yield from _opener(chromium, site)


@pytest.fixture
def live_page_as(chromium: Browser, live_site: Site) -> Iterator[Callable[..., Page]]:
    """The same on the site whose data change."""
    yield from _opener(chromium, live_site)


def _opener(chromium: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_as(
        role: str | None = "commander",
        *,
        width: int = 1920,
        height: int = 1080,
        at: str = "",
        calm: bool = True,
        **options: object,
    ) -> Page:
        """`at` is another server of the same data; a page whose server falls may complain when it is not `calm`."""
        url = at or site.url
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", **options  # type: ignore[arg-type]
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda m: (
                faults.append(f"console: {m.text} {m.location}") if calm and m.type == "error" else None
            ),
        )
        page.on("pageerror", lambda e: faults.append(f"page: {e}"))
        page.on("request", lambda r: faults.append(f"left: {r.url}") if not _ours(r.url, url) else None)
        if role:
            page.goto(url + "/")
            page.locator("input[name=name]").fill(role)
            page.locator("input[name=password]").fill(site.passwords[role])
            page.keyboard.press("Enter")
            page.wait_for_url(HOME_OF.get(role, "**/command*"))
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert faults == []


def _ours(url: str, site: str) -> bool:
    return url.startswith((site, site.replace("http", "ws"), "data:", "blob:", "about:"))
