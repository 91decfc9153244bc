"""The room around what is measured: event clients that note what they hear, and a steady rain of readings.

Runs as a process of its own, told by one JSON document on standard input; ends on SIGTERM and prints what it saw.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx

BATCH = 50


async def listen(
    client: httpx.AsyncClient, heard: Counter[int], stop: asyncio.Event, connected: Counter[str]
) -> None:
    """Hold one stream open and count each happening by its number; come back after a break."""
    last: int | None = None
    while not stop.is_set():
        with suppress(httpx.HTTPError):
            query = {} if last is None else {"after": last}
            async with client.stream(
                "GET", "/events", params=query, timeout=httpx.Timeout(10, read=30)
            ) as answer:
                connected["now"] += 1
                async for line in answer.aiter_lines():
                    if line.startswith("id: "):
                        last = int(line[4:])
                    elif line.startswith("data: ") and '"kind":' in line and '"subject_id":' in line:
                        heard[json.loads(line[6:])["id"]] += 1
                    if stop.is_set():
                        return
        connected["breaks"] += 1


async def rain(
    client: httpx.AsyncClient, told: dict[str, Any], stop: asyncio.Event, sent: Counter[str]
) -> None:
    """Send readings of quiet sensors at an even rate."""
    sensors, per_s = told["sensors"], told["readings_per_s"]
    due, at = time.monotonic(), 0
    while not stop.is_set():
        now = datetime.now(UTC)
        rows = []
        for _ in range(BATCH):
            sensor = sensors[at % len(sensors)]
            rows.append(
                {
                    "sensor": sensor["code"],
                    "at": now.isoformat(),
                    "value": sensor["calm"] * (1 + random.uniform(-0.02, 0.02)),
                }
            )
            at += 1
        answer = await client.post(
            "/api/ingest/readings", json=rows, headers={"Authorization": f"Bearer {told['feed']}"}
        )
        sent[str(answer.status_code)] += len(rows)
        due += BATCH / per_s
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def main() -> None:
    """Run until told to stop, then say what was heard."""
    told = json.loads(sys.stdin.readline())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    heard: list[Counter[int]] = [Counter() for _ in range(told["clients"])]
    connected: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=told["url"], headers={"Authorization": f"Bearer {told['token']}"}, limits=limits
    ) as client:
        tasks = [asyncio.create_task(listen(client, one, stop, connected)) for one in heard]
        tasks.append(asyncio.create_task(rain(client, told, stop, sent)))
        while connected["now"] < told["clients"]:  # noqa: ASYNC110 - fifty of them, counted
            await asyncio.sleep(0.05)
        print("ready", flush=True)
        await stop.wait()
        await asyncio.sleep(1.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(
        json.dumps({"heard": [dict(one) for one in heard], "sent": sent, "breaks": connected["breaks"]}),
        flush=True,
    )


if __name__ == "__main__":
    asyncio.run(main())
