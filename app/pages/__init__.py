"""The pages of the product; `install` gives a Dash application its frame, its routes and its callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from dash import Dash, Input, Output, State, dcc, html
from sqlalchemy import Connection, Engine

from app.http.house import House
from app.pages import callbacks, command, data, not_found, planning, planning_callbacks, wall, wall_fragments
from app.pages.index import index_string
from app.pages.panel import filled
from app.pages.planning_state import read_plan
from app.pages.state import read_link
from app.terms import Terms, language_of
from geodata.commands.accounts import Account
from geodata.errors import Denied
from geodata.profile import Profile
from geodata.queries import areas, categories, freshness
from geodata.queries.categories import Category
from geodata.store.settings import Settings
from layers import of
from layers.base import Layer

PATHS = ("/command", "/wall", "/planning", "/data")
WALL_ROLES = frozenset(wall_fragments.WHO)


def install(dash_app: Dash, engine: Engine, profile: Profile, settings: Settings) -> None:  # noqa: ARG001 - the house knows both
    """Set the frame every page stands in, its routes and its callbacks; the doors of HTTP must be installed before."""
    house = cast("House", dash_app.server.state.house)
    dash_app.index_string = index_string(profile.language)
    dash_app.layout = html.Div([dcc.Location(id="address", refresh="callback-nav"), html.Div(id="page")])

    @dash_app.callback(Output("page", "children"), Input("address", "pathname"), State("address", "search"))
    async def show_page(path: str, search: str) -> Any:
        terms = Terms(language_of(profile.language))
        return await filled(
            house, terms, lambda c, asker: page_of(house, c, asker.account, path, search), standing
        )

    callbacks.install(dash_app, house)
    planning_callbacks.install(dash_app, house)


def standing(why: html.Div) -> html.Main:
    """A page that has nothing to show but why."""
    return html.Main(why, className="page-plain")


def page_of(
    house: House, c: Connection, account: Account, path: str, search: str | None
) -> html.Div | html.Main:
    """The page of an address."""
    state = read_link(search, house.profile, area=account.area_code, default_language=house.profile.language)
    terms = Terms(language_of(state.language))
    path = path.rstrip("/")
    if path not in PATHS:
        return not_found.page(terms)
    if account.role == "screen" and path != "/wall":
        raise Denied("A screen shows the wall only.")
    layers = [layer for layer in of(house.profile).values() if account.role in layer.roles]
    if path == "/wall":
        return _wall(house, c, account, terms, layers)
    if path == "/planning":
        return _planning(house, c, account, search, layers)
    if path == "/data":
        return _data(house, account, terms, search, layers)
    tree = categories.tree(c)
    known = areas.exists(c, house.profile, state.area, house.profile.scheme)
    area = state.area if known else account.area_code or house.profile.code
    kept = replace(state, area=area, categories=understood(state.categories, tree))
    return command.page(
        command.Frame(house.profile, account, kept, terms, layers, tree, doubtful=kept != state)
    )


def _wall(house: House, c: Connection, account: Account, terms: Terms, layers: Sequence[Layer]) -> html.Div:
    if account.role not in WALL_ROLES:
        raise Denied("Your role has no wall.")
    area = account.area_code or house.profile.code
    return wall.page(
        wall.Frame(
            house.profile,
            area,
            terms,
            layers,
            demo=freshness.demo(c) is not None,
            renews=account.role == "screen",
        )
    )


def _data(
    house: House, account: Account, terms: Terms, search: str | None, layers: Sequence[Layer]
) -> html.Div:
    if account.role not in data.WHO or account.area_code:
        raise Denied("Your role has no data page.")
    theme = "dark" if "theme=dark" in (search or "") else "light"
    return data.page(data.Frame(house.profile, account, terms, theme, layers))


def _planning(
    house: House, c: Connection, account: Account, search: str | None, layers: Sequence[Layer]
) -> html.Div:
    if account.role not in planning.WHO:
        raise Denied("Your role has no planner's page.")
    profile, tree = house.profile, categories.tree(c)
    asked = read_plan(search, profile, profile.language)
    all_areas = areas.list_areas(c, profile.scheme, profile.today())
    codes = {area.code for area in all_areas}
    kept = replace(
        asked,
        areas=tuple(code for code in asked.areas if code in codes),
        categories=understood(asked.categories, tree),
    )
    terms = Terms(language_of(kept.language))
    below = [area for area in all_areas if area.code != profile.code]
    return planning.page(
        planning.Frame(profile, account, kept, terms, layers, tree, below, doubtful=kept != asked)
    )


def understood(codes: tuple[str, ...], tree: Sequence[Category]) -> tuple[str, ...]:
    """Those of the codes that are categories here."""
    known = {each.code for each in tree}
    return tuple(code for code in codes if code in known)
