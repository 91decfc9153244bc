"""The outside sender: what is not acknowledged is kept in order and sent again; what never will be taken is not."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from etl.feeds import sender as module
from etl.feeds.sender import Batch, Sender
from geodata.errors import Refused


class Door:
    """A server that answers as told and remembers what it took."""

    def __init__(self, *answers: int | type[Exception]) -> None:
        self.answers, self.taken = list(answers), []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        answer = self.answers.pop(0) if self.answers else 200
        if not isinstance(answer, int):
            raise answer("away")
        if answer == 200:
            self.taken.append(
                (request.url.path, request.headers["authorization"], json.loads(request.content))
            )
            return httpx.Response(200, json={"feed": "x", "accepted": 2, "repeated": 0, "verdicts": []})
        return httpx.Response(answer, json={"detail": "no"})


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def make(told: list[str]) -> Callable[[Door], tuple[Sender, list[float]]]:
    def made(door: Door) -> tuple[Sender, list[float]]:
        clock = [0.0]
        return Sender("http://door", told.append, httpx.MockTransport(door), lambda: clock[0]), clock

    return made


def test_a_server_away_is_waited_for_with_growing_pauses_and_gets_all_in_order(make, told: list[str]) -> None:
    door = Door(httpx.ConnectError, httpx.ReadTimeout, 503)
    sender, clock = make(door)
    for number in range(3):
        sender.put(Batch("readings", "t", [number]))
    assert not sender.flush()
    assert not sender.flush()  # too early: it does not even knock
    assert len(door.answers) == 2
    clock[0] = 0.6
    assert not sender.flush()
    clock[0] = 1.0
    assert not sender.flush()
    assert len(door.answers) == 1
    clock[0] = 1.7
    assert not sender.flush()
    clock[0] = 4.0
    assert sender.flush()
    assert [body for _, _, body in door.taken] == [[0], [1], [2]]
    assert door.taken[0][:2] == ("/api/ingest/readings", "Bearer t")
    assert sender.verdicts == {"accepted": 6}
    assert len(told) == 2
    assert "nothing is lost" in told[0]


def test_at_the_end_it_waits_a_while_for_a_server_that_is_away(make) -> None:
    door = Door(httpx.ConnectError, httpx.ConnectError)
    sender, clock = make(door)
    sender.put(Batch("readings", "t", [1]))

    class Stop:
        """An event whose waiting lets the clock go on."""

        def wait(self, seconds: float) -> bool:
            """Let time pass."""
            clock[0] += seconds
            return False

    assert sender.drain(Stop())
    assert 1.4 < clock[0] < 2.0
    door.answers = [httpx.ConnectError] * 99
    sender.put(Batch("readings", "t", [2]))
    assert not sender.drain(Stop(), most_s=5.0)
    assert sender.waiting == 1


def test_what_is_refused_for_good_is_said_and_not_sent_again(make, told: list[str]) -> None:
    sender, _ = make(Door(400))
    sender.put(Batch("crowd", "t", {}))
    assert sender.flush()
    assert sender.waiting == 0
    assert told == ["A batch was refused (400): no"]
    assert sender.verdicts == {"refused_batches": 1}


def test_a_token_that_is_not_known_ends_it(make) -> None:
    sender, _ = make(Door(401))
    sender.put(Batch("crowd", "t", {}))
    with pytest.raises(Refused, match="same home"):
        sender.flush()


def test_of_too_many_the_oldest_go_and_are_counted(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    door = Door(httpx.ConnectError)
    sender, clock = make(door)
    for number in range(4):
        sender.put(Batch("tickets", "t", [number]))
        sender.flush()
    clock[0] = 60.0
    sender.flush()
    assert sender.dropped == 2
    assert [body for _, _, body in door.taken] == [[2], [3]]
