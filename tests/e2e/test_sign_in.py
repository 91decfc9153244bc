"""The front door: one name field first, Enter signs in, a wrong password is said in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Site

pytestmark = pytest.mark.browser


def test_the_name_comes_first_and_enter_signs_in(page_as: Callable[..., Page], site: Site) -> None:
    page = page_as(None)
    page.goto(site.url + "/command?area=320508")
    page.wait_for_url("**/?next=*")
    assert page.evaluate("document.activeElement.name") == "name"
    page.keyboard.type("commander")
    page.keyboard.press("Tab")
    page.keyboard.type(site.passwords["commander"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/command?*")
    page.wait_for_selector("#dossier .figures")
    page.locator("#person summary").click()
    page.locator("#person button[type=submit]").click()
    page.wait_for_url(site.url + "/")


def test_a_wrong_password_is_said_and_english_is_offered(page_as: Callable[..., Page], site: Site) -> None:
    page = page_as(None)
    page.goto(site.url + "/")
    page.locator("input[name=name]").fill("commander")
    page.locator("input[name=password]").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("不符")
    page.locator(".sign-other").click()
    expect(page.locator("button[type=submit]")).to_have_text("Sign in")
