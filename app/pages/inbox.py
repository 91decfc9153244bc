"""The inbox /inbox: what is asked of a team, on its phone, with one big button for the next step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dash import html
from dash.development.base_component import Component
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from app.components import states
from app.components.actions import data
from app.components.inbox_task import task
from app.components.live_state import live_state
from app.http.guard import required_account
from app.http.house import House, Lang, TheHouse
from app.pages.fragment_answers import piece
from app.pages.panel import Asker
from app.pages.plain import plain_page, top
from app.terms import Terms, language_of
from geodata.commands import dispatch
from geodata.queries import dispatches
from geodata.queries.dispatches import DispatchRow
from geodata.rules.alert_life import MOVERS
from geodata.rules.incident_life import DISPATCH_ENDED
from geodata.store.db import transaction
from geodata.types import Role

WHO: tuple[Role, ...] = ("commander", "planner", "operator", "admin", "team")

router = APIRouter(include_in_schema=False)


@router.get("/inbox")
def page(request: Request, house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The frame of the page; what stands in it comes by itself and stays up to date."""
    terms = Terms(language_of(lang or house.profile.language))
    desk = required_account().role in MOVERS
    head = top(terms, terms("inbox.title"), [live_state(terms)], path="/inbox", desk=desk)
    main = html.Main(id="tasks", className="tasks waiting")
    return plain_page(
        request, terms, terms("inbox.title"), [head, main], name="inbox", zone=house.profile.time_zone
    )


@router.get("/fragments/inbox")
def tasks(house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The tasks; showing them is what delivers them, once they are on their way to the page."""

    def fill(c: Connection, asker: Asker) -> list[Component]:
        deliver(house)
        me = asker.account
        found = dispatches.inbox(c, house.profile, me.id, desk_of=me.area_code, is_desk=me.role in MOVERS)
        return listed(asker.terms, house, found, asker.now, phone_map=me.role == "team")

    return piece(house, lang, fill, WHO)


def deliver(house: House) -> None:
    """Say that the account's own teams see what waits for them; before the list is read, so that it tells so."""
    account = required_account()
    with house.engine.connect() as c:
        waits = any(
            row.mine and row.state == "sent" for row in dispatches.inbox(c, house.profile, account.id)
        )
    if waits:
        with transaction(house.engine) as c:
            dispatch.deliver(c, account)


def listed(
    terms: Terms,
    house: House,
    found: Sequence[DispatchRow],
    now: datetime | None = None,
    *,
    phone_map: bool = False,
) -> list[Component]:
    """What runs, each as a card; below it what has ended lately. With `phone_map` places open in the phone's own map."""
    at, zone = now or datetime.now(UTC), house.profile.zone
    running = sorted((row for row in found if row.state not in DISPATCH_ENDED), key=lambda row: not row.mine)
    ended = [row for row in found if row.state in DISPATCH_ENDED]
    parts: list[Component] = [
        html.Div(task(terms, zone, at, row, phone_map=phone_map), **data(key=f"task-{row.id}"))
        for row in running
    ]
    if not running:
        parts.append(
            html.Div(states.empty(terms("inbox.none"), terms("inbox.none_hint")), className="tasks-none")
        )
    if ended:
        old = [
            html.Div(task(terms, zone, at, row, phone_map=phone_map), **data(key=f"task-{row.id}"))
            for row in ended
        ]
        parts.append(
            html.Details(
                [html.Summary(f"{terms('inbox.ended')} {len(ended)}"), *old], className="tasks-ended"
            )
        )
    return parts
