"""Many tiles ask for the ground of a new grid in the same moment; it is laid once, and nobody trips over it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from app.http.crowd_memory import CrowdMemory

AT_ONCE = 16


class Laid(CrowdMemory):
    """Notes each laying; grids with odd numbers cannot be laid."""

    begun: list[int] = []  # noqa: RUF012 - of the class, for a class with slots

    def ground(self, reading: Any, grid_id: int) -> Any:  # noqa: ARG002 - as it is asked
        """Note it."""
        self.begun.append(grid_id)
        if grid_id % 2:
            raise RuntimeError("no such grid")


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns far more often than usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty")
def test_the_ground_is_laid_once_however_many_ask() -> None:
    memory, start = Laid(), Barrier(AT_ONCE)
    Laid.begun.clear()

    def ask(grid_id: int) -> bool:
        start.wait()
        return memory.ready(None, grid_id, 1.0)  # type: ignore[arg-type]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for grid_id in range(120):
            assert all(pool.map(ask, [grid_id] * AT_ONCE))
    assert sorted(one for one in Laid.begun if one % 2 == 0) == list(range(0, 120, 2))
