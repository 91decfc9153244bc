"""Webhooks: other systems are told what happened, signed, tried again and at last given up; never of drills.

What is told waits in `webhook_deliveries` from the transaction that saw it until the other side has taken it, so a
stopped worker loses nothing. A receiver may get one twice (it answered, and we died before writing that down): the
header X-Yiping-Delivery stays the same. One that is tried again may come after a later one; each tells how it stands.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Connection, Engine, Row, text

from geodata.errors import BadArgument, NotFound, Unavailable
from geodata.store.db import transaction
from geodata.store.notices import Happening

log = logging.getLogger(__name__)
TRIES_MOST = 8
BACKOFF_S = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 3600.0)
LEASE_S = 150.0  # how long one that is being sent belongs to who sends it: longer than SEND_MOST time-outs
TIMEOUT = httpx.Timeout(5.0)
QUEUE_MOST, SEND_MOST = 1000, 15
SAID_MOST = 200
KINDS = ("alert", "incident", "dispatch", "feed", "threshold", "shift")
Compose = Callable[[Connection, Happening], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Another system that is told; `waiting` and `given_up` count its deliveries."""

    id: int
    name: str
    url: str
    kinds: tuple[str, ...]
    active: bool
    waiting: int
    given_up: int


def register(
    c: Connection, name: str, url: str, *, hosts: Iterable[str], kinds: Iterable[str] = ()
) -> tuple[int, str]:
    """Add a system to tell from now on; gives its key and the secret of its signature, which is shown once."""
    if not 1 <= len(name.strip()) <= 60:
        raise BadArgument("name", "name needs 1 to 60 characters.")
    wanted = sorted(set(kinds))
    if set(wanted) - set(KINDS):
        raise BadArgument("kinds", f"kinds must be of {', '.join(KINDS)}.")
    if not allowed(url, hosts):
        raise BadArgument(
            "url",
            "This address is not allowed: http or https to a host of YIPING_WEBHOOK_HOSTS, without a password.",
        )
    secret = secrets.token_urlsafe(32)
    made = c.execute(
        text("""insert into webhooks (name, url, secret, kinds, queued_until)
                values (:name, :url, :secret, :kinds, (select coalesce(max(id), 0) from happenings))
                on conflict (name) do nothing returning id"""),
        {"name": name.strip(), "url": url, "secret": secret, "kinds": wanted},
    ).scalar_one_or_none()
    if made is None:
        raise BadArgument("name", f"There is already a webhook “{name.strip()}”.")
    return int(made), secret


def remove(c: Connection, webhook_id: int) -> None:
    """Tell a system no more, and forget what still waited for it."""
    if not c.execute(text("delete from webhooks where id = :id"), {"id": webhook_id}).rowcount:
        raise NotFound(f"There is no webhook {webhook_id}.")


def list_webhooks(c: Connection) -> list[Webhook]:
    """All systems that are told, without their secrets."""
    rows = c.execute(
        text("""select w.id, w.name, w.url, w.kinds, w.active,
                    count(d.id) filter (where d.delivered_at is null and d.next_try_at is not null),
                    count(d.id) filter (where d.delivered_at is null and d.next_try_at is null)
                from webhooks w left join webhook_deliveries d on d.webhook_id = w.id group by w.id order by w.name""")
    )
    return [Webhook(row[0], row[1], row[2], tuple(row[3]), *row[4:]) for row in rows]


