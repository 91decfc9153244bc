"""Readings by HTTP batches, as fast as they are taken, while the worker judges them: pace, loss, waiting, memory.

Runs for YIPING_BENCH_S seconds (300 unless told) in a home of its own, with 500 readings a batch over six connections.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import text

from tests.benchmarks.live_home import LiveHome, live_home
from tests.benchmarks.served import spread

BATCH, CONNECTIONS = 500, 6
NEEDS_HOME = False
LOOK_EVERY_S = 2.0


def run(_: None = None) -> dict[str, float]:
    """Readings a second accepted, rows lost, batches waiting, and how memory grew from the first third to the last."""
    with live_home() as home:
        return measure(home, float(os.environ.get("YIPING_BENCH_S", "300")))


def measure(home: LiveHome, lasts_s: float) -> dict[str, float]:
    """The same for so many seconds in a home that is served already."""
    before = stored(home)
    sent, taken_ms, memory_mb, waiting = asyncio.run(_send(home, lasts_s))
    drained_s = drained(home)
    kept = stored(home) - before
    third = max(len(memory_mb) // 3, 1)
    return {
        "seconds": lasts_s,
        "readings_per_s": sent["written"] / lasts_s,
        "lost": float(sent["written"] - kept),
        "refused_batches": float(sent["refused"]),
        **spread("batch", taken_ms),
        "waiting_most": float(max(waiting, default=0)),
        "drained_s": drained_s,
        "memory_first_mb": sum(memory_mb[:third]) / third,
        "memory_last_mb": sum(memory_mb[-third:]) / third,
    }


async def _send(home: LiveHome, lasts_s: float) -> tuple[Counter[str], list[float], list[float], list[int]]:
    sensors = calm_sensors(home)
    sent: Counter[str] = Counter()
    taken_ms: list[float] = []
    memory_mb: list[float] = []
    waiting: list[int] = []
    until = time.monotonic() + lasts_s
    headers = {"Authorization": f"Bearer {home.feeds['readings']}"}
    async with httpx.AsyncClient(base_url=home.served.url, headers=headers, timeout=60) as client:

        async def sender(number: int) -> None:
            chance, at = random.Random(number), datetime.now(UTC) - timedelta(seconds=30)
            own = sensors[number::CONNECTIONS]  # a sensor is told by one sender, in order
            while time.monotonic() < until:
                rows = []
                for n in range(BATCH):
                    if n % len(own) == 0:
                        at = max(at + timedelta(milliseconds=1), datetime.now(UTC))
                    code, calm = own[n % len(own)]
                    value = calm * chance.uniform(0.98, 1.02)
                    rows.append({"sensor": code, "at": at.isoformat(), "value": value})
                began = time.perf_counter()
                answer = await client.post("/api/ingest/readings", json=rows)
                taken_ms.append((time.perf_counter() - began) * 1000)
                if answer.status_code != 200:
                    sent["refused"] += 1
                    continue
                became = answer.json()
                sent["written"] += sum(became[how] for how in ("accepted", "late", "out_of_order", "jump"))

        async def look() -> None:
            while time.monotonic() < until:
                memory_mb.append(memory_mb_of(home.settings.home))
                waiting.append(await asyncio.to_thread(_waiting, home))
                await asyncio.sleep(LOOK_EVERY_S)

        await asyncio.gather(look(), *(sender(number) for number in range(CONNECTIONS)))
    return sent, taken_ms, memory_mb, waiting


def calm_sensors(home: LiveHome) -> list[tuple[str, float]]:
    """Code and calm value of the sensors that stand well."""
    with home.served.engine.connect() as c:
        rows = c.execute(
            text("""select s.code, l.value from sensors s join sensor_latest l on l.sensor_id = s.id
                    where s.state = 'normal' order by s.code""")
        )
        return [(code, value) for code, value in rows]


def memory_mb_of(home: Path) -> float:
    """Private memory of the web and worker processes of a home, MB."""
    total, mark = 0.0, f"YIPING_HOME={home}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = (
                mark in (folder / "environ").read_bytes().split(b"\0")
                and b"python" in (folder / "cmdline").read_bytes()
            )
            lines = (folder / "smaps_rollup").read_text("utf-8").splitlines() if ours else []
        except OSError:  # it ended meanwhile, or is somebody else's
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
    return total


def _waiting(home: LiveHome) -> int:
    with home.served.engine.connect() as c:
        return int(c.execute(text("select count(*) from intake")).scalar_one())


def stored(home: LiveHome) -> int:
    with home.served.engine.connect() as c:
        return int(c.execute(text("select count(*) from readings")).scalar_one())


def drained(home: LiveHome) -> float:
    """Seconds until the rules have judged all that was sent; at most two minutes."""
    began = time.monotonic()
    while _waiting(home) and time.monotonic() - began < 120:
        time.sleep(0.2)
    return time.monotonic() - began
