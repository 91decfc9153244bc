"""Cameras: which answered and which fell silent, where their pictures come from, and who looked through them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, text

from geodata.commands.facts import bump_data_version
from geodata.errors import BadArgument, NotFound

SILENT_AFTER: Final = timedelta(minutes=10)
ONE_OPENING: Final = timedelta(minutes=1)  # who asks again within it goes on looking
STREAMS: Final = ("hls", "snapshot")


def seen(c: Connection, codes: Iterable[str], at: datetime) -> int:
    """Note that cameras answered; those that were silent or offline are online again, a known fault stays one."""
    told = c.execute(
        text("""update cameras k set last_seen_at = :at,
                    state = case when k.state in ('silent', 'offline') then 'online' else k.state end
                from cameras before
                where k.code = any(:codes) and (k.last_seen_at is null or k.last_seen_at < :at) and before.id = k.id
                returning before.state <> k.state"""),
        {"codes": list(codes), "at": at},
    ).scalars().all()  # fmt: skip
    if any(told):
        bump_data_version(c)
    return len(told)


def mark_lost(c: Connection, now: datetime) -> list[str]:
    """Call those silent that should answer and have not for a while; a step of the worker's clock.

    What was never heard is not lost, nor is a camera whose picture we draw ourselves.
    """
    rows = c.execute(
        text("""update cameras k set state = 'silent'
                where state = 'online' and last_seen_at < :before
                  and not exists (select from camera_streams s where s.camera_id = k.id and s.kind = 'drawn')
                returning code"""),
        {"before": now - SILENT_AFTER},
    )
    lost = sorted(rows.scalars())
    if lost:
        bump_data_version(c)
    return lost


def set_stream(c: Connection, code: str, kind: str, url: str | None) -> None:
    """Say where a camera's stream or still is (http or https, name and password in it if need be); None takes it away."""
    if kind not in STREAMS:
        raise BadArgument("kind", f"A stream is one of {', '.join(STREAMS)}.")
    camera = c.execute(text("select id from cameras where code = :code"), {"code": code}).scalar()
    if camera is None:
        raise NotFound(f"There is no camera with the code “{code[:60]}”.")
    c.execute(
        text("delete from camera_streams where camera_id = :camera and kind = any(:kinds)"),
        {"camera": camera, "kinds": [kind, "drawn"] if url else [kind]},
    )
    if url:
        _check(url)
        c.execute(
            text("insert into camera_streams (camera_id, kind, url) values (:camera, :kind, :url)"),
            {"camera": camera, "kind": kind, "url": url},
        )


def _check(url: str) -> None:
    try:
        said = urlsplit(url)
        whole = said.scheme in ("http", "https") and said.hostname and (said.port or 1) > 0
    except ValueError:
        whole = False
    if not whole or any(letter.isspace() for letter in url):
        raise BadArgument(
            "url", "The address of a stream must begin with http:// or https:// and name a host."
        )


def draw_pictures(c: Connection) -> int:
    """Let cameras without a stream show a picture that we draw from the map; only for demos. Gives how many."""
    told = c.execute(
        text("""insert into camera_streams (camera_id, kind)
                select id, 'drawn' from cameras k where load_id is null
                    and not exists (select from camera_streams s where s.camera_id = k.id)""")
    )
    return int(told.rowcount)


def opened(c: Connection, account_id: int, code: str, alert_id: int | None, now: datetime) -> bool:
    """Log that somebody looks through a camera; False when that is the same look going on."""
    told = c.execute(
        text("""insert into camera_openings (camera_id, account_id, alert_id, at)
                select k.id, :account, (select a.id from alerts a where a.id = :alert), :now
                from cameras k where k.code = :code and not exists (
                    select from camera_openings o where o.camera_id = k.id and o.account_id = :account
                        and o.at > :since and o.alert_id is not distinct from :alert)"""),
        {"account": account_id, "code": code, "alert": alert_id, "now": now, "since": now - ONE_OPENING},
    )
    return bool(told.rowcount)
