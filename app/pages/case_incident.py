"""The drawer of an incident: its steps as a rail, the next one as the one button, and all that people do in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app.components import running_time
from app.components.actions import act, aria, data
from app.components.field import field
from app.components.levels import mark
from app.components.sections import rows, section
from app.pages import case_parts
from app.pages.case_people import people
from app.pages.case_work import attachments, checks, notes, sent
from app.pages.command_alerts import place
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.queries.assignable import Post
from geodata.queries.cameras_near import Seeing
from geodata.queries.incidents import Entry, Incident
from geodata.queries.responsible import Responsible
from geodata.rules.alert_life import MOVERS
from geodata.rules.incident_life import STATES, open_moves

AFTER = {
    "verify": "verified",
    "dispatch": "dispatched",
    "handle": "handling",
    "resolve": "resolved",
    "review": "reviewed",
}


@dataclass(frozen=True, slots=True)
class IncidentCase:
    """All that the drawer tells of an incident."""

    whole: Incident
    cameras: Sequence[Seeing]
    answering: Responsible
    posts: Sequence[Post] = ()


def drawer(terms: Terms, profile: Profile, account: Account, it: IncidentCase, now: datetime) -> html.Article:
    """The whole drawer."""
    row, may = it.whole.row, account.role in MOVERS
    marks: list[Component | str] = [mark(terms, row.level), html.Span(terms("case.incident", number=row.number), className="tag"),
                                    running_time.since(terms, profile.zone, row.opened_at, now)]  # fmt: skip
    going = row.state not in {"resolved", "reviewed"}
    parts: list[Component | None] = [
        *case_parts.head(terms, marks, row.title, drill=row.drill_id is not None),
        html.P(
            [place(terms, row.area_chain), " · ", row.address or ""]
            if row.address
            else place(terms, row.area_chain),
            className="case-place",
        ),
        _rail(terms, profile, it.whole, now),
        _next(terms, it.whole) if may else None,
        _review(terms, profile, it.whole, may=may) if row.state in {"resolved", "reviewed"} else None,
        checks(terms, profile, it.whole, now, may=may and row.state != "reviewed"),
        case_parts.cameras(terms, profile, it.cameras, it.whole.alerts[0].id if it.whole.alerts else None)
        if going
        else None,
        sent(terms, profile, it.whole, now, may=may),
        case_parts.teams(terms, it.answering.teams, may_send=may) if going else None,
        people(terms, profile, it.whole, now, posts=it.posts, teams=it.answering.teams, may=may and going),
        case_parts.answering(terms, it.answering),
        notes(terms, profile, it.whole, now, may=may and row.state != "reviewed"),
        attachments(terms, profile, it.whole, now, may=may and row.state != "reviewed"),
        _timeline(terms, profile, it.whole.timeline, now),
    ]
    return html.Article([part for part in parts if part is not None], className=f"case level-{row.level}",
                        **data(key=f"incident-{row.id}", lon=row.lon, lat=row.lat))  # fmt: skip


def _rail(terms: Terms, profile: Profile, whole: Incident, now: datetime) -> html.Ol:
    reached: dict[str, datetime] = {}
    for entry in whole.timeline:
        if entry.kind == "incident":
            reached[AFTER.get(entry.move, "opened" if entry.move == "open" else entry.move)] = entry.at
    at = STATES.index(whole.row.state)
    steps = []
    for place_of, state in enumerate(STATES):
        how = (
            "now"
            if place_of == at
            else "todo"
            if place_of > at
            else "done"
            if state in reached
            else "skipped"
        )
        time = running_time.at(reached[state], profile.zone, now) if state in reached else html.Span("—")
        steps.append(
            html.Li(
                [html.I(), html.Span(terms(f"incident_state.{state}")), time],
                className=f"rail-{how}",
                **data(key=state),
            )
        )
    return html.Ol(steps, className="case-rail")


def _next(terms: Terms, whole: Incident) -> html.Div:
    """The next step as the plain button; the others are quieter. The review has a form of its own."""
    buttons = []
    for at, move in enumerate(move for move in open_moves(whole.row.state) if move != "review"):
        buttons.append(html.Button(
            terms(f"incident_move.{move}"), className="button primary" if at == 0 else "button plain-button",
            **act("incident-move", move=move, revision=whole.row.revision), **data(press=move),
        ))  # fmt: skip
    return html.Div(buttons, className="case-next")


def _review(terms: Terms, profile: Profile, whole: Incident, *, may: bool) -> Component:  # noqa: ARG001 - the zone comes with the times of a later form
    lines: list[tuple[str, Component | str]] = [
        (
            terms.either("review_step", step.step),
            terms("case.took", n=running_time.lasted(terms, step.since_before_s)),
        )
        for step in whole.steps[1:]
    ]
    late = [due for due in whole.due if due.late_min]
    verdict = terms("case.late_items", n=len(late)) if late else terms("case.in_time")
    body: list[Component] = [
        rows(lines, "case-steps"),
        html.P(verdict, className="late" if late else "in-time"),
    ]
    if whole.row.review:
        body.append(html.P(whole.row.review, className="case-review"))
    elif may:
        body.append(html.Form(
            [html.Label([terms("case.review_text"), html.Textarea("", name="text", required=True, rows="3", maxLength="4000")]),
             html.Button(terms("case.review_send"), type="submit", className="button primary", **data(press="review"))],
            **act("incident-review", revision=whole.row.revision),
        ))  # fmt: skip
    return section("case-review", terms("case.review"), body)


def _timeline(terms: Terms, profile: Profile, told: Sequence[Entry], now: datetime) -> Component:
    lines: list[tuple[str, Component | str]] = []
    for one in told:
        what = terms.either(f"{one.kind}_move", one.move) if one.kind != "note" else terms("case.notes")
        said: list[Component | str] = [
            what,
            html.Span(
                f" · {terms.either('role', one.by) if one.by else terms('case.system')}", className="quiet"
            ),
        ]
        if one.text:
            said.append(html.Span(f" · {one.text}"))
        lines.append((running_time.at(one.at, profile.zone, now), html.Span(said)))  # type: ignore[arg-type]
    return section("case-line", terms("case.timeline"), rows(lines, "case-line"), opened=False)


def new(terms: Terms, lon: float, lat: float, where: str) -> html.Article:
    """The form of an incident that somebody opens by hand at a point."""
    kinds = ("crowd", "fire", "water", "structure", "traffic", "medical", "facility", "other")
    levels = ("watch", "warning", "danger", "notice")
    form = html.Form(
        [
            html.Label([terms("case.name"), field("title", maxLength="120")]),
            html.Label([terms("case.kind"), html.Select([html.Option(terms.either("incident_kind", kind), value=kind) for kind in kinds], name="kind")]),
            html.Label([terms("case.level"), html.Select([html.Option(terms(f"alert_level.{level}"), value=level) for level in levels], name="level")]),
            html.Button(terms("case.open"), type="submit", className="button primary", **data(press="open_here")),
        ],
        className="case-new", **act("incident-new", lon=lon, lat=lat),
    )  # fmt: skip
    parts = [
        *case_parts.head(terms, [terms("case.new_here")], terms("case.new"), drill=False),
        html.P(where, className="case-place"),
        form,
    ]
    return html.Article(
        parts, className="case", **data(key="incident-new", lon=lon, lat=lat), **aria(label=terms("case.new"))
    )
