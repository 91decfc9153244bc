"""Who may look through a camera, and the log of every look."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import FastAPI, Request
from sqlalchemy import Connection

from app.http.guard import credentials, required_account
from app.http.house import House
from app.http.layers import layer_for_reader
from app.http.tickets import within_scope
from geodata.commands import cameras
from geodata.commands.accounts import Account
from geodata.errors import Denied
from geodata.profile import Profile
from geodata.queries.camera_streams import Streams, called_up, calls_up, streams
from geodata.store.db import transaction

GOES_ON_S = 60.0  # who asks again within it goes on looking
SCREEN_LIFE_S = 2.0
ASKED_AGAIN_S = 0.1
MOST_LOOKS = 5000


@dataclass(slots=True)
class Looks:
    """Who looks through which camera now, as this web process knows it."""

    since: dict[tuple[int, str, int | None], float] = field(default_factory=dict)
    called_up: frozenset[str] = frozenset()
    asked_at: float = -SCREEN_LIFE_S


def looked_at(request: Request, code: str, alert: int | None, *, logged: bool = True) -> Streams:
    """The sources of a camera for the account that asks, its look logged; refused where it may not look.

    A screen sees cameras that open alerts call up, and those that it was handed for one before the alert moved; a
    commander those of its area; a planner none. Pieces of a stream that
    was opened are not `logged` again.
    """
    account = required_account()
    layer_for_reader("cameras")
    house: House = request.app.state.house
    looks = _looks_of(request.app)
    with house.reading() as c:
        found = streams(c, code)
        within_scope(c, found.area_code)
        if account.role == "screen" and not (
            code in _of_open_alerts(looks, c, house.profile, code) or _was_handed(request, c, code, alert)
        ):
            raise Denied("A screen shows only cameras that an open alert has called up.")
    if logged:
        _log(looks, house, account, code, alert)
    return found


def handed(request: Request, code: str, alert: int) -> str:
    """What a card carries with a camera that it shows for an alert; holds for this session, in every web process."""
    _, secret = credentials(request.headers)
    return hmac.new(secret.encode(), f"{code}/{alert}".encode(), "sha256").hexdigest()[:32]


def _was_handed(request: Request, c: Connection, code: str, alert: int | None) -> bool:
    told = request.query_params.get("handed", "")
    if alert is None or not hmac.compare_digest(told.encode(), handed(request, code, alert).encode()):
        return False
    return calls_up(c, alert)


def _looks_of(app: FastAPI) -> Looks:
    looks: Looks | None = getattr(app.state, "camera_looks", None)
    if looks is None:
        looks = app.state.camera_looks = Looks()
    return looks


def _of_open_alerts(looks: Looks, c: Connection, profile: Profile, code: str) -> frozenset[str]:
    """The cameras called up; what is known is good for a moment, but a camera it lacks may be of an alert just raised."""
    age_s = time.monotonic() - looks.asked_at
    if age_s > SCREEN_LIFE_S or (code not in looks.called_up and age_s > ASKED_AGAIN_S):
        looks.called_up = called_up(c, profile)
        looks.asked_at = time.monotonic()
    return looks.called_up


def _log(looks: Looks, house: House, account: Account, code: str, alert: int | None) -> None:
    """One row a look: the many requests of a stream or of a still that is refreshed are one."""
    key, now = (account.id, code, alert), time.monotonic()
    if now - looks.since.get(key, -GOES_ON_S) >= GOES_ON_S:
        with transaction(house.engine) as c:
            cameras.opened(c, account.id, code, alert, datetime.now(UTC))
    if len(looks.since) >= MOST_LOOKS:
        looks.since.clear()
    looks.since[key] = now
