"""Feeds and their tokens, and the book of what became of their rows; of a token only its hash is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from geodata.errors import BadArgument, NotFound
from geodata.store.schema.feeds import FEED_KINDS

KEY = re.compile(r"[a-z][a-z0-9_-]{1,59}")
COLUMNS = "f.id, f.key, f.kind, f.interval_s, f.drill_id"


@dataclass(frozen=True, slots=True)
class Feed:
    """What sends measurements; `drill_id` marks one that plays in a drill 演练."""

    id: int
    key: str
    kind: str
    interval_s: float
    drill_id: int | None = None


def add_feed(
    c: Connection,
    key: str,
    kind: str,
    *,
    title: str,
    title_en: str | None = None,
    interval_s: float,
    drill_id: int | None = None,
) -> Feed:
    """Make a feed, or give a known one of the same kind its new title and interval; refused when the kind differs."""
    _check(key, kind, interval_s)
    row = c.execute(
        text(f"""insert into feeds as f (key, kind, title, title_en, interval_s, drill_id)
                 values (:key, :kind, :title, :title_en, :interval_s, :drill)
                 on conflict (key) do update set title = excluded.title, title_en = excluded.title_en,
                     interval_s = excluded.interval_s
                 where f.kind = excluded.kind and f.drill_id is not distinct from excluded.drill_id
                 returning {COLUMNS}"""),
        {"key": key, "kind": kind, "title": title, "title_en": title_en, "interval_s": interval_s, "drill": drill_id},
    ).one_or_none()  # fmt: skip
    if row is None:
        raise BadArgument("key", f"There is already another feed “{key}”; choose another key.")
    return Feed(*row)


def feed_by_key(c: Connection, key: str) -> Feed:
    """The feed of a key; refused when there is none or it is retired."""
    row = c.execute(
        text(f"select {COLUMNS} from feeds f where f.key = :key and f.state <> 'retired'"), {"key": key}
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no feed “{key[:60]}”; ./yiping feed list shows them all.")
    return Feed(*row)


def make_feed_token(c: Connection, key: str) -> str:
    """Make a bearer token that may write this one feed and nothing else; it is shown once."""
    feed, token = feed_by_key(c, key), secrets.token_urlsafe(32)
    c.execute(
        text("insert into feed_tokens (token_hash, feed_id) values (:hash, :feed)"),
        {"hash": _digest(token), "feed": feed.id},
    )
    return token


def of_feed_token(c: Connection, token: str) -> Feed | None:
    """Whose token it is; None for a wrong one and for that of a retired feed."""
    row = c.execute(
        text(f"""select {COLUMNS} from feed_tokens t join feeds f on f.id = t.feed_id
                 where t.token_hash = :hash and f.state <> 'retired'"""),
        {"hash": _digest(token)},
    ).one_or_none()
    return Feed(*row) if row else None


def count_verdicts(c: Connection, feed: Feed, day: date, counts: Mapping[str, int]) -> None:
    """Add to the book how many rows of a day were judged how."""
    told = {verdict: rows for verdict, rows in counts.items() if rows}
    if told:
        c.execute(
            text("""insert into feed_counts as b (feed_id, day, verdict, rows)
                    select :feed, :day, verdict, rows
                    from unnest(cast(:verdicts as text[]), cast(:rows as bigint[])) as told (verdict, rows)
                    order by verdict
                    on conflict (feed_id, day, verdict) do update set rows = b.rows + excluded.rows"""),
            {"feed": feed.id, "day": day, "verdicts": list(told), "rows": list(told.values())},
        )


def mark_heard(c: Connection, feed: Feed, now: datetime, last_at: datetime | None) -> None:
    """Note that a batch of the feed was accepted; `last_at` is the newest moment that it told about."""
    c.execute(
        text("""update feeds set last_batch_at = greatest(last_batch_at, :now), last_at = greatest(last_at, :last),
                       state = case when state = 'retired' then state else 'live' end
                where id = :feed"""),
        {"feed": feed.id, "now": now, "last": last_at},
    )


def _check(key: str, kind: str, interval_s: float) -> None:
    if not KEY.fullmatch(key):
        raise BadArgument(
            "key", f"“{key}” cannot be a feed's key: use 2 to 60 of a-z, 0-9, _ - and begin with a letter."
        )
    if kind not in FEED_KINDS:
        raise BadArgument(
            "kind", f"There is no kind of feed “{kind}”; the kinds are {', '.join(FEED_KINDS)}."
        )
    if not 0 < interval_s < float("inf"):
        raise BadArgument("interval", "The interval of a feed is a number of seconds above 0.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
