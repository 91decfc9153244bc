"""Readings from an MQTT broker: QoS 1, a session that the broker keeps, and no message let go before it is written.

A message is acknowledged only after the transaction that wrote it has been committed. What was not acknowledged comes
again after a break, and is recognised as a repetition; so neither a killed subscriber nor a stopped broker loses
anything that the broker had accepted.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from aiomqtt import Client, Message, MqttError, ProtocolVersion
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import Engine

from etl.feeds.mqtt_mapping import Mapping, NotUnderstood, matches, read_mappings, rows_of
from geodata.commands.feeds import add_feed, count_verdicts, feed_by_key
from geodata.commands.readings import accept
from geodata.errors import Refused, Unavailable
from geodata.profile import Profile
from geodata.store.db import transaction

log = logging.getLogger(__name__)
BATCH, GATHER_S = 1_000, 0.02
# What the broker may send before it waits for us (at MQTT 3.1.1 its own setting), and what we hold at most: a session
# that was away gets more than it asked for from mosquitto 2.0.11.
IN_FLIGHT, ROOM = 2_000, 4_000
KEPT_FOR_S = 7 * 86_400  # how long the broker keeps the session of a subscriber that is away (MQTT 5)
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}
Accept = Callable[
    [str, Sequence[dict[str, Any]], int], None
]  # feed key, rows, messages that were not understood


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is; `version` 4 is MQTT 3.1.1, 5 is MQTT 5."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    secure: bool = False
    name: str = "yiping"
    version: int = 5


def broker_at(address: str, *, name: str = "yiping") -> Broker:
    """A broker by its address: mqtt://user:password@host:1883, mqtts:// for TLS, ?version=4 for MQTT 3.1.1."""
    parts = urlsplit(address)
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise Refused("The address of the MQTT broker should read mqtt://user:password@host:1883.")
    told = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return Broker(
        parts.hostname,
        parts.port or DEFAULT_PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        parts.scheme == "mqtts",
        told.get("name", name),
        int(told.get("version", "5")),
    )


async def subscribe(broker: Broker, mappings: Sequence[Mapping], accept: Accept, stop: asyncio.Event) -> None:
    """Take in what the broker has until told to stop; comes back with growing pauses when it is away."""
    failures = 0
    while not stop.is_set():
        try:
            line = Line()  # what a broken connection left in it comes again
            async with _client(broker, line) as client:
                log.info("listening to the broker at %s:%s", broker.host, broker.port)
                failures = 0
                await _take_in(client, line, mappings, accept, stop)
        except MqttError as fault:
            pause_s = PAUSES_S[min(failures, len(PAUSES_S) - 1)]
            failures += 1
            log.warning("the broker is away, trying again in %.1f s: %s", pause_s, fault)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause_s)


class Line(asyncio.Queue[Message]):
    """Messages read and not yet written; while it is long the socket is left alone, whatever the broker would send."""

    def __init__(self) -> None:
        super().__init__()
        self.client: Client | None = None
        self.held = False

    def put_nowait(self, item: Message) -> None:
        """Take one in, and stop reading when these are enough."""
        super().put_nowait(item)
        if self.client and not self.held and self.qsize() >= ROOM:
            self.held = True
            asyncio.get_running_loop().remove_reader(self.client._client.socket())  # type: ignore[arg-type]  # noqa: SLF001

    def read_on(self) -> None:
        """Read again once half of it is written."""
        socket = self.client._client.socket() if self.client and self.held else None  # noqa: SLF001
        if socket and self.client and self.qsize() <= ROOM / 2:
            self.held = False
            asyncio.get_running_loop().add_reader(socket, self.client._client.loop_read)  # noqa: SLF001


def _client(broker: Broker, line: Line) -> Client:
    five = broker.version == 5
    kept = Properties(PacketTypes.CONNECT) if five else None  # type: ignore[no-untyped-call]
    if kept is not None:
        kept.SessionExpiryInterval = KEPT_FOR_S
        kept.ReceiveMaximum = IN_FLIGHT
    client = Client(
        broker.host, broker.port, username=broker.user, password=broker.password, identifier=broker.name,
        protocol=ProtocolVersion.V5 if five else ProtocolVersion.V311, properties=kept,
        clean_session=None if five else False, clean_start=False if five else MQTT_CLEAN_START_FIRST_ONLY,
        tls_context=ssl.create_default_context() if broker.secure else None,
        queue_type=lambda **_: line,  # type: ignore[arg-type]
    )  # fmt: skip
    line.client = client
    client._client.manual_ack_set(on=True)  # noqa: SLF001 - the library has no door for it; without it a kill loses what was in line
    return client


