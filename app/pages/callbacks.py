"""The wiring of the commander's page: each callback reads a store, calls one function and returns one panel."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update
from sqlalchemy import Connection

from app.components import cards
from app.http.arguments import scoped
from app.http.house import House
from app.http.memory import Remembered
from app.pages import card_data, command_dossier, command_list, command_search, dossier_data, list_data
from app.pages.dossier_data import Dossier
from app.pages.list_asked import read_asked
from app.pages.panel import Asker, filled
from app.pages.state import read_question
from app.pages.wiring import IN_BROWSER
from app.terms import Terms, language_of

Store = dict[str, Any]
ROOM_HOURS = 500_000  # hours of counts that remembered dossiers may hold together


def install(dash_app: Dash, house: House) -> None:
    """Register every callback of the page."""
    for name, stores in IN_BROWSER.items():
        inputs = [Input(store, "data") for store in stores]
        dash_app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("yiping_page", name), Output(f"done-{name}", "data"), *inputs
        )
    _dossier(dash_app, house, Remembered(ROOM_HOURS, lambda it: len(it.hours)))
    _list(dash_app, house)
    _card(dash_app, house)
    _search(dash_app, house)


def _dossier(dash_app: Dash, house: House, dossiers: Remembered[Dossier]) -> None:
    outputs = [Output("dossier", "children"), Output("crumbs", "children"), Output("live", "children"),
               Output("hours", "data"), Output("place", "data")]  # fmt: skip

    @dash_app.callback(*outputs, Input("asked", "data"), State("state", "data"))
    async def show_dossier(asked: Store, state: Store) -> tuple[Any, ...]:
        terms = Terms(language_of(state["lang"]))

        def fill(c: Connection, asker: Asker) -> tuple[Any, ...]:
            question = scoped(house, read_question(asked, house.profile))
            minute = asker.now.replace(second=0, microsecond=0)
            key = (question, house.version(), minute)
            it = dossiers.get(key, lambda: dossier_data.gather(c, house, question, minute))
            return command_dossier.answer(terms, house.profile, it)

        return await filled(house, terms, fill, lambda why: (why, *[no_update] * 4))


def _list(dash_app: Dash, house: House) -> None:
    @dash_app.callback(Output("list-panel", "children"), Input("list", "data"), State("state", "data"))
    async def show_list(store: Store | None, state: Store) -> Any:
        terms = Terms(language_of(state["lang"]))

        def fill(c: Connection, asker: Asker) -> Any:
            question = scoped(house, read_question((store or {})["asked"], house.profile))
            return list_data.drawer(c, house.profile, terms, question, read_asked(store or {}), now=asker.now)

        return (
            await filled(house, terms, fill, lambda why: command_list.in_drawer(terms, why))
            if store
            else None
        )


def _card(dash_app: Dash, house: House) -> None:
    @dash_app.callback(Output("card-panel", "children"), Input("card", "data"), State("state", "data"))
    async def show_card(store: Store | None, state: Store) -> Any:
        terms = Terms(language_of(state["lang"]))

        def fill(c: Connection, asker: Asker) -> html.Article:
            return card_data.read_card(
                c, house.profile, terms, (store or {})["kind"], (store or {})["key"], now=asker.now
            )

        return await filled(house, terms, fill, lambda why: cards.in_card(terms, why)) if store else None


def _search(dash_app: Dash, house: House) -> None:
    @dash_app.callback(
        Output("found", "children"),
        Input("search", "value"),
        State("state", "data"),
        prevent_initial_call=True,
    )
    async def show_found(text: str | None, state: Store) -> Any:
        terms, wanted = Terms(language_of(state["lang"])), (text or "").strip()

        def fill(c: Connection, asker: Asker) -> Any:
            return command_search.found(
                terms, wanted, command_search.look_up(c, house.profile, asker.account, wanted)
            )

        return await filled(house, terms, fill, lambda why: why) if wanted else None
