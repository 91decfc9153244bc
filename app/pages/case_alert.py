"""The drawer of an alert: what was measured, who answers, which cameras see it, its plan, its moves, its like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app import alert_words
from app.components import running_time
from app.components.actions import act, data
from app.components.levels import mark
from app.components.sections import rows, section
from app.pages import case_parts
from app.pages.command_alerts import moves, place
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.plans import Plan
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard, AlertMove
from geodata.queries.cameras_near import Seeing
from geodata.queries.responsible import Responsible


@dataclass(frozen=True, slots=True)
class AlertCase:
    """All that the drawer tells of an alert."""

    card: AlertCard
    cameras: Sequence[Seeing]
    answering: Responsible | None
    plan: Plan | None
    similar: Sequence[AlertCard]


def drawer(terms: Terms, profile: Profile, account: Account, it: AlertCase, now: datetime) -> html.Article:
    """The whole drawer."""
    card = it.card
    marks: list[Component | str] = [mark(terms, card.level), html.Span(terms(f"alert_state.{card.state}"), className="tag"),
                                    running_time.since(terms, profile.zone, card.raised_at, now)]  # fmt: skip
    parts: list[Component | None] = [
        *case_parts.head(terms, marks, alert_words.title(terms, card), drill=card.drill_id is not None),
        html.P(alert_words.sentence(terms, card), className="case-said"),
        html.P(place(terms, card.area_chain), className="case-place"),
        _incident(terms, card),
        *moves(terms, account, card, "case"),
        case_parts.cameras(terms, profile, it.cameras, card.id) if card.lon is not None else None,
        _plan(terms, it.plan),
        case_parts.answering(terms, it.answering),
        case_parts.teams(terms, it.answering.teams, may_send=False) if it.answering else None,
        _timeline(terms, profile, card.moves, now),
        _similar(terms, profile, it.similar, now),
        html.P(html.A(terms("case.cap"), href=f"/api/alerts/{card.id}/cap.xml", className="quiet-link")),
    ]
    return html.Article([part for part in parts if part is not None], className=f"case level-{card.level}",
                        **data(key=f"alert-{card.id}", lon=card.lon, lat=card.lat))  # fmt: skip


def _incident(terms: Terms, card: AlertCard) -> Component | None:
    if card.incident_id is None:
        return None
    said = terms("queue.to_incident", number=card.incident_number or "")
    return html.Button(said, className="button primary", **act("incident", id=card.incident_id))


def _plan(terms: Terms, plan: Plan | None) -> Component:
    if plan is None:
        return section("case-plan", terms("case.plan"), html.P(terms("case.no_plan"), className="quiet"))
    items = []
    for one in plan.checklist:
        limit = terms("case.within", n=f"{one.within_min:g}") if one.within_min else ""
        items.append(html.Li([one.title.in_(terms.language), html.Span(limit, className="quiet")]))
    return section(
        "case-plan", terms("case.plan"), html.Ol(items, className="case-plan"), plan.title.in_(terms.language)
    )


def _timeline(terms: Terms, profile: Profile, told: Sequence[AlertMove], now: datetime) -> Component:
    lines: list[tuple[str, Component | str]] = []
    for one in told:
        said = [terms.either("alert_move", one.move), html.Span(f" · {terms(f'alert_level.{one.level}')}", className="quiet"),
                html.Span(f" · {terms.either('role', one.by) if one.by else terms('case.system')}", className="quiet")]  # fmt: skip
        if one.why:
            said.append(html.Span(f" · {one.why}"))
        lines.append((running_time.at(one.at, profile.zone, now), html.Span(said)))  # type: ignore[arg-type]
    return section("case-line", terms("case.timeline"), rows(lines, "case-line"))


def _similar(terms: Terms, profile: Profile, found: Sequence[AlertCard], now: datetime) -> Component | None:
    if not found:
        return None
    items = [html.Li([mark(terms, one.peak_level), " ", running_time.at(one.raised_at, profile.zone, now), " ",
                      terms(f"alert_state.{one.state}")]) for one in found]  # fmt: skip
    return section("case-like", terms("case.similar"), html.Ul(items, className="case-like"), opened=False)