async def _take_in(
    client: Client, line: Line, mappings: Sequence[Mapping], accept: Accept, stop: asyncio.Event
) -> None:
    for mapping in mappings:
        for topic in mapping.topics:
            await client.subscribe(topic, qos=1)
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            batch = await _gather(client, line, stopping)
            await _written(batch, mappings, accept, stop)
            for message in batch:
                if message.qos:
                    client._client.ack(message.mid, message.qos)  # noqa: SLF001 - as above
            line.read_on()
    finally:
        stopping.cancel()


async def _gather(client: Client, line: Line, stopping: asyncio.Task[Any]) -> list[Message]:
    """What is in line, a little waited for so that it is written together; empty when we end."""
    first: asyncio.Task[Message] = asyncio.create_task(anext(client.messages))
    await asyncio.wait({first, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not first.done():
        first.cancel()
        return []
    batch = [first.result()]  # a broken connection is told here
    if line.qsize() < BATCH:
        await asyncio.sleep(GATHER_S)
    while len(batch) < BATCH and not line.empty():
        batch.append(line.get_nowait())
    return batch


async def _written(
    batch: Sequence[Message], mappings: Sequence[Mapping], accept: Accept, stop: asyncio.Event
) -> None:
    """Write a batch, waiting for a database that is away; what means nothing is counted and let go."""
    rows, unread = _understood(batch, mappings, datetime.now(UTC))
    for feed in rows.keys() | unread.keys():
        while not await _accepted(accept, feed, rows.get(feed, []), unread[feed]):
            if stop.is_set():
                raise MqttError("stopped before the batch was written")
            await asyncio.sleep(1.0)


async def _accepted(accept: Accept, feed: str, rows: Sequence[dict[str, Any]], unread: int) -> bool:
    try:
        await asyncio.to_thread(accept, feed, rows, unread)
    except Unavailable as fault:
        log.warning("%s Trying again.", fault)
        return False
    return True


def _understood(
    batch: Sequence[Message], mappings: Sequence[Mapping], arrived: datetime
) -> tuple[dict[str, list[dict[str, Any]]], Counter[str]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    unread: Counter[str] = Counter()
    for message in batch:
        topic = str(message.topic)
        for mapping in mappings:
            if not any(matches(one, topic) for one in mapping.topics):
                continue
            try:
                rows.setdefault(mapping.feed, []).extend(
                    rows_of(mapping, topic, bytes(message.payload), arrived)
                )
            except NotUnderstood as why:
                unread[mapping.feed] += 1
                log.info("a message of %s was not understood: %s", topic, why)
    return rows, unread


def run(engine: Engine, profile: Profile, address: str | None, folder: Path) -> int:
    """Listen with the mappings of a folder until SIGTERM or Ctrl-C; makes the feeds that they name."""
    if not address:
        raise Refused("Say where the broker is: YIPING_MQTT_URL=mqtt://user:password@host:1883.")
    broker, mappings = broker_at(address), read_mappings(folder)
    if not mappings:
        raise Refused(f"There is no mapping in {folder}; docs/how-to/mqtt.md shows how to write one.")
    with transaction(engine) as c:
        for one in mappings:
            add_feed(c, one.feed, "readings", title=one.title or one.feed, interval_s=one.interval_s)
    asyncio.run(_until_told(broker, mappings, partial(write, engine, profile)))
    return 0


def write(engine: Engine, profile: Profile, feed: str, rows: Sequence[dict[str, Any]], unread: int) -> None:
    """Write what messages told, by the same command as any other door."""
    now = datetime.now(UTC)
    with transaction(engine) as c:
        known = feed_by_key(c, feed)
        if rows:
            accept(c, profile, known, rows, now=now)
        count_verdicts(c, known, now.astimezone(profile.zone).date(), {"malformed": unread})


async def _until_told(broker: Broker, mappings: Sequence[Mapping], take: Accept) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await subscribe(broker, mappings, take, stop)
