"""The wiring of the planner's page: one panel is one output; each reads the question, calls one function and returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from sqlalchemy import Connection

from app.components.markup import markup
from app.http.house import House
from app.pages import (
    planning_answers as answers,
    planning_figures as figures,
    planning_grid,
    planning_hot,
    planning_list,
)
from app.pages.command_list import in_drawer
from app.pages.list_asked import read_asked
from app.pages.panel import Asker, filled
from app.pages.planning import IN_BROWSER, WHO
from app.pages.planning_data import Ask, ask_of
from app.terms import Terms, language_of
from geodata.errors import Denied

Store = dict[str, Any]
LATER: dict[str, Any] = {"prevent_initial_call": True}
PANELS: dict[str, Callable[[Ask], Any]] = {
    "figures": figures.figures,
    "trend": figures.trend,
    "matrix": figures.matrix,
    "breakdown": figures.breakdown,
    "times": figures.times,
    "roads": planning_hot.roads,
    "repeated": planning_hot.repeated,
    "chance": planning_hot.chance,
}


LATE = ("roads", "repeated", "chance")  # asked once the figures are there, because they take longer


def install(dash_app: Dash, house: House) -> None:
    """Register every callback of the page."""
    for name, stores in IN_BROWSER.items():
        inputs = [Input(store, "data") for store in stores]
        dash_app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction("yiping_planning", name), Output(f"done-plan-{name}", "data"), *inputs
        )
    for name, fill in PANELS.items():
        _panel(dash_app, house, name, fill, "plan-later" if name in LATE else "plan-asked")
    _ranking(dash_app, house)
    _list(dash_app, house)


def _panel(dash_app: Dash, house: House, name: str, fill: Callable[[Ask], Any], store: str) -> None:
    @dash_app.callback(
        Output(f"panel-{name}", "data-markup"), Input(store, "data"), State("state", "data"),
        prevent_initial_call=store == "plan-later",
    )  # fmt: skip
    async def show_panel(asked: Store | None, state: Store) -> Any:
        if asked is None:
            return no_update
        terms = Terms(language_of(state["lang"]))

        def read(c: Connection, asker: Asker) -> str:
            return stamped(asked, fill(asked_by(house, c, asker, asked)))

        return await filled(house, terms, read, lambda why: stamped(asked, why))


def _ranking(dash_app: Dash, house: House) -> None:
    @dash_app.callback(
        Output("ranking-grid", "rowData"), Output("panel-ranking", "data-markup"),
        Input("plan-asked", "data"), State("state", "data"),
    )  # fmt: skip
    async def show_ranking(asked: Store, state: Store) -> tuple[list[Store], str]:
        terms = Terms(language_of(state["lang"]))

        def read(c: Connection, asker: Asker) -> tuple[list[Store], str]:
            ask = asked_by(house, c, asker, asked)
            return planning_grid.rows(
                terms, answers.ranking(ask), known_before=answers.known_before(ask)
            ), stamped(asked, figures.ranking_said(ask))

        return await filled(house, terms, read, lambda why: ([], stamped(asked, why)))


def _list(dash_app: Dash, house: House) -> None:
    @dash_app.callback(
        Output("plan-answer-list", "data"), Input("list", "data"), State("state", "data"), **LATER
    )
    async def show_list(store: Store | None, state: Store) -> str:
        terms, kept = Terms(language_of(state["lang"])), store or {}

        def read(c: Connection, asker: Asker) -> str:
            return markup(planning_list.drawer(asked_by(house, c, asker, kept["asked"]), read_asked(kept)))

        return await filled(house, terms, read, lambda why: markup(in_drawer(terms, why))) if store else ""


def asked_by(house: House, c: Connection, asker: Asker, asked: Store) -> Ask:
    """The asking of somebody who may ask; refused to other roles."""
    if asker.account.role not in WHO:
        raise Denied("Your role has no planner's page.")
    return ask_of(house, c, asker, asked)


def stamped(asked: Store, parts: Any) -> str:
    """The HTML of a panel, told apart from the answer before even when it says the same."""
    return f"<!--{int(asked.get('n') or 0)}-->{markup(parts)}"
