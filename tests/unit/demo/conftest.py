"""One small world for the tests of the demo's rows."""

from __future__ import annotations

from datetime import date

import pytest

from etl.demo.geography import Geography
from etl.demo.tickets import Batch, World, days_between, make
from etl.demo.world import make_world
from geodata.profile import Profile

ANCHOR = date(2026, 3, 31)


@pytest.fixture(scope="session")
def world(geography: Geography, gusu: Profile) -> World:
    """A world with 30,000 tickets a year."""
    return make_world(geography, gusu, seed=7, anchor=ANCHOR, per_year=30_000)


@pytest.fixture(scope="session")
def year(world: World) -> Batch:
    """All tickets of the year that ends on the anchor."""
    return make(world, days_between(date(2025, 4, 1), ANCHOR))
