"""Sections of the administrator's page that are read: feeds, maintenance windows, duty, teams, webhooks, escalation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components import running_time, states
from app.components.actions import act, data
from app.components.field import field
from app.components.numbers import MISSING, count
from app.components.times import short_clock
from app.terms import Terms
from geodata.commands.maintenance import MaintenanceWindow
from geodata.commands.webhooks import KINDS, Webhook
from geodata.queries.duty import Duty
from geodata.queries.feeds import FeedState
from geodata.rules.verdicts import VERDICTS

HOURS = (1, 4, 12, 72)


def table(heads: Sequence[str], rows: Sequence[html.Tr], name: str = "") -> html.Table:
    """A table with a head."""
    head = html.Thead(html.Tr([html.Th(each) for each in heads]))
    return html.Table([head, html.Tbody(list(rows))], className=f"grid-table {name}")


def feeds(terms: Terms, zone: ZoneInfo, now: datetime, found: Sequence[FeedState]) -> Component:
    """Every feed with its state and what became of today's rows."""
    if not found:
        return states.empty(terms("admin.no_feeds"))
    heads = [terms(f"admin.{key}") for key in ("feed", "state", "interval", "last", "newest", "today")]
    return table(heads, [_feed(terms, zone, now, one) for one in found], "feeds")


def _feed(terms: Terms, zone: ZoneInfo, now: datetime, it: FeedState) -> html.Tr:
    name = [
        html.Strong(terms.pick(it.title, it.title_en)),
        html.Span(f"{it.key} · {terms(f'feed_kind.{it.kind}')}", className="quiet"),
    ]
    rows = [
        html.Span(
            [f"{terms(f'verdict.{verdict}')} ", html.B(count(it.counts[verdict]))],
            className=f"verdict verdict-{verdict}",
        )
        for verdict in VERDICTS
        if it.counts.get(verdict)
    ]
    state = html.Span(
        [html.Span(className=f"key tone-{'silent' if it.state == 'silent' else 'online' if it.state == 'live' else 'fault'}"),
         terms(f"feed_state.{it.state}")], className="badge"
    )  # fmt: skip
    cells = [
        html.Td(name, className="two-lines"),
        html.Td(state),
        html.Td(running_time.lasted(terms, it.interval_s), className="number"),
        html.Td(running_time.since(terms, zone, it.last_batch_at, now)),
        html.Td(running_time.at(it.last_at, zone, now)),
        html.Td(rows or MISSING, className="verdicts"),
    ]
    return html.Tr(cells, className=f"feed-{it.state}", **data(key=it.key))


def windows(
    terms: Terms, zone: ZoneInfo, now: datetime, found: Sequence[MaintenanceWindow], *, may: bool
) -> list[Component]:
    """What is muted until when and why, and a form to mute something."""
    rows = []
    for one in found:
        ended = one.ends_at <= now
        span = f"{short_clock(one.starts_at, zone)} – {short_clock(one.ends_at, zone)}"
        stop: Component | str = terms("admin.ended")
        if may and not ended:
            stop = html.Button(terms("admin.unmute"), className="button", **act("maintenance-end", id=one.id))
        cells = [
            html.Td(one.subject),
            html.Td(span),
            html.Td(one.why),
            html.Td(one.author or "", className="quiet"),
            html.Td(stop, className="does"),
        ]
        rows.append(html.Tr(cells, className="ended" if ended else "", **data(key=f"window-{one.id}")))
    heads = [
        terms("admin.causes"),
        f"{terms('admin.from')} – {terms('admin.to')}",
        terms("admin.work"),
        terms("admin.author"),
        "",
    ]
    parts: list[Component] = [
        table(heads, rows, "windows") if rows else states.empty(terms("admin.no_windows"))
    ]
    return [*parts, _mute(terms)] if may else parts


def _mute(terms: Terms) -> html.Form:
    spans = [html.Option(terms(f"admin.hours_{hours}"), value=str(hours)) for hours in HOURS]
    return html.Form(
        [
            html.Label(
                [
                    terms("admin.causes"),
                    field("subject", maxLength="120"),
                    html.Small(terms("admin.causes_hint")),
                ]
            ),
            html.Label([terms("admin.mute_for"), html.Select(spans, name="hours")]),
            html.Label([terms("admin.work"), field("why", maxLength="300")]),
            html.Button(terms("admin.mute"), type="submit", className="button primary"),
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        className="line-form",
        **act("maintenance"),
    )


def duty(terms: Terms, zone: ZoneInfo, found: Sequence[Duty], names: dict[str, str]) -> Component:
    """Who is on duty now, for what, until when."""
    if not found:
        return states.empty(terms("shift.nobody"))
    items = [
        html.Li(
            [
                html.Strong(
                    terms.pick(one.team, one.team_en) if one.team else terms.either("role", one.account or "")
                ),
                html.Span(terms.either("duty_role", one.role)),
                html.Span(
                    names.get(one.area_code, one.area_code) if one.area_code else terms("admin.whole"),
                    className="quiet",
                ),
                html.Span(terms("shift.until", at=short_clock(one.ends_at, zone)), className="quiet"),
            ]
        )
        for one in found
    ]
    return html.Ul(items, className="duty-list")


def webhooks(terms: Terms, found: Sequence[Webhook], *, may: bool) -> list[Component]:
    """Which other systems are told, what waits for them, and a form to add one."""
    items = []
    for one in found:
        stop = html.Button(terms("admin.hook_stop"), className="button", **act("hook-remove", id=one.id))
        given_up = (
            html.Span(terms("admin.given_up", n=one.given_up), className="late") if one.given_up else None
        )
        parts = [
            html.Strong(one.name), html.Span(one.url, className="quiet"),
            html.Span(" · ".join(one.kinds) or terms("admin.of_all")),
            html.Span(terms("admin.waiting", n=one.waiting), className="quiet"), given_up, stop if may else None,
        ]  # fmt: skip
        items.append(html.Li([part for part in parts if part is not None], **data(key=f"hook-{one.id}")))
    listed = html.Ul(items, className="duty-list") if items else states.empty(terms("admin.no_webhooks"))
    return [listed, _hook(terms)] if may else [listed]


def _hook(terms: Terms) -> html.Form:
    kinds = [
        html.Label(
            [field("kinds", "checkbox", required=False, value=kind), terms(f"hook_kind.{kind}")],
            className="choice",
        )
        for kind in KINDS
    ]
    return html.Form(
        [
            html.Label([terms("admin.hook_name"), field("name", maxLength="60")]),
            html.Label([terms("admin.hook_url"), field("url", "url", maxLength="500"), html.Small(terms("admin.hook_hint"))]),
            html.Fieldset([html.Legend(terms("admin.hook_kinds")), *kinds]),
            html.Button(terms("admin.hook_add"), type="submit", className="button primary", **data(press="hook-add")),
            html.P("", className="said-note", hidden=True, role="alert"),
            html.P("", className="secret-note", hidden=True, role="status", **data(text=terms("admin.hook_secret", key="{key}"))),
        ],
        className="line-form", **act("hook-add"), **data(key="hook-form", own="form"),
    )  # fmt: skip
