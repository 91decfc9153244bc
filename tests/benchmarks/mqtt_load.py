"""Readings by MQTT from Debian's mosquitto into a served home: pace, loss, memory."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiomqtt import Client, ProtocolVersion

from geodata.store.settings import CHECKOUT
from tests.benchmarks.bench_ingest import calm_sensors, drained, memory_mb_of, stored
from tests.benchmarks.live_home import LiveHome
from tests.feeds.broker import PASSWORD, USER, Mosquitto

PER_S, PUBLISHERS = 2_400, 4
MAPPING = """
feed = "bench_mqtt"
topics = ["bench/+"]
at = { from = "json:at" }
[[reading]]
sensor = ["topic:1"]
value = "json:v"
"""


def measure(home: LiveHome, lasts_s: float) -> dict[str, float]:
    """Messages a second published with QoS 1 and written, how many of them were lost, how long the last ones took."""
    folder = Path(tempfile.mkdtemp(prefix="yiping-broker-"))
    broker = Mosquitto(folder, autosave_s=1_800)  # its own default: a save a second holds everybody up
    broker.start()
    mappings = home.settings.home / "mqtt"
    mappings.mkdir()
    (mappings / "bench.toml").write_text(MAPPING, "utf-8")
    environment = os.environ | {
        "YIPING_HOME": str(home.settings.home), "YIPING_MQTT_URL": broker.address, "PYTHONPATH": str(CHECKOUT),
    }  # fmt: skip
    listener = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "feed", "mqtt"], env=environment, cwd=CHECKOUT
    )
    try:
        time.sleep(6)  # it opens the home and subscribes
        before, began = stored(home), time.monotonic()
        memory_first = memory_mb_of(home.settings.home)
        published = asyncio.run(_publish(home, broker, lasts_s))
        while stored(home) - before < published and time.monotonic() - began < lasts_s + 60:
            time.sleep(0.5)
        took_s = time.monotonic() - began
        kept = stored(home) - before
        return {
            "seconds": lasts_s, "readings_per_s": kept / took_s, "lost": float(published - kept),
            "behind_s": max(took_s - lasts_s, 0.0), "drained_s": drained(home), "memory_first_mb": memory_first,
            "memory_last_mb": memory_mb_of(home.settings.home),
        }  # fmt: skip
    finally:
        listener.terminate()
        listener.wait(20)
        broker.stop()


async def _publish(home: LiveHome, broker: Mosquitto, lasts_s: float) -> int:
    sensors = calm_sensors(home)
    counts = await asyncio.gather(
        *(_publisher(broker, sensors[n::PUBLISHERS], lasts_s) for n in range(PUBLISHERS))
    )
    return sum(counts)


async def _publisher(broker: Mosquitto, sensors: list[tuple[str, float]], lasts_s: float) -> int:
    until, sent, at = time.monotonic() + lasts_s, 0, datetime.now(UTC)
    due = time.monotonic()
    async with Client(
        "127.0.0.1",
        broker.port,
        username=USER,
        password=PASSWORD,
        protocol=ProtocolVersion.V5,
        max_inflight_messages=500,
    ) as client:
        while time.monotonic() < until:
            at = max(at + timedelta(milliseconds=1), datetime.now(UTC))
            batch = sensors[: PER_S // PUBLISHERS // 10]
            sensors = sensors[len(batch) :] + batch
            for code, calm in batch:
                await client.publish(f"bench/{code}", json.dumps({"at": at.isoformat(), "v": calm}), qos=1)
            sent += len(batch)
            due += len(batch) / (PER_S / PUBLISHERS)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
    return sent
