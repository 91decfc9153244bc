"""Parts that the drawer shows for an alert and for an incident alike: cameras, who answers, teams, moments."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.camera_panel import panel
from app.components.field import field
from app.components.icons import icon
from app.components.sections import section
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.cameras_near import Seeing
from geodata.queries.responsible import Answering, NearTeam, Responsible

TEAMS_MOST = 6


def head(terms: Terms, parts: Sequence[Component | str], title: str, *, drill: bool) -> list[Component]:
    """The top of the drawer: what it is, and the way out."""
    close = html.Button(
        icon("close"),
        className="plain",
        title=terms("case.close"),
        **act("case-close"),
        **aria(label=terms("case.close")),
    )
    band = [html.P(terms("case.drill_band"), className="drill-band", role="note")] if drill else []
    return [
        *band,
        html.Header([html.Div(list(parts), className="case-marks"), close], className="case-head"),
        html.H2(title, tabIndex=-1),
        html.P("", className="said-note", hidden=True, role="alert"),
    ]


def cameras(terms: Terms, profile: Profile, found: Sequence[Seeing], alert: int | None) -> Component | None:
    """The cameras that see it; their tiles run on while the rest changes."""
    inner = panel(terms, found, size="small", alert=alert, zone=profile.zone)
    codes = "-".join(one.code for one in found)
    return section(
        "case-cameras", terms("case.cameras"), html.Div(inner, **data(key=f"cameras-{codes}", own="cameras"))
    )


def answering(terms: Terms, found: Responsible | None) -> Component | None:
    """The chain of areas with the posts that answer for each."""
    if found is None or not found.chain:
        return None
    rows = [_answer(terms, one) for one in found.chain]
    return section("case-who", terms("case.who"), html.Ul(rows, className="case-chain"))


def _answer(terms: Terms, one: Answering) -> html.Li:
    posts: list[Component | str] = []
    for contact in one.contacts:
        title = terms.pick(contact.title, contact.title_en)
        said = f"{title} · {terms('case.ext', n=contact.extension)}" if contact.extension else title
        posts.append(html.Span(said, className="case-post"))
    for duty in one.duty:
        who = terms.pick(duty.team or duty.account or "", duty.team_en)
        posts.append(
            html.Span(
                f"{terms('case.duty')}: {terms.either('duty_role', duty.role)} {who}",
                className="case-post on-duty",
            )
        )
    return html.Li([html.Strong(terms.pick(one.name, one.name_en)), *posts])


def teams(terms: Terms, found: Sequence[NearTeam], *, may_send: bool) -> Component:
    """The nearest teams, each with a way to send it."""
    rows = [_team(terms, one, may_send=may_send) for one in found[:TEAMS_MOST]]
    return section("case-teams", terms("case.teams"), html.Ul(rows, className="case-teams"))


def _team(terms: Terms, one: NearTeam, *, may_send: bool) -> html.Li:
    distance = f"{one.distance_m / 1000:.1f} km" if one.distance_m >= 1000 else f"{one.distance_m:.0f} m"
    about = terms("case.team_about", n=one.people, distance=distance, minutes=max(1, round(one.about_min)))
    key = f"send-{one.id}"
    name = [
        html.Strong(terms.pick(one.name, one.name_en)),
        html.Span(terms.either("team_kind", one.kind), className="tag"),
    ]
    if one.busy:
        name.append(html.Span(terms("case.busy"), className="tag tag-up"))
    skills = " · ".join(terms.either("skill", skill) for skill in one.skills)
    said = [
        html.Div(name),
        html.Span(about, className="quiet"),
        html.Span(skills, className="quiet team-skills"),
    ]
    parts: list[Component] = [html.Div(said)]
    if may_send:
        parts += [
            html.Button(terms("case.dispatch"), className="button", **act("unfold", what=key), **aria(expanded="false"), **data(press="dispatch-team", team=one.id)),
            html.Form(
                [html.Label([terms("case.task"), field("task", maxLength="500", value=terms("case.task_first"))]),
                 html.Button(terms("case.send"), type="submit", className="button primary", **data(press="send"))],
                id=key, className="unfolds", **act("dispatch", team=one.id), **data(open="no"),
            ),
        ]  # fmt: skip
    return html.Li(parts, **data(key=f"team-{one.id}"))
