"""Coroutines in tests that share their process with a driven browser."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a thread of its own: the browser's driver keeps a loop in the main one once it was started."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
