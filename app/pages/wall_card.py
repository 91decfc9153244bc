"""The card that takes the wall over: what, how bad, where, which figures, who has it, what the cameras see."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app import alert_words
from app.components.actions import data
from app.components.camera_panel import Handed, panel
from app.components.icons import icon
from app.components.levels import mark, shape
from app.pages.wall_data import Focus, alert_of, key_of
from app.pages.wall_steps import steps, teams
from app.pages.wall_times import running
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard
from geodata.rules.levels import Limits
from geodata.types import LEVELS

SOON_MIN = 90  # a threshold that is farther off is no outlook but a guess
GAUGE_ROOM = 1.12  # how much longer than its highest mark the scale is


def card(terms: Terms, profile: Profile, it: Focus, handed: Handed) -> html.Article:
    """The whole card; `data-key` keeps its pictures running while figures change."""
    taken = it.card.state != "raised" or it.handling.taken is not None
    done = it.card.closed_at is not None
    state = "done" if done else "taken" if taken else "raised"
    parts: list[Component | None] = [
        _head(terms, it),
        html.H2(alert_words.title(terms, it.card), className="wall-title"),
        _where(terms, it.card),
        _figures(terms, it),
        steps(terms, profile, it),
        teams(terms, profile, it.handling),
        _plan(terms, it),
        _cameras(terms, profile, it, handed),
    ]
    return html.Article(
        [part for part in parts if part is not None],
        className=f"wall-card level-{it.card.level} wall-card-{state}",
        **data(key=key_of(it.card)),
    )


def _head(terms: Terms, it: Focus) -> html.Header:
    drill = html.Span(terms("wall.drill"), className="wall-tag") if it.card.drill_id is not None else None
    since = html.Span(
        [terms("wall.since"), running(it.card.raised_at, it.card.closed_at)], className="wall-running"
    )
    word = html.Span(terms(f"alert_level.{it.card.level}"), className="wall-level-word")
    return html.Header([shape(it.card.level), word, drill, since], className="wall-card-head")


def where(terms: Terms, card: AlertCard) -> str:
    """Sub-district › station › community › cell; the district itself goes without saying."""
    return " › ".join(terms.pick(area.name, area.name_en) for area in card.area_chain[1:])


def _where(terms: Terms, card: AlertCard) -> html.P:
    place = " · ".join(x for x in (card.facts.get("address"), where(terms, card)) if x) or terms(
        "wall.no_place"
    )
    return html.P([icon("target"), place], className="wall-where")


def _figures(terms: Terms, it: Focus) -> html.Div:
    """The measured value on its scale; an incident that no rule raised has a kind and a number instead."""
    if alert_of(it.card) is None:
        return _kind(terms, it)
    value, unit = measured(terms, it.card)
    number = html.Div([html.Span(value, className="wall-number"), html.Span(unit, className="wall-unit")])
    return html.Div(
        [
            html.Div(
                [number, html.Div(_beside(terms, it.card), className="wall-beside")], className="wall-value"
            ),
            _gauge(terms, it.card, it.limits),
            html.P(_outlook(terms, it.card), className="wall-outlook"),
        ],
        className="wall-figures-of",
    )


def _kind(terms: Terms, it: Focus) -> html.Div:
    kind = html.Span(terms.either("incident_kind", it.card.subject_key), className="wall-number wall-kind")
    number = html.Span(terms("wall.by_hand", number=it.card.incident_number or ""))
    parts = [html.Div(kind), html.Div(number, className="wall-beside")]
    return html.Div(html.Div(parts, className="wall-value"), className="wall-figures-of")


def measured(terms: Terms, card: AlertCard) -> tuple[str, str]:
    """The value in large figures and its unit in words; silences are told as a length of time."""
    if card.value is None:
        return "—", ""
    if card.rule in alert_words.SILENCES:
        told = alert_words.span(terms, card.value * alert_words.SECONDS.get(card.unit or "s", 1.0))
        number, _, unit = told.partition(" ")
        return number, unit
    return alert_words.number(card.value), terms.either("alert_unit", card.unit) if card.unit else ""


def _beside(terms: Terms, card: AlertCard) -> list[Component]:
    people, change = card.facts.get("people"), card.facts.get("people_per_min")
    lines: list[Component] = []
    if people is not None:
        lines.append(html.Span(terms("wall.people", n=alert_words.number(round(people)))))
    if change is not None and abs(round(change)) > 0:
        up = change > 0
        said = terms("wall.per_min", n=("+" if up else "−") + alert_words.number(abs(round(change))))
        lines.append(
            html.Span(
                [icon("up" if up else "down"), said], className=f"wall-trend wall-{'up' if up else 'down'}"
            )
        )
    return lines


def _outlook(terms: Terms, card: AlertCard) -> list[Component]:
    """Against which threshold, and how long until the next."""
    parts: list[Component] = []
    if card.threshold is not None and card.rule not in alert_words.SILENCES:
        unit = terms.either("alert_unit", card.unit) if card.unit else ""
        told = f"{alert_words.number(card.threshold)} {unit}".strip()
        parts.append(html.Span(terms("wall.threshold", level=terms(f"alert_level.{card.level}"), value=told)))
    minutes, above = card.facts.get("minutes_to_next"), card.facts.get("next_level")
    if card.facts.get("normal_since"):
        parts.append(html.Span(terms("wall.normal"), className="level-normal wall-ahead"))
    elif isinstance(minutes, int | float) and above in LEVELS and minutes <= SOON_MIN:
        said = terms("wall.ahead", n=max(1, round(minutes)))
        parts.append(html.Span([said, mark(terms, above)], className="wall-ahead"))
    return parts


def _gauge(terms: Terms, card: AlertCard, limits: Limits | None) -> Component | None:
    """The value on the scale of four levels; each mark carries its shape."""
    if limits is None or card.value is None:
        return None
    marks = limits.set_ones()
    room = max(card.value, marks[-1][1]) * GAUGE_ROOM
    at = [
        html.Span(
            [html.I(), mark(terms, level, word=False), alert_words.number(limit)],
            className=f"wall-gauge-mark level-{level}",
            style={"left": f"{limit / room:.2%}"},
        )
        for level, limit in marks
    ]
    fill = html.Span(className="wall-gauge-fill", style={"width": f"{min(card.value / room, 1):.2%}"})
    return html.Div([html.Div(fill, className="wall-gauge-bar"), *at], className="wall-gauge")


def _plan(terms: Terms, it: Focus) -> html.P | None:
    if it.plan is None:
        return None
    return html.P([html.Span(terms("wall.plan")), it.plan.in_(terms.language)], className="wall-plan")


def _cameras(terms: Terms, profile: Profile, it: Focus, handed: Handed) -> html.Div | None:
    if it.card.lon is None or it.card.closed_at is not None:
        return None
    inner = panel(terms, it.cameras, size="small", alert=alert_of(it.card), zone=profile.zone, handed=handed)
    codes = "-".join(one.code for one in it.cameras)
    return html.Div(
        inner, className="wall-cameras", **data(key=f"cameras-{key_of(it.card)}-{codes}", own="cameras")
    )
