"""Feeds as they stand, with what became of their rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class FeedState:
    """One feed: its state, its newest batch and moment, the rows of a day by verdict."""

    key: str
    kind: str
    title: str
    title_en: str | None
    interval_s: float
    state: str
    last_batch_at: datetime | None
    last_at: datetime | None
    drill: bool
    counts: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        told = asdict(self)
        for name in ("last_batch_at", "last_at"):
            told[name] = told[name].isoformat() if told[name] else None
        return told


def list_feeds(c: Connection, day: date, *, with_drills: bool = False) -> list[FeedState]:
    """All feeds by key with the counts of a day; those of drills only where asked, retired ones never."""
    rows = c.execute(
        text("""select f.key, f.kind, f.title, f.title_en, f.interval_s, f.state, f.last_batch_at, f.last_at,
                       f.drill_id is not null,
                       coalesce((select jsonb_object_agg(b.verdict, b.rows) from feed_counts b
                                 where b.feed_id = f.id and b.day = :day), '{}'::jsonb)
                from feeds f where f.state <> 'retired' and (:drills or f.drill_id is null) order by f.key"""),
        {"day": day, "drills": with_drills},
    )
    return [FeedState(*row) for row in rows]
