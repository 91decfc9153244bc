"""Whether what is drawn live is still fed: a layer whose feeds stopped is greyed, never calm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geodata.queries.crowd import LEAST_PATIENCE_S, MISSED_BEATS

LAYERS = {"crowd": "crowd", "readings": "sensors", "tickets": "tickets"}  # kind of feed to the layer it feeds


@dataclass(frozen=True, slots=True)
class LayerState:
    """How far a layer reaches; `stale_since` None while it is fed, or when no feed was ever heard."""

    as_of: datetime | None
    stale_since: datetime | None


def states(c: Connection, now: datetime) -> dict[str, LayerState]:
    """The state of each layer that feeds keep alive; its liveliest feed counts."""
    rows = c.execute(
        text("""select kind, interval_s, last_at, last_batch_at from feeds
                where drill_id is null and state not in ('never', 'retired') and last_batch_at is not null""")
    ).all()
    found: dict[str, LayerState] = {}
    for kind, key in LAYERS.items():
        feeds = [row for row in rows if row.kind == kind]
        heard = [row.last_at or row.last_batch_at for row in feeds]
        alive = any(now - row.last_batch_at <= _patience(row.interval_s) for row in feeds)
        newest = max(heard, default=None)
        found[key] = LayerState(newest, None if alive or not feeds else newest)
    return found


def _patience(interval_s: float) -> timedelta:
    return timedelta(seconds=max(MISSED_BEATS * interval_s, LEAST_PATIENCE_S))
