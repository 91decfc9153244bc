"""Who has which role in an incident, and a form to give one to a post of the centre or to a team."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app.components import running_time
from app.components.actions import act, data
from app.components.sections import section
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.assignable import Post
from geodata.queries.incidents import Incident, Person
from geodata.queries.responsible import NearTeam

# Roles that every incident knows; a plan adds its own.
ROLES = ("lead", "on_scene", "recorder", "liaison")


def people(
    terms: Terms, profile: Profile, whole: Incident, now: datetime, *,
    posts: Sequence[Post], teams: Sequence[NearTeam], may: bool,
) -> Component:  # fmt: skip
    """The roles with who has them and since when; whoever may move the incident gives more."""
    items = [
        html.Li(
            [
                html.Span(role_word(terms, whole, one.role), className="tag"),
                html.Strong(_who(terms, one)),
                running_time.at(one.at, profile.zone, now),
            ],
            **data(key=f"part-{one.role}-{one.account or one.team_id}"),
        )
        for one in whole.people
    ]
    none = html.P(terms("case.no_people"), className="quiet")
    body: list[Component] = [html.Ul(items, className="case-people") if items else none]
    if may:
        body.append(_form(terms, whole, posts, teams))
    return section("case-people", terms("case.people"), body, str(len(items)) if items else None)


def role_word(terms: Terms, whole: Incident, role: str) -> str:
    """A role in words: the plan's own title, else that of every incident, else as it was written."""
    part = whole.plan.role(role) if whole.plan else None
    return part.title.in_(terms.language) if part else terms.either("incident_role", role)


def _who(terms: Terms, one: Person) -> str:
    if one.account is not None:
        return terms.either("role", one.account)
    return terms.pick(one.team or "", one.team_en)


def _form(terms: Terms, whole: Incident, posts: Sequence[Post], teams: Sequence[NearTeam]) -> html.Form:
    keys = dict.fromkeys([*ROLES, *(role.key for role in whole.plan.roles)] if whole.plan else ROLES)
    roles = [html.Option(role_word(terms, whole, key), value=key) for key in keys]
    who = [
        html.Optgroup(
            [html.Option(_post(terms, one), value=f"account:{one.name}") for one in posts],
            label=terms("case.posts"),
        ),
        html.Optgroup(
            [html.Option(terms.pick(one.name, one.name_en), value=f"team:{one.id}") for one in teams],
            label=terms("case.teams"),
        ),
    ]
    return html.Form(
        [
            html.Label([terms("case.role"), html.Select(roles, name="role")]),
            html.Label([terms("case.person"), html.Select(who, name="who")]),
            html.Button(terms("case.assign"), type="submit", className="button", **data(press="assign")),
        ],
        className="case-assign",
        **act("incident-assign"),
    )


def _post(terms: Terms, one: Post) -> str:
    """An account's name, and its role in words where the name does not say it already."""
    role = terms.either("role", one.role)
    return role if one.name == one.role else f"{one.name} · {role}"
