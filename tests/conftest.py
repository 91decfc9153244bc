"""A real PostGIS for the tests: one private cluster a run, one migrated template, a fresh copy where asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine
from xdist.scheduler import LoadScopeScheduling

from geodata.profile import Profile, load_profile
from geodata.store.cluster import Cluster, private_cluster
from geodata.store.db import make_engine, migrate

if TYPE_CHECKING:
    from etl.demo.geography import Geography

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


# Browsers, killed servers and whole servers of their own: one of them at a time, or they time each other.
IN_THE_ROOM = ("tests/e2e/", "tests/faults/", "tests/app/test_up_and_down.py")


def pytest_configure(config: pytest.Config) -> None:
    """Let the first worker go before the others: it has the room, where seconds are promised."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        os.nice(15)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Say what runs beside what: the room's tests one after the other, each other file as one piece beside them."""

    class Rooms(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "room" if nodeid.startswith(IN_THE_ROOM) else nodeid.split("::", maxsplit=1)[0]

    return Rooms(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the room: it takes longest."""
    items.sort(key=lambda item: not item.nodeid.startswith(IN_THE_ROOM))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files nobody here wrote; tests that read them skip where they are absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real files is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def gusu() -> Profile:
    """The profile of the demo district."""
    return load_profile("gusu")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostGIS of this run's own, with an empty migrated database called `template_empty`."""
    home = tmp_path_factory.mktemp("home")
    for folder in (home, *home.parents):
        if folder == folder.parent or folder.name == "tmp":
            break
        folder.chmod(0o755)  # the account that runs PostgreSQL must reach it
    private = private_cluster(home)
    private.start()
    private.create_database("template_empty")
    migrate(private.url("template_empty"))
    yield private
    private.stop()


def _copy(cluster: Cluster, template: str, name: str) -> Iterator[Engine]:
    cluster.drop_database(name)
    cluster.create_database(name, template)
    engine = make_engine(cluster.url(name))
    yield engine
    engine.dispose()
    cluster.drop_database(name)


@pytest.fixture
def empty_db(cluster: Cluster) -> Iterator[Engine]:
    """A fresh migrated database without rows, for one test."""
    yield from _copy(cluster, "template_empty", "one_test")


@pytest.fixture(scope="module")
def module_db(cluster: Cluster) -> Iterator[Engine]:
    """A fresh migrated database without rows, for one file of tests."""
    yield from _copy(cluster, "template_empty", "one_module")


@pytest.fixture(scope="session")
def geography() -> Geography:
    """The geography of the demo district, made once."""
    from etl.demo.geography import build  # noqa: PLC0415 - slow to import, and most tests do without

    return build()


@pytest.fixture(scope="session")
def demo_template(cluster: Cluster, gusu: Profile, geography: Geography) -> str:
    """Name of a database with the whole demo district up to now and some 15,000 tickets in its twelve months."""
    from etl.demo.build import build  # noqa: PLC0415

    cluster.create_database("template_demo", "template_empty")
    engine = make_engine(cluster.url("template_demo"))
    build(engine, gusu, seed=1229, last=gusu.today(), tickets_per_year=15_000, geography=geography)
    engine.dispose()  # nobody may be connected while it is copied
    return "template_demo"


@pytest.fixture(scope="session")
def demo_db(cluster: Cluster, demo_template: str) -> Iterator[Engine]:
    """The demo district, for reading only."""
    yield from _copy(cluster, demo_template, "demo")


@pytest.fixture(scope="session")
def live_db(cluster: Cluster, demo_template: str) -> Iterator[Engine]:
    """The demo district once more, for what changes it: feeds, alerts, incidents."""
    yield from _copy(cluster, demo_template, "live")
