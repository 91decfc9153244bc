"""All teams on the administrator's page: on call or resting, and whose account reads their tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, data
from app.components.admin_parts import table
from app.components.numbers import MISSING, count
from app.terms import Terms
from geodata.queries.teams import Team

OWN = "team."  # how the accounts begin that the button makes


def teams(terms: Terms, found: Sequence[Team], names: Mapping[str, str], *, may: bool) -> list[Component]:
    """The table; below it stands a new account's password, once."""
    heads = [terms("admin.team"), "", terms("admin.people"), terms("admin.area"),
             terms("admin.account"), ""]  # fmt: skip
    told = terms("admin.inbox_made", name="{name}", key="{key}")
    return [
        html.P("", className="said-note", hidden=True, role="alert"),
        html.P(
            "",
            className="secret-note",
            hidden=True,
            role="status",
            **data(text=told, key="team-secret", own="note"),
        ),
        table(heads, [_team(terms, one, names, may=may) for one in found], "teams"),
    ]


def _team(terms: Terms, one: Team, names: Mapping[str, str], *, may: bool) -> html.Tr:
    skills = " · ".join(terms.either("skill", skill) for skill in one.skills)
    state = "" if one.active and not one.busy else terms("case.busy" if one.active else "admin.resting")
    name = [
        html.Strong(terms.pick(one.name, one.name_en)),
        html.Span(" · ".join(word for word in (one.code, state, skills) if word), className="quiet"),
    ]
    cells = [
        html.Td(name, className="two-lines"),
        html.Td(terms.either("team_kind", one.kind)),
        html.Td(count(one.people), className="number"),
        html.Td(names.get(one.area_code, one.area_code) if one.area_code else terms("admin.whole")),
        html.Td(one.account or MISSING, className="inbox-of"),
        html.Td(_buttons(terms, one) if may else "", className="does"),
    ]
    return html.Tr(cells, className="" if one.active else "ended", **data(key=f"team-{one.code}"))


def _buttons(terms: Terms, one: Team) -> list[Component]:
    inbox, press = ("admin.inbox_close", "no") if one.account else ("admin.inbox_open", "yes")
    turn = html.Button(
        terms("admin.rest" if one.active else "admin.call_up"), className="button",
        **act("team-active", id=one.id, active="no" if one.active else "yes"),
    )  # fmt: skip
    if one.account and not one.account.startswith(OWN):
        return [turn]  # somebody of the centre reads for it: that is changed with the account
    return [html.Button(terms(inbox), className="button", **act("team-inbox", id=one.id, turn=press)), turn]
