"""`feed replay`: sends a recorded series again by its own clock: its first row is now, gaps are kept, divided by the speed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from sqlalchemy import Engine

from etl.feeds import home
from etl.feeds.clock import Now, utc_now
from etl.feeds.recorded import Series, read_series
from etl.feeds.sender import Batch, Say, Sender
from geodata.commands.feeds import add_feed, feed_by_key
from geodata.errors import NotFound, Refused
from geodata.queries.simulated import first_sensor, sensor_for
from geodata.store.db import transaction

GATHERED_S = 1.0  # rows that fall due within a second go together
MOST_ROWS = 2_000
OWN_FEED = "replay"


@dataclass(frozen=True, slots=True)
class ReplayAsked:
    """What was asked for; columns None are guessed, sensor None is the home's first."""

    url: str
    file: Path
    feed: str
    sensor: str | None = None
    speed: float = 1.0
    time_column: str | None = None
    value_column: str | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A series, the sensor that tells it, and the token of the feed."""

    asked: ReplayAsked
    series: Series
    sensor: str
    token: str


def prepare(engine: Engine, folder: Path, asked: ReplayAsked) -> Recording:
    """Read the file and take a token from the home; refused when the file or the sensor cannot be used."""
    if asked.speed <= 0:
        raise Refused("The speed must be a number above 0.")
    series = read_series(asked.file, time_column=asked.time_column, value_column=asked.value_column)
    with transaction(engine) as c:
        sensor = sensor_for(c, {"sensor": asked.sensor}) if asked.sensor else first_sensor(c)
        try:
            feed = feed_by_key(c, asked.feed)
        except NotFound:
            feed = add_feed(c, OWN_FEED, "readings", title="回放", title_en="Replay", interval_s=3600.0)
        if feed.kind != "readings":
            raise Refused(
                f"The feed “{feed.key}” tells {feed.kind}, not readings; choose another with --feed."
            )
        token = home.tokens(c, folder, [feed.key])[feed.key]
    return Recording(asked, series, sensor.code, token)


def play(
    recording: Recording, *, say: Say, stop: threading.Event, transport: httpx.BaseTransport | None = None,
    now: Now = utc_now,
) -> Counter[str]:  # fmt: skip
    """Send every row at its moment; gives the doors' verdicts by name."""
    asked, series = recording.asked, recording.series
    lasts_s = float(series.gaps_s[-1]) / asked.speed
    say(f"Replaying {len(series.values)} rows of “{series.value_column}” by “{series.time_column}” as sensor"
        f" {recording.sensor} to {asked.url}, {lasts_s:.0f} s; Ctrl-C ends it.")  # fmt: skip
    if series.left_out:
        say(f"{series.left_out} rows are left out: no time, no number, or a time told before.")
    with Sender(asked.url, say, transport) as sender:
        for rows in due(series, recording.sensor, asked.speed, now, stop):
            sender.put(Batch("readings", recording.token, rows))
            sender.flush()
        while sender.waiting and not stop.wait(GATHERED_S):
            sender.flush()
        told = ", ".join(f"{count} {name}" for name, count in sorted(sender.verdicts.items()))
        say(f"Ended; rows: {told or 'none'}; {sender.waiting} batches never acknowledged.")
        return sender.verdicts


def due(
    series: Series, sensor: str, speed: float, now: Now, stop: threading.Event
) -> Iterator[list[dict[str, Any]]]:
    """Rows for the ingest door as their moments come, in order, none before its moment."""
    start, sent = now(), 0
    gaps = series.gaps_s / speed
    while sent < len(gaps):
        gone_s = (now() - start).total_seconds()
        until = min(int(np.searchsorted(gaps, gone_s, side="right")), sent + MOST_ROWS)
        if until > sent:
            yield [_row(sensor, start, gaps[at], series.values[at]) for at in range(sent, until)]
            sent = until
        elif stop.wait(min(max(gaps[sent] - gone_s, GATHERED_S), 5.0)):
            return


def _row(sensor: str, start: datetime, gap_s: float, value: float) -> dict[str, Any]:
    at = start + timedelta(seconds=float(gap_s))
    return {"sensor": sensor, "at": at.isoformat(timespec="microseconds"), "value": float(value)}
