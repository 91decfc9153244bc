"""MQTT against Debian's mosquitto: nothing that the broker accepted is lost, whoever was stopped meanwhile."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Client, Message, ProtocolVersion

from etl.feeds import mqtt
from etl.feeds.mqtt import Broker, broker_at, subscribe
from etl.feeds.mqtt_mapping import Mapping
from geodata.errors import Refused, Unavailable
from tests.aio import run
from tests.feeds.broker import PASSWORD, USER, Mosquitto

pytestmark = pytest.mark.skipif(not shutil.which("mosquitto"), reason="mosquitto is not installed")
MAPPING = Mapping(
    feed="plant", topics=["plant/+/t"], at={"from": "json:at"},  # type: ignore[arg-type]
    reading=[{"sensor": ["topic:1"], "value": "json:v"}],  # type: ignore[list-item]
)  # fmt: skip


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    yield mosquitto
    mosquitto.stop()


class Desk:
    """Notes what arrives; can be away."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.unread = 0
        self.away = False

    def accept(self, feed: str, rows: Sequence[dict[str, Any]], unread: int) -> None:
        """Take rows in, or be away."""
        assert feed == "plant"
        if self.away:
            raise Unavailable("The database does not answer.")
        self.values += [row["value"] for row in rows]
        self.unread += unread


async def _publish(broker: Mosquitto, values: Sequence[float]) -> None:
    async with Client(
        "127.0.0.1", broker.port, username=USER, password=PASSWORD, protocol=ProtocolVersion.V5
    ) as client:
        for value in values:
            body = json.dumps({"at": "2026-11-22T04:00:00Z", "v": value})
            await client.publish(f"plant/S{value:.0f}/t", body, qos=1)


async def _until(done: Callable[[], bool], limit_s: float = 15) -> None:
    for _ in range(int(limit_s / 0.05)):
        if done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come")


def _run(broker: Broker, desk: Desk, act: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    async def all_of_it() -> None:
        stop = asyncio.Event()
        listening = asyncio.create_task(subscribe(broker, [MAPPING], desk.accept, stop))
        try:
            await act(stop)
        finally:
            stop.set()
            await asyncio.wait_for(listening, 10)

    run(all_of_it())


@pytest.mark.parametrize("version", [4, 5])
def test_readings_arrive_and_nonsense_is_counted(broker: Mosquitto, version: int) -> None:
    desk = Desk()

    async def act(_: asyncio.Event) -> None:
        await asyncio.sleep(0.5)
        await _publish(broker, range(50))
        async with Client("127.0.0.1", broker.port, username=USER, password=PASSWORD) as client:
            await client.publish("plant/S1/t", b"no json", qos=1)
        await _until(lambda: len(desk.values) == 50 and desk.unread == 1)

    _run(broker_at(f"{broker.address}?version={version}"), desk, act)
    assert sorted(desk.values) == list(range(50))


@pytest.mark.parametrize("version", [4, 5])
def test_a_stopped_broker_loses_nothing_that_it_accepted(broker: Mosquitto, version: int) -> None:
    desk, at = Desk(), broker_at(f"{broker.address}?version={version}")

    async def meet(_: asyncio.Event) -> None:
        await asyncio.sleep(0.5)

    _run(at, desk, meet)  # the broker knows the session now

    async def away() -> None:
        await _publish(broker, range(100))  # nobody listens

    run(away())
    broker.stop()
    broker.start()

    async def back(_: asyncio.Event) -> None:
        await _until(lambda: len(set(desk.values)) == 100)
        broker.stop()
        await asyncio.sleep(1.0)
        broker.start()
        await asyncio.sleep(2.5)  # it comes back by itself
        await _publish(broker, range(100, 120))
        await _until(lambda: len(set(desk.values)) == 120)

    _run(at, desk, back)


def test_a_message_is_let_go_only_when_it_was_written(broker: Mosquitto) -> None:
    desk, at = Desk(), broker_at(broker.address)
    desk.away = True

    async def deaf(_: asyncio.Event) -> None:
        await asyncio.sleep(0.5)
        await _publish(broker, range(30))
        await asyncio.sleep(0.5)

    _run(at, desk, deaf)  # ended with the database away: nothing was acknowledged
    assert desk.values == []
    desk.away = False

    async def back(_: asyncio.Event) -> None:
        await _until(lambda: set(desk.values) == set(range(30)))

    _run(at, desk, back)


def test_a_long_line_stops_the_reading(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a session that was away for a night would fill the memory: the broker sends more than was asked for."""
    desk, at, longest = Desk(), broker_at(broker.address), [0]
    desk.away = True
    monkeypatch.setattr(mqtt, "ROOM", 100)

    class Noted(mqtt.Line):
        def put_nowait(self, item: Message) -> None:
            super().put_nowait(item)
            longest[0] = max(longest[0], self.qsize())

    monkeypatch.setattr(mqtt, "Line", Noted)

    async def act(_: asyncio.Event) -> None:
        await asyncio.sleep(0.5)
        await _publish(broker, range(1_000))
        await asyncio.sleep(1.0)
        desk.away = False
        await _until(lambda: len(set(desk.values)) == 1_000)

    _run(at, desk, act)
    assert 100 <= longest[0] <= 110


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="mqtt://"):
        broker_at("http://example.org")
    assert "for the tests" not in repr(broker_at("mqtt://a:for%20the%20tests@h"))
