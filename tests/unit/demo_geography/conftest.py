"""The demo district, built once for all tests of its geography."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from etl.demo.geography import Geography, build


@dataclass(frozen=True)
class Built:
    """The district and the processor seconds it took (the machine may be busy)."""

    geography: Geography
    seconds: float


@pytest.fixture(scope="session")
def built() -> Built:
    start = time.process_time()
    geography = build()
    return Built(geography, time.process_time() - start)


@pytest.fixture(scope="session")
def town(built: Built) -> Geography:
    return built.geography
