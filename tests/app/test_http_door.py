"""Who gets in, and what everybody else is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine
from starlette.testclient import TestClient

import app.http
from geodata.profile import Profile
from geodata.store.settings import Settings

Knock = Callable[[str | None], TestClient]
SHUT = (
    "/api/areas", "/api/layers", "/api/heat?bbox=120,31,121,32", "/api/areas/320508/summary", "/api/search?q=a", "/events",
    "/tiles/grid_cells/13/6839/3347.mvt", "/raster/population/13/6839/3347.png", "/metrics", "/openapi.json", "/api/tickets",
    "/api/tickets/export.csv", "/api/me", "/_dash-layout", "/_dash-update-component", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("path", SHUT)
@pytest.mark.parametrize("secret", [None, "Bearer", "Bearer wrong", "Basic YTpi"])
def test_nobody_gets_anything(knock: Knock, path: str, secret: str | None) -> None:
    answer = knock(None).get(path, headers={"Authorization": secret} if secret else {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "cookie", ["yiping_session=x", "yiping_session=", 'yiping_session="', "=;;;", "a=b; yiping_session=%00"]
)
def test_an_odd_cookie_is_nobody(knock: Knock, cookie: str) -> None:
    assert knock(None).get("/api/areas", headers={"Cookie": cookie}).status_code == 401


def test_a_page_leads_to_the_sign_in_page_and_back(knock: Knock) -> None:
    answer = knock(None).get("/command?area=1-0-0&lang=en", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?next=%2Fcommand%3Farea%3D1-0-0%26lang%3Den"


def test_health_is_open(knock: Knock) -> None:
    assert knock(None).get("/healthz").json() == {"status": "ok"}


def test_signing_in_and_out(knock: Knock, new_password: Callable[[str], str]) -> None:
    browser = knock(None)
    password = new_password("commander")
    answer = browser.post(
        "/sign-in", data={"name": " Commander ", "password": password, "next": "/command?area=1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/command?area=1")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert browser.get("/api/me").json() == {"name": "commander", "role": "commander", "area": None}
    assert browser.post("/sign-out").headers["location"] == "/"
    assert browser.get("/api/me").status_code == 401


def test_a_session_ends_for_every_browser_that_held_it(
    knock: Knock, new_password: Callable[[str], str]
) -> None:
    browser = knock(None)
    browser.post("/sign-in", data={"name": "planner", "password": new_password("planner")})
    stolen = {"Cookie": f"yiping_session={browser.cookies['yiping_session']}"}
    assert knock(None).get("/api/me", headers=stolen).status_code == 200
    browser.post("/sign-out")
    assert knock(None).get("/api/me", headers=stolen).status_code == 401


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil"]
)
def test_signing_in_leads_nowhere_else(knock: Knock, new_password: Callable[[str], str], onward: str) -> None:
    answer = knock(None).post(
        "/sign-in", data={"name": "operator", "password": new_password("operator"), "next": onward}
    )
    assert answer.headers["location"] == "/data"


def test_a_wrong_password_is_told_without_saying_which(knock: Knock) -> None:
    told = [knock(None).post("/sign-in", data={"name": name, "password": "x"}, headers={"Accept": "application/json"})
            for name in ("screen", "ghost")]  # fmt: skip
    assert [answer.status_code for answer in told] == [401, 401]
    assert told[0].json() == told[1].json()
    page = knock(None).post("/sign-in", data={"name": "screen", "password": "x", "next": "/command"})
    assert (page.status_code, page.headers["location"]) == (303, "/?wrong=1&next=%2Fcommand")


def test_guessing_is_slowed_down(knock: Knock, new_password: Callable[[str], str]) -> None:
    password = new_password("local")
    json = {"Accept": "application/json"}
    tries = [
        knock(None).post("/sign-in", data={"name": "local", "password": str(n)}, headers=json)
        for n in range(6)
    ]
    assert [answer.status_code for answer in tries] == [401] * 5 + [429]
    assert (
        knock(None).post("/sign-in", data={"name": "local", "password": password}, headers=json).status_code
        == 429
    )
    assert "min" in tries[-1].json()["detail"]


def test_another_sites_page_cannot_act_for_a_browser(knock: Knock) -> None:
    answer = knock(None).post("/sign-out", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_form_of_megabytes_is_refused(knock: Knock) -> None:
    answer = knock(None).post("/sign-in", data={"name": "a", "password": "x" * 5_000_000})
    assert answer.status_code == 422


def test_without_a_database_one_sentence_is_said(
    gusu: Profile, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = create_engine("postgresql+psycopg://yiping@/yiping?host=/nowhere/at/all")
    application = FastAPI()
    app.http.install(application, away, gusu, Settings(home=tmp_path_factory.mktemp("away")))
    client = TestClient(application)
    for path in ("/healthz", "/api/areas"):
        answer = client.get(path, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 503
        assert answer.json()["detail"].count(".") == 1
        assert "psycopg" not in answer.text


def test_a_defect_shows_a_number_and_no_trace(
    doors: FastAPI, admin: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = admin.get("/api/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    number = answer.json()["detail"].split("number ")[1].split()[0]
    assert number in caplog.text
    assert "a secret of the house" in caplog.text


def test_every_answer_says_what_a_page_may_do(admin: TestClient) -> None:
    headers = admin.get("/api/layers").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