def allowed(url: str, hosts: Iterable[str]) -> bool:
    """Whether an address may be called: http(s), no credentials, and its host listed as `host` or `host:port`.

    A host without a port is meant on 80 and 443 only.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        return False
    listed = {entry.strip().lower() for entry in hosts} - {""}
    usual = port in (None, {"http": 80, "https": 443}[parts.scheme])
    return (
        usual and host in listed
    ) or f"{host}:{port or (443 if parts.scheme == 'https' else 80)}" in listed


def queue(c: Connection) -> int:
    """Put what happened since the last time in line for each system that asks for it; gives how many."""
    rows = c.execute(
        text("""select id, kinds, queued_until from webhooks where active
                and queued_until < (select coalesce(max(id), 0) from happenings)
                order by id for update skip locked""")
    ).all()
    return sum(_queue(c, row) for row in rows)


def send_due(
    engine: Engine, compose: Compose, hosts: Iterable[str], *, client: httpx.Client | None = None
) -> int:
    """Send what is due; gives how many were taken. Each is claimed first, so two senders never send the same."""
    listed = list(hosts)
    with transaction(engine) as c:
        claimed = _claim(c)
    if not claimed:
        return 0
    own = client or httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
    try:
        return sum(_send(engine, compose, listed, row, own) for row in claimed)
    finally:
        if client is None:
            own.close()


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 over timestamp, a point and the body, as `sha256=` and hex digits."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _queue(c: Connection, row: Row[Any]) -> int:
    last = c.execute(
        text(
            """select max(id) from (select id from happenings where id > :after order by id limit :most) s"""
        ),
        {"after": row.queued_until, "most": QUEUE_MOST},
    ).scalar()
    done = c.execute(
        text("""insert into webhook_deliveries (webhook_id, happening_id, next_try_at)
                select :id, h.id, clock_timestamp() from happenings h
                where h.id > :after and h.id <= :last and h.drill_id is null
                  and (cardinality(cast(:kinds as text[])) = 0 or h.kind = any(:kinds)) order by h.id"""),
        {"id": row.id, "after": row.queued_until, "last": last, "kinds": list(row.kinds)},
    )
    c.execute(text("update webhooks set queued_until = :last where id = :id"), {"id": row.id, "last": last})
    return done.rowcount


def _claim(c: Connection) -> list[Row[Any]]:
    """What is due, the oldest first."""
    rows = c.execute(
        text("""update webhook_deliveries d set next_try_at = clock_timestamp() + :lease * interval '1 s'
                    from webhooks w
                    where w.id = d.webhook_id and d.id in (
                        select q.id from webhook_deliveries q join webhooks v on v.id = q.webhook_id
                        where q.next_try_at <= clock_timestamp() and v.active
                        order by q.id limit :most for update of q skip locked)
                    returning d.id, d.webhook_id, d.happening_id, d.tries, w.url, w.secret"""),
        {"lease": LEASE_S, "most": SEND_MOST},
    )
    return sorted(rows, key=lambda row: row.id)


def _send(engine: Engine, compose: Compose, hosts: list[str], row: Row[Any], client: httpx.Client) -> bool:
    said: str
    taken = False
    try:
        body = _body(engine, compose, row.happening_id)
        if not allowed(row.url, hosts):
            said = "not sent: its host is not in YIPING_WEBHOOK_HOSTS"
        else:
            answer = client.post(row.url, content=body, headers=_headers(row, body))
            taken, said = answer.is_success, f"{answer.status_code} {answer.reason_phrase}"
    except httpx.HTTPError as fault:
        said = type(fault).__name__
    except Unavailable:
        raise
    except Exception:  # one that cannot be worded must not hold up the others
        log.exception("webhook delivery %s", row.id)
        said = "could not be worded"
    _record(engine, row, said, taken=taken)
    return taken


def _body(engine: Engine, compose: Compose, happening_id: int) -> bytes:
    with transaction(engine) as c:
        found = c.execute(
            text("""select id, at, kind, move, subject_id, area_code, drill_id, body from happenings
                    where id = :id and drill_id is null"""),
            {"id": happening_id},
        ).one()
        told = compose(c, Happening(*found))
    return json.dumps(told, ensure_ascii=False, default=str).encode()


def _headers(row: Row[Any], body: bytes) -> dict[str, str]:
    now = str(int(time.time()))
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Yiping",
        "X-Yiping-Delivery": str(row.id),
        "X-Yiping-Timestamp": now,
        "X-Yiping-Signature": signature(row.secret, now, body),
    }


def _record(engine: Engine, row: Row[Any], said: str, *, taken: bool) -> None:
    tries = row.tries + 1
    wait = None if taken or tries >= TRIES_MOST else BACKOFF_S[min(tries - 1, len(BACKOFF_S) - 1)]
    with transaction(engine) as c:
        c.execute(
            text("""update webhook_deliveries set tries = :tries, said = :said,
                        delivered_at = case when :taken then clock_timestamp() end,
                        next_try_at = clock_timestamp() + cast(:wait as float8) * interval '1 s'
                    where id = :id"""),
            {"id": row.id, "tries": tries, "said": said[:SAID_MOST], "taken": taken, "wait": wait},
        )
    if wait is None and not taken:
        log.warning("webhook delivery %s given up after %s tries: %s", row.id, tries, said)
