"""One task of a team: how grave, what, where, and the next step as one big button."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components import running_time
from app.components.actions import act, aria, data
from app.components.drill_band import drill_band
from app.components.field import field
from app.components.icons import icon
from app.components.levels import mark
from app.terms import Terms
from geodata.queries.dispatches import DispatchRow
from geodata.rules.incident_life import open_dispatch_moves
from geodata.types import Level

STEPS = ("sent", "delivered", "accepted", "arrived", "done")
REASONS = ("busy", "far", "people")


def task(
    terms: Terms, zone: ZoneInfo, now: datetime, it: DispatchRow, *, phone_map: bool = False
) -> html.Article:
    """The whole card; a team's phone shows the place in its own map, a desk on the commander's page."""
    sender = terms("inbox.sent_by", who=terms.either("role", it.sent_by)) if it.sent_by else ""
    head = html.Div(
        [
            mark(terms, cast("Level", it.level)),
            html.Span(it.number),
            running_time.since(terms, zone, it.sent_at, now),
        ],
        className="task-head",
    )
    parts: list[Component | None] = [
        drill_band(terms, drill=it.drill_id is not None),
        head,
        html.H2(it.title),
        html.P(
            [icon("target"), it.address or f"{it.lon:.5f}, {it.lat:.5f}", _map(terms, it, phone=phone_map)],
            className="task-where",
        ),
        html.P(it.task, className="task-what"),
        html.P(
            [html.Strong(terms.pick(it.team, it.team_en)), f" · {sender}" if sender else None],
            className="task-who",
        ),
        html.P(terms("inbox.desk"), className="task-desk") if not it.mine else None,
        _steps(terms, zone, now, it),
        html.P("", className="said-note", hidden=True, role="alert"),
        *_buttons(terms, it),
    ]
    return html.Article(
        [part for part in parts if part is not None],
        className=f"task level-{it.level} task-{it.state}",
        **data(task=it.id),
    )


def _map(terms: Terms, it: DispatchRow, *, phone: bool) -> html.A:
    if phone:  # RFC 5870: the phone asks which of its maps is to open it
        return html.A(terms("inbox.map"), href=f"geo:{it.lat:.6f},{it.lon:.6f}", className="task-map")
    view = f"{it.lon:.5f},{it.lat:.5f},17"
    query = urlencode({"view": view, "lang": terms.language}, safe=",")
    return html.A(terms("inbox.map"), href=f"/command?{query}", className="task-map")


def _steps(terms: Terms, zone: ZoneInfo, now: datetime, it: DispatchRow) -> html.Ol:
    """What was done when; a refusal ends the row with its reason."""
    times = {
        "sent": it.sent_at,
        "delivered": it.delivered_at,
        "accepted": it.answered_at,
        "arrived": it.arrived_at,
        "done": it.done_at,
    }
    names = ("sent", "delivered", "refused") if it.state == "refused" else STEPS
    steps = []
    for name in names:
        at = it.answered_at if name == "refused" else times[name]
        inner = [html.I(), html.Span(terms(f"dispatch_state.{name}")), running_time.at(at, zone, now)]
        steps.append(html.Li(inner, className=f"{'reached' if at else 'to-come'} step-{name}"))
    why = [html.Li(it.why, className="step-why")] if it.why else []
    return html.Ol([*steps, *why], className="task-steps")


def _buttons(terms: Terms, it: DispatchRow) -> list[Component]:
    moves = open_dispatch_moves(it.state)
    parts: list[Component] = [
        html.Button(
            terms(f"inbox.{move}"),
            className="big big-main",
            **act("dispatch-answer", id=it.id, move=move),
            **data(press=move),
        )
        for move in moves
        if move != "refuse"
    ]
    if "refuse" not in moves:
        return parts
    form = f"refuse-{it.id}"
    unfold = html.Button(
        terms("inbox.refuse"),
        className="big",
        **act("unfold", what=form),
        **aria(expanded=False, controls=form),
        **data(press="refuse"),
    )
    ready = [
        html.Button(terms(f"inbox.why_{name}"), type="button", className="chip", **act("reason"))
        for name in REASONS
    ]
    why = html.Form(
        [
            html.Label([terms("inbox.refuse_why"), field("why", maxLength="500")]),
            html.Div(ready, className="chips"),
            html.Button(terms("inbox.refuse_send"), type="submit", className="big", **data(press="refuse-send")),
        ],
        id=form, className="unfolds", **act("dispatch-answer", id=it.id, move="refuse"), **data(open="no"),
    )  # fmt: skip
    return [*parts, unfold, why]
