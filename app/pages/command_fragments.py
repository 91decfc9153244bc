"""What the commander's page asks for again when something happened: the queue, and the drawer of an alert or incident."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component
from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, JSONResponse

from app.components.markup import markup
from app.http.arguments import scoped
from app.http.house import Lang, TheHouse
from app.pages import case_alert, case_incident, command_dossier, dossier_data
from app.pages.case_alert import AlertCase
from app.pages.case_incident import IncidentCase
from app.pages.command_alerts import pieces
from app.pages.fragment_answers import piece
from app.pages.panel import Asker, filled
from app.pages.state import asked_question
from app.terms import Terms, language_of
from geodata import plans
from geodata.errors import Denied
from geodata.queries import alerts, assignable, incidents
from geodata.queries.cameras_near import Seeing, seeing
from geodata.queries.responsible import responsible
from geodata.types import Role
from layers import discover

WHO: tuple[Role, ...] = ("commander", "planner", "operator", "admin")
CAMERAS_MOST = 4

router = APIRouter(prefix="/fragments", include_in_schema=False)


@router.get("/dossier")
async def dossier(house: TheHouse, asked: str, lang: Lang = None) -> JSONResponse:
    """The panels of an area, the strip and the place, for a question as the page keeps it (JSON)."""
    terms = Terms(language_of(lang or house.profile.language))
    question = asked_question(asked, house.profile)

    def fill(c: Connection, asker: Asker) -> dict[str, Any]:
        if asker.account.role not in WHO:
            raise Denied("Your account may not see this.")
        allowed = scoped(house, question)
        minute = asker.now.replace(second=0, microsecond=0)
        key = (allowed, house.version(), minute)
        it = house.dossiers.get(key, lambda: dossier_data.gather(c, house, allowed, minute))
        return command_dossier.answer(terms, house.profile, it)

    told = await filled(house, terms, fill, lambda why: {"panels": {"dossier": markup(why)}})
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


@router.get("/alerts")
def queue(house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The queue of alerts and the list of open incidents."""

    def fill(c: Connection, asker: Asker) -> list[Component]:
        area = asker.account.area_code
        cards = alerts.open_alerts(c, house.profile, area)
        open_now = incidents.list_incidents(c, house.profile, area)
        return pieces(asker.terms, house.profile, asker.account, cards, open_now, now=asker.now)

    return piece(house, lang, fill, WHO)


@router.get("/alert/{alert_id}")
def alert(house: TheHouse, alert_id: int, lang: Lang = None) -> HTMLResponse:
    """One alert with all that belongs to it."""

    def fill(c: Connection, asker: Asker) -> Component:
        card = alerts.alert(c, house.profile, alert_id, asker.account.area_code)
        answering = (
            None
            if card.lon is None or card.lat is None
            else responsible(c, house.profile, card.lon, card.lat)
        )
        it = AlertCase(
            card, _cameras(c, house, asker, card.lon, card.lat), answering,
            plans.load_plans().get(card.plan_key or ""), alerts.similar(c, card),
        )  # fmt: skip
        return case_alert.drawer(asker.terms, house.profile, asker.account, it, asker.now)

    return piece(house, lang, fill, WHO)


@router.get("/incident/new")
def new(house: TheHouse, lon: float, lat: float, lang: Lang = None) -> HTMLResponse:
    """The form of an incident at a point."""

    def fill(c: Connection, asker: Asker) -> Component:
        chain = responsible(c, house.profile, lon, lat, teams=0).chain
        where = " › ".join(
            asker.terms.pick(one.name, one.name_en) for one in chain if one.level != "district"
        )
        return case_incident.new(asker.terms, lon, lat, where or f"{lon:.5f}, {lat:.5f}")

    return piece(house, lang, fill, WHO)


@router.get("/incident/{incident_id}")
def incident(house: TheHouse, incident_id: int, lang: Lang = None) -> HTMLResponse:
    """One incident with all that people did in it."""

    def fill(c: Connection, asker: Asker) -> Component:
        whole = incidents.incident(c, house.profile, incident_id, asker.account.area_code)
        row = whole.row
        it = IncidentCase(
            whole,
            _cameras(c, house, asker, row.lon, row.lat),
            responsible(c, house.profile, row.lon, row.lat),
            assignable.posts(c, row.area_code),
        )
        return case_incident.drawer(asker.terms, house.profile, asker.account, it, asker.now)

    return piece(house, lang, fill, WHO)


def _cameras(
    c: Connection, house: TheHouse, asker: Asker, lon: float | None, lat: float | None
) -> list[Seeing]:
    if lon is None or lat is None or asker.account.role not in discover()["cameras"].roles:
        return []
    return seeing(c, house.profile, lon, lat, limit=CAMERAS_MOST, area=asker.account.area_code)
