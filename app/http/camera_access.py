"""Who may look through a camera, and the log of every look."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import FastAPI
from sqlalchemy import Connection

from app.http.guard import required_account
from app.http.house import House
from app.http.layers import layer_for_reader
from app.http.tickets import within_scope
from geodata.commands import cameras
from geodata.commands.accounts import Account
from geodata.errors import Denied
from geodata.profile import Profile
from geodata.queries.camera_streams import Streams, called_up, streams
from geodata.store.db import transaction

GOES_ON_S = 60.0  # who asks again within it goes on looking
SCREEN_LIFE_S = 2.0
ASKED_AGAIN_S = 0.1
STAYS_S = (
    60.0  # an alert that grows moves, and calls up others; the wall has the ones before on its card still
)
MOST_LOOKS = 5000


@dataclass(slots=True)
class Looks:
    """Who looks through which camera now, as this web process knows it."""

    since: dict[tuple[int, str, int | None], float] = field(default_factory=dict)
    called_up: dict[str, float] = field(
        default_factory=dict
    )  # code to when it was last known to be called up
    asked_at: float = -SCREEN_LIFE_S


def looked_at(app: FastAPI, code: str, alert: int | None, *, logged: bool = True) -> Streams:
    """The sources of a camera for the account that asks, its look logged; refused where it may not look.

    A screen sees cameras that open alerts call up; a commander those of its area; a planner none. Pieces of a stream that
    was opened are not `logged` again.
    """
    account = required_account()
    layer_for_reader("cameras")
    house: House = app.state.house
    looks = _looks_of(app)
    with house.reading() as c:
        found = streams(c, code)
        within_scope(c, found.area_code)
        if account.role == "screen" and not _of_open_alerts(looks, c, house.profile, code):
            raise Denied("A screen shows only cameras that an open alert has called up.")
    if logged:
        _log(looks, house, account, code, alert)
    return found


def _looks_of(app: FastAPI) -> Looks:
    looks: Looks | None = getattr(app.state, "camera_looks", None)
    if looks is None:
        looks = app.state.camera_looks = Looks()
    return looks


def _of_open_alerts(looks: Looks, c: Connection, profile: Profile, code: str) -> bool:
    """Whether open alerts call the camera up; what is known is good for a moment, but it may be of an alert just raised."""
    now = time.monotonic()
    age_s = now - looks.asked_at
    if age_s > SCREEN_LIFE_S or (code not in looks.called_up and age_s > ASKED_AGAIN_S):
        kept = {one: at for one, at in looks.called_up.items() if now - at < STAYS_S}
        looks.called_up = kept | dict.fromkeys(called_up(c, profile), now)
        looks.asked_at = now
    return code in looks.called_up


def _log(looks: Looks, house: House, account: Account, code: str, alert: int | None) -> None:
    """One row a look: the many requests of a stream or of a still that is refreshed are one."""
    key, now = (account.id, code, alert), time.monotonic()
    if now - looks.since.get(key, -GOES_ON_S) >= GOES_ON_S:
        with transaction(house.engine) as c:
            cameras.opened(c, account.id, code, alert, datetime.now(UTC))
    if len(looks.since) >= MOST_LOOKS:
        looks.since.clear()
    looks.since[key] = now
