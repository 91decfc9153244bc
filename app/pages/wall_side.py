"""The side of the wall: the alert that matters with those that wait, or the calm when there is none; and the drill's band."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app import alert_words
from app.components.actions import data
from app.components.camera_panel import Handed
from app.components.levels import shape
from app.pages.wall_card import card, measured, where
from app.pages.wall_data import WallNow, alert_of, key_of
from app.pages.wall_times import hour, running
from app.terms import Terms
from geodata.plans import load_plans
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard
from geodata.types import LEVELS

MOST_WAITING = 4


def side(terms: Terms, profile: Profile, now: WallNow, handed: Handed) -> html.Div:
    """The whole side; its data attributes tell the script what the map is to show and what may sound."""
    shown: Component = card(terms, profile, now.focus, handed) if now.focus else _calm(terms, profile, now)
    parts = [_band(terms, now), shown, _queue(terms, profile, now.others)]
    return html.Div([part for part in parts if part is not None], className="wall-now", **_facts(now))


def _facts(now: WallNow) -> dict[str, Any]:
    focus = now.focus.card if now.focus else None
    about = None
    if focus is not None and focus.lon is not None:
        about = {"id": focus.id, "lon": focus.lon, "lat": focus.lat, "kind": focus.subject_kind}
    everything = [*([focus] if focus else []), *now.others]
    loud = [
        it.id
        for it in everything
        if it.state == "raised" and it.level in {"warning", "danger"} and it.closed_at is None
    ]
    return data(
        state="alert" if now.focus else "calm",
        focus=json.dumps(about),
        loud=json.dumps(loud),
        drill="yes" if now.drill else None,
    )


def _band(terms: Terms, now: WallNow) -> html.Div | None:
    if now.drill is None:
        return None
    plan = load_plans().get(now.drill.plan_key)
    title = plan.title.in_(terms.language) if plan else now.drill.plan_key
    return html.Div(
        [
            html.B(terms("wall.drill")),
            html.Span(title),
            running(now.drill.started_at),
            html.Span(terms("wall.drill_note")),
        ],
        className="wall-band",
        role="status",
    )


def _calm(terms: Terms, profile: Profile, now: WallNow) -> html.Div:
    """Nothing is wrong, and since when; lesser alerts are no reason to worry the room."""
    minor = bool(now.others)
    said = terms("wall.minor_only" if minor else "wall.calm")
    since = None
    if not minor and now.quiet_since is not None:
        day = now.quiet_since.astimezone(profile.zone)
        same = day.date() == now.at.astimezone(profile.zone).date()
        told = hour(now.quiet_since, profile.zone) if same else day.strftime("%m-%d %H:%M")
        since = html.P(terms("wall.calm_since", since=told), className="wall-calm-since")
    return html.Div(
        [shape("normal"), html.Div([html.H2(said), since])], className="wall-calm level-normal", role="status"
    )


def _queue(terms: Terms, profile: Profile, others: Sequence[AlertCard]) -> html.Section | None:
    if not others:
        return None
    counts = [(level, sum(it.level == level for it in others)) for level in reversed(LEVELS)]
    head = [
        html.Span([shape(level), str(number)], className=f"level level-{level}")
        for level, number in counts
        if number
    ]
    rows = [_waiting(terms, profile, it) for it in others[:MOST_WAITING]]
    return html.Section(
        [
            html.H3([terms("wall.others", n=len(others)), html.Span(head, className="wall-counts")]),
            html.Ol(rows),
        ],
        className="wall-queue",
    )


def _waiting(terms: Terms, profile: Profile, it: AlertCard) -> html.Li:
    value, unit = measured(terms, it) if alert_of(it) else (terms.either("incident_kind", it.subject_key), "")
    drill = html.Span(terms("wall.drill"), className="wall-tag") if it.drill_id is not None else None
    state = terms(f"alert_state.{it.state}")
    return html.Li(
        [
            shape(it.level),
            html.Span([alert_words.title(terms, it), drill], className="wall-waiting-title"),
            html.Span(f"{value} {unit}".strip(), className="wall-waiting-value"),
            html.Span(where(terms, it), className="wall-waiting-where"),
            html.Span(f"{hour(it.raised_at, profile.zone)} {state}", className="wall-waiting-state"),
        ],
        className=f"wall-waiting level-{it.level}" + ("" if it.state == "raised" else " wall-waiting-taken"),
        **data(key=f"waiting-{key_of(it)}"),
    )
