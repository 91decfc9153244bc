"""Answers are made once, kept up to a weight and forgotten in order of use."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.http.memory import Remembered


def test_who_asks_at_the_same_time_shares_one_answer() -> None:
    made: list[int] = []

    def slow() -> bytes:
        made.append(1)
        time.sleep(0.05)
        return b"x"

    memory: Remembered[bytes] = Remembered(100, len)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: memory.get("key", slow), range(8)))
    assert answers == [b"x"] * 8
    assert len(made) == 1


def test_the_least_used_goes_first() -> None:
    memory: Remembered[bytes] = Remembered(30, len)
    for key in "ab":
        memory.get(key, lambda: b"123456789")
    memory.get("a", lambda: b"never made")
    memory.get("c", lambda: b"123456789")
    memory.get("d", lambda: b"123456789")
    assert memory.get("d", lambda: b"new") == b"123456789"
    assert memory.get("b", lambda: b"new") == b"new"


def test_a_failure_is_not_kept() -> None:
    memory: Remembered[bytes] = Remembered(30, len)

    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        memory.get("a", fail)
    assert memory.get("a", lambda: b"yes") == b"yes"


def test_an_empty_answer_is_kept_too() -> None:
    memory: Remembered[bytes] = Remembered(30, len)
    assert memory.get("a", lambda: b"") == b""
    assert memory.get("a", lambda: b"made again") == b""
