"""The wiring of the commander's page: each callback reads a store, calls one function and returns one panel."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from sqlalchemy import Connection

from app.components.cards import in_card
from app.components.markup import markup
from app.http.arguments import scoped
from app.http.house import House
from app.pages import list_data
from app.pages.card_data import read_card
from app.pages.command_list import in_drawer
from app.pages.command_search import found, look_up
from app.pages.list_asked import read_asked
from app.pages.panel import Asker, filled
from app.pages.state import read_question
from app.pages.wiring import IN_BROWSER
from app.terms import Terms, language_of

Store = dict[str, Any]
LATER: dict[str, Any] = {"prevent_initial_call": True}


def install(dash_app: Dash, house: House) -> None:
    """Register every callback of the page."""
    for name, stores in IN_BROWSER.items():
        inputs = [Input(store, "data") for store in stores]
        dash_app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("yiping_page", name), Output(f"done-{name}", "data"), *inputs
        )
    _list(dash_app, house)
    _card(dash_app, house)
    _search(dash_app, house)


def _list(dash_app: Dash, house: House) -> None:
    @dash_app.callback(Output("answer-list", "data"), Input("list", "data"), State("state", "data"), **LATER)
    async def show_list(store: Store | None, state: Store) -> str:
        terms, asked = Terms(language_of(state["lang"])), store or {}

        def fill(c: Connection, asker: Asker) -> str:
            question = scoped(house, read_question(asked["asked"], house.profile))
            return markup(
                list_data.drawer(c, house.profile, terms, question, read_asked(asked), now=asker.now)
            )

        return await filled(house, terms, fill, lambda why: markup(in_drawer(terms, why))) if store else ""


def _card(dash_app: Dash, house: House) -> None:
    @dash_app.callback(Output("answer-card", "data"), Input("card", "data"), State("state", "data"), **LATER)
    async def show_card(store: Store | None, state: Store) -> str:
        terms, asked = Terms(language_of(state["lang"])), store or {}

        def fill(c: Connection, asker: Asker) -> str:
            return markup(read_card(c, house.profile, terms, asked["kind"], asked["key"], now=asker.now))

        return await filled(house, terms, fill, lambda why: markup(in_card(terms, why))) if store else ""


def _search(dash_app: Dash, house: House) -> None:
    @dash_app.callback(Output("answer-found", "data"), Input("find", "data"), State("state", "data"), **LATER)
    async def show_found(text: str | None, state: Store) -> str:
        terms, wanted = Terms(language_of(state["lang"])), (text or "").strip()

        def fill(c: Connection, asker: Asker) -> str:
            return markup(found(terms, wanted, look_up(c, house.profile, asker.account, wanted)))

        return await filled(house, terms, fill, markup) if wanted else ""
