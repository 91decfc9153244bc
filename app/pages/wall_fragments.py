"""What the wall asks for again when something happened: its side, the figures of the day, the ticker."""

from __future__ import annotations

from functools import partial

from dash.development.base_component import Component
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from app.http.camera_access import handed
from app.http.house import House, Lang, TheHouse
from app.http.memory import Remembered
from app.pages import wall_data
from app.pages.fragment_answers import piece
from app.pages.panel import Asker
from app.pages.wall_day import crowds, figures
from app.pages.wall_side import side
from app.pages.wall_ticker import ticker
from geodata.queries import crowd, freshness, happenings
from geodata.queries.day_figures import DayFigures, day_figures
from geodata.types import Role

WHO: tuple[Role, ...] = ("screen", "commander", "admin")
LIVE = ("tickets", "sensors", "crowd")
FIGURES_HOLD_S = 15
ROOM_DAYS = 40

router = APIRouter(prefix="/fragments/wall", include_in_schema=False)


@router.get("")
def wall_side(request: Request, house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The alert that matters, those that wait, who has them; or the calm."""

    def fill(c: Connection, asker: Asker) -> Component:
        now = wall_data.read_now(c, house.profile, asker.account, asker.now)
        return side(asker.terms, house.profile, now, partial(handed, request))

    return piece(house, lang, fill, WHO)


@router.get("/figures")
def wall_figures(request: Request, house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """Figures of the day, which hold for a few seconds."""
    kept = _figures_of(request)

    def fill(c: Connection, asker: Asker) -> Component:
        reach = [moment for key, moment in freshness.data_as_of(c).items() if key in LIVE and moment]
        newest = max((moment for moment in reach if moment <= asker.now), default=None)
        return figures(asker.terms, house.profile, _figures(c, house, kept, asker), newest)

    return piece(house, lang, fill, WHO)


@router.get("/crowds")
def wall_crowds(house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The crowds at the landmarks."""

    def fill(c: Connection, asker: Asker) -> Component:
        stamps = crowd.newest(c)
        places = crowd.places(c, house.profile, asker.account.area_code, stamps)
        return crowds(asker.terms, house.profile, places, stamps, asker.now)

    return piece(house, lang, fill, WHO)


@router.get("/ticker")
def wall_ticker(house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """What happened last."""

    def fill(c: Connection, asker: Asker) -> Component:
        told = happenings.recent(c, house.profile, asker.account.area_code)
        return ticker(asker.terms, house.profile, told)

    return piece(house, lang, fill, WHO)


def _figures_of(request: Request) -> Remembered[DayFigures]:
    state = request.app.state
    if not hasattr(state, "wall_figures"):
        state.wall_figures = Remembered[DayFigures](ROOM_DAYS, lambda _: 1)
    kept: Remembered[DayFigures] = state.wall_figures
    return kept


def _figures(c: Connection, house: House, kept: Remembered[DayFigures], asker: Asker) -> DayFigures:
    area = asker.account.area_code
    key = (area, house.version(), int(asker.now.timestamp()) // FIGURES_HOLD_S)
    return kept.get(key, lambda: day_figures(c, house.profile, area, asker.now))
