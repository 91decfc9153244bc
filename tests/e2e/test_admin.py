"""The administrator's page in a browser: who is on duty, how long is waited, who else is told; changed, kept, refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site

SOON_MS = 15_000


@pytest.mark.timeout(240)
def test_an_administrator_changes_the_roster_and_the_times(
    live_page_as: Callable[..., Page], live_site: Site
) -> None:
    page = live_page_as("admin", calm=False)  # the console tells of the refused request
    page.goto(f"{live_site.url}/admin")
    form = page.locator("form[data-do=duty-add]")
    expect(form).to_be_visible(timeout=2 * SOON_MS)
    form.locator("[name=who]").select_option("account:operator")
    form.locator("[name=role]").select_option("deputy")
    form.locator("[name=hours]").select_option("4")
    form.locator("[data-press=duty-add]").click()
    row = page.locator(".shifts tbody tr", has_text="数据运维").filter(has_text="副指挥长")
    expect(row).to_have_count(1, timeout=SOON_MS)
    row.locator("[data-do=duty-remove]").click()
    expect(row).to_have_count(0, timeout=SOON_MS)
    history = page.locator("#duty .admin-history").last  # the first holds later shifts of teams
    history.locator("summary").click()
    expect(history.locator("li").first).to_contain_text("管理员", timeout=SOON_MS)
    expect(history.locator("li").first).to_contain_text("撤下")

    times = page.locator("form[data-do=wait-set]")
    times.locator("[name=level]").select_option("danger")
    times.locator("[name=why]").fill("试")
    times.locator("[data-press=wait-set]").click()
    expect(times.locator(".said-note")).to_be_visible(timeout=SOON_MS)  # danger never stays where it is
    times.locator("[name=minutes]").fill("2")
    times.locator("[data-press=wait-set]").click()
    expect(page.locator('[data-key="wait-danger"]')).to_contain_text("2 分钟", timeout=SOON_MS)
    expect(page.locator('[data-key="wait-danger"]')).to_contain_text("管理员")
    expect(times.locator(".said-note")).to_be_hidden()


@pytest.mark.timeout(240)
def test_the_page_is_read_in_english_by_who_may_only_read(
    live_page_as: Callable[..., Page], live_site: Site
) -> None:
    page = live_page_as("operator")
    page.goto(f"{live_site.url}/admin?lang=en")
    expect(page.locator("#escalation")).to_contain_text(
        "Goes up when nobody took it for", timeout=2 * SOON_MS
    )
    expect(
        page.locator("form[data-do=duty-add], form[data-do=wait-set], form[data-do=hook-add]")
    ).to_have_count(0)


@pytest.mark.timeout(240)
def test_an_address_that_is_not_allowed_is_calmly_refused(
    live_page_as: Callable[..., Page], live_site: Site
) -> None:
    page = live_page_as("admin", calm=False)
    page.goto(f"{live_site.url}/admin?lang=en")
    form = page.locator("form[data-do=hook-add]")
    expect(form).to_be_visible(timeout=2 * SOON_MS)
    form.locator("[name=name]").fill("sandbox")
    form.locator("[name=url]").fill("https://elsewhere.example/in")
    form.locator("[data-press=hook-add]").click()
    expect(form.locator(".said-note")).to_contain_text("YIPING_WEBHOOK_HOSTS", timeout=SOON_MS)
    expect(form.locator(".secret-note")).to_be_hidden()


@pytest.mark.timeout(240)
def test_a_team_gets_an_inbox_whose_password_is_shown_once(
    live_page_as: Callable[..., Page], live_site: Site
) -> None:
    page = live_page_as("admin")
    page.goto(f"{live_site.url}/admin")
    row = (
        page.locator(".teams tbody tr").filter(has=page.locator("[data-do=team-inbox][data-turn=yes]")).first
    )
    expect(row).to_be_visible(timeout=2 * SOON_MS)
    key = str(row.get_attribute("data-key"))
    row.locator("[data-do=team-inbox]").click()
    note = page.locator("#duty .secret-note")
    expect(note).to_contain_text("team.", timeout=SOON_MS)
    page.locator(f'[data-key="{key}"] [data-do=team-inbox][data-turn=no]').click()
    expect(note).to_be_hidden(timeout=SOON_MS)
    expect(page.locator(f'[data-key="{key}"] .inbox-of')).to_have_text("—", timeout=SOON_MS)
