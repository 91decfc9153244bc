"""The chequered town for tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from geodata.profile import Profile
from geodata.store.cluster import Cluster
from tests.db.town import town_database


@pytest.fixture(scope="session")
def town(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    """A database of the chequered town; read it, never write."""
    yield from town_database(cluster, gusu, "town_for_queries")


@pytest.fixture
def c(town: Engine) -> Iterator[Connection]:
    """A connection to the town that cannot write."""
    with town.connect() as connection:
        yield connection.execution_options(postgresql_readonly=True)
