"""Tickets as they come in the course of a day: at the demo's rate by hour, made after tickets that the home has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from etl.demo.rhythm import HOURS, generator, weight
from geodata.queries.simulated import TicketLike

A_DAY = 2_040  # the district's 62,102 tickets of a month, by day
SCATTER_DEGREES = 0.0003  # about 30 m
FAMILY_SHARE = {"service": 0.66, "city": 0.34}


def per_second(at: datetime, zone: ZoneInfo) -> float:
    """How many tickets come in a second at such a time of such a day."""
    local = at.astimezone(zone)
    share = sum(FAMILY_SHARE[name] * hours[local.hour] / sum(hours) for name, hours in HOURS.items())
    return A_DAY * weight(local.date()) * share / 3600


class TicketModel:
    """Makes tickets; numbers hang on the day and the second of the run's start, so two runs do not meet."""

    def __init__(self, likes: Sequence[TicketLike], seed: int, zone: ZoneInfo, start: datetime) -> None:
        self.likes, self.zone = likes, zone
        self._rng = generator(seed, 31, int(start.timestamp()))
        self._mark = f"SIM{start.astimezone(zone):%Y%m%d%H%M%S}"
        self._made = 0

    def between(self, since: datetime, until: datetime, speed: float = 1.0) -> list[dict[str, Any]]:
        """Rows for the ingest door of the tickets that come in a span."""
        seconds = (until - since).total_seconds()
        if not self.likes or seconds <= 0:
            return []
        count = int(self._rng.poisson(per_second(until, self.zone) * seconds * speed))
        ago = np.sort(self._rng.random(count) * seconds)[::-1]
        return [self.one(datetime.fromtimestamp(until.timestamp() - float(back), self.zone)) for back in ago]

    def one(self, received_at: datetime, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One ticket made after one of the home's; `told` sets some of its fields."""
        like = self.likes[int(self._rng.integers(len(self.likes)))]
        self._made += 1
        row: dict[str, Any] = {
            "number": f"{self._mark}-{self._made:05d}", "category": like.category, "source": like.source,
            "family": like.family, "title": like.title, "address": like.address,
            "lon": self._near(like.lon), "lat": self._near(like.lat),
            "received_at": received_at.isoformat(timespec="seconds"),
        }  # fmt: skip
        return {key: value for key, value in (row | dict(told or {})).items() if value is not None}

    def scattered(self, lon: float, lat: float) -> dict[str, float]:
        """A position within some tens of metres of a point, EPSG:4326."""
        return {"lon": self._near(lon) or lon, "lat": self._near(lat) or lat}

    def _near(self, degrees: float | None) -> float | None:
        return None if degrees is None else round(degrees + float(self._rng.normal(0, SCATTER_DEGREES)), 7)
