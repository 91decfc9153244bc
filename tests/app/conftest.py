"""The doors on the chequered town, and people of each role who knock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

import app.http
from geodata.commands import accounts
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.settings import Settings
from tests.db.town import town_database

PEOPLE = {
    "admin": None,
    "commander": None,
    "planner": None,
    "screen": None,
    "operator": None,
    "local": "1-0-0",
}


@pytest.fixture(scope="session")
def town_engine(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    """The town with an account of each role, and one that is limited to sub-district 1-0-0."""
    for engine in town_database(cluster, gusu, "town_for_doors"):
        with engine.begin() as c:
            for name, area in PEOPLE.items():
                accounts.add(c, name, "commander" if name == "local" else name, area)
        yield engine


@pytest.fixture(scope="session")
def doors(town_engine: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """An application with nothing but our doors."""
    application = FastAPI(docs_url=None, redoc_url=None)
    app.http.install(application, town_engine, gusu, Settings(home=tmp_path_factory.mktemp("doors")))

    @application.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("a secret of the house")

    return application


@pytest.fixture(scope="session")
def knock(doors: FastAPI, town_engine: Engine) -> Callable[[str | None], TestClient]:
    """A client that acts as one of the PEOPLE, or as nobody."""
    whole = app.http.with_tiles_below(doors)

    def client(name: str | None) -> TestClient:
        headers = {}
        if name:
            with town_engine.begin() as c:
                headers["Authorization"] = f"Bearer {accounts.make_token(c, name)}"
        return TestClient(whole, headers=headers, follow_redirects=False)

    return client


@pytest.fixture(scope="session")
def admin(knock: Callable[[str | None], TestClient]) -> TestClient:
    """A client that may do everything."""
    return knock("admin")


@pytest.fixture
def rasters(doors: FastAPI) -> Path:
    """The folder of rasters of these doors."""
    folder: Path = doors.state.house.settings.rasters
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def new_password(town_engine: Engine) -> Iterator[Callable[[str], str]]:
    """Gives an account a new password; the sessions it had end."""

    def reset(name: str) -> str:
        with town_engine.begin() as c:
            return accounts.reset(c, name)

    yield reset
    with town_engine.begin() as c:
        c.execute(text("delete from sessions"))
