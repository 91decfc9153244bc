"""The queue of alerts at the top right of the commander's map, and the list of open incidents in the bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app import alert_words
from app.components import running_time
from app.components.actions import act, aria, data
from app.components.field import field
from app.components.icons import icon
from app.components.levels import mark
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard
from geodata.queries.incidents import IncidentRow
from geodata.rules.alert_life import MOVERS, open_to_people

SHOWN_MOST = 8
QUIET_LEVELS = ("notice",)


def pieces(
    terms: Terms, profile: Profile, account: Account, cards: Sequence[AlertCard], incidents: Sequence[IncidentRow], *, now: datetime
) -> list[Component]:  # fmt: skip
    """What stands in the queue and in the bar's menu, each to be put where its id is."""
    waiting = [card for card in cards if card.state != "incident" and not card.muted]
    shown = waiting[:SHOWN_MOST]
    body: list[Component] = [_card(terms, profile, account, card, now) for card in shown]
    if len(waiting) > len(shown):
        body.append(html.P(terms("queue.more", n=len(waiting) - len(shown)), className="queue-more"))
    return [
        html.Div(body, **data(into="alert-queue-cards")),
        html.Div(_menu(terms, profile, incidents, now), **data(into="incident-menu")),
        html.Div(str(len(incidents)) if incidents else "", **data(into="incident-count")),
    ]


def _card(terms: Terms, profile: Profile, account: Account, card: AlertCard, now: datetime) -> html.Article:
    """A card with its buttons; what is taken already or is but a notice stands in two lines and opens the drawer."""
    short = card.state == "acknowledged" or card.level in QUIET_LEVELS
    said = f"{alert_words.level_word(terms, card.level)} {alert_words.title(terms, card)}"
    since = running_time.since(terms, profile.zone, card.raised_at, now)
    lines: list[Component | str] = [
        html.Span([mark(terms, card.level), *_tags(terms, card), since], className="alert-card-head"),
        html.Strong(alert_words.title(terms, card)),
    ]
    if not short:
        lines += [html.Span(alert_words.sentence(terms, card), className="alert-card-said"),
                  html.Span(place(terms, card.area_chain), className="alert-card-place")]  # fmt: skip
    opener = html.Button(
        lines, className="alert-card-open", **act("alert", id=card.id, lon=card.lon, lat=card.lat)
    )
    parts: list[Component] = [opener]
    if not short or card.state == "acknowledged":
        parts.append(_who(terms, profile, card, now))
    if not short:
        parts += moves(terms, account, card, "queue")
    return html.Article(
        [*parts, html.P("", className="said-note", hidden=True)],
        className=f"alert-card level-{card.level} alert-{card.state}{' short' if short else ''}",
        **data(key=f"alert-{card.id}", case=f"alert-{card.id}", said=said),
    )


def _tags(terms: Terms, card: AlertCard) -> list[Component]:
    tags: list[Component] = []
    if card.drill_id is not None:
        tags.append(html.Span(terms("queue.drill"), className="tag tag-drill"))
    if card.escalation:
        tags.append(html.Span(terms("queue.escalated", n=card.escalation), className="tag tag-up"))
    return tags


def place(terms: Terms, chain: Sequence[object]) -> str:
    """Sub-district › station › community › cell; the district itself goes without saying."""
    return " › ".join(terms.pick(area.name, area.name_en) for area in chain[1:])  # type: ignore[attr-defined]


def _who(terms: Terms, profile: Profile, card: AlertCard, now: datetime) -> html.P:
    if card.state == "acknowledged":
        return html.P(terms("alert_state.acknowledged"), className="alert-card-who taken")
    parts: list[Component | str] = [terms("queue.untaken")]
    if card.escalates_at is not None:
        before, _, after = terms("queue.escalates", n="|").partition("|")
        parts += [" · ", before, running_time.until(terms, profile.zone, card.escalates_at, now), after]
    return html.P(parts, className="alert-card-who")


def moves(terms: Terms, account: Account, card: AlertCard, where: str) -> list[Component]:
    """What may be done with an alert now: the next step as the plain button, the others beside it."""
    if account.role not in MOVERS:
        return []
    may = open_to_people(card.state)
    about = {"id": card.id, "revision": card.revision}
    buttons: list[Component] = []
    if "acknowledge" in may:
        buttons.append(html.Button(terms("queue.acknowledge"), className="button primary", **act("alert-move", move="acknowledge", **about),
                                   **data(press="acknowledge")))  # fmt: skip
    if "open_incident" in may:
        kind = "button" if "acknowledge" in may else "button primary"
        buttons.append(
            html.Button(
                terms("queue.incident"),
                className=kind,
                **act("alert-incident", **about),
                **data(press="open_incident"),
            )
        )
    forms: list[Component] = []
    for move in ("false_alarm", "deal"):
        if move in may and not (move == "deal" and "acknowledge" in may):
            key = f"{where}-{move}-{card.id}"
            buttons.append(html.Button(terms(f"queue.{move}"), className="button plain-button", **act("unfold", what=key),
                                       **aria(expanded="false"), **data(press=move)))  # fmt: skip
            forms.append(_reason(terms, card, move, key))
    return [html.Div(buttons, className="alert-card-moves"), *forms]


def _reason(terms: Terms, card: AlertCard, move: str, key: str) -> html.Form:
    ready = [html.Button(terms(f"queue.reason_{name}"), type="button", className="chip", **act("reason"))
             for name in (("sensor", "event", "data") if move == "false_alarm" else ())]  # fmt: skip
    label = terms("queue.why" if move == "false_alarm" else "queue.why_deal")
    return html.Form(
        [
            html.Label([label, field("why", maxLength="500")]),
            html.Div(ready, className="chips") if ready else None,
            html.Button(terms("queue.send" if move == "false_alarm" else "queue.send_deal"), type="submit", className="button"),
        ],
        id=key, className="unfolds", **act("alert-move", id=card.id, move=move, revision=card.revision), **data(open="no"),
    )  # fmt: skip


def _menu(terms: Terms, profile: Profile, incidents: Sequence[IncidentRow], now: datetime) -> list[Component]:
    if not incidents:
        return [html.P(terms("case.no_incidents"), className="quiet")]
    return [_row(terms, profile, one, now) for one in incidents]


def _row(terms: Terms, profile: Profile, one: IncidentRow, now: datetime) -> html.Button:
    about = {
        "id": one.id, "level": one.level, "lon": one.lon, "lat": one.lat, "state": one.state, "said": one.title,
        "drill": "yes" if one.drill_id is not None else "no",
    }  # fmt: skip
    return html.Button(
        [
            html.Span([mark(terms, one.level, word=False), html.Strong(one.title)]),
            html.Span([one.number, " · ", terms(f"incident_state.{one.state}"), " · ",
                       running_time.since(terms, profile.zone, one.opened_at, now)], className="quiet"),
        ],
        className="incident-row", **act("incident", **about), **data(key=f"incident-{one.id}", case=f"incident-{one.id}"),
    )  # fmt: skip


def queue(terms: Terms) -> list[Component]:
    """The empty queue and the place of the drawer, filled by the browser."""
    return [
        html.Section(
            html.Div(id="alert-queue-cards"),
            id="alert-queue", className="alert-queue", **aria(label=terms("queue.title")),
        ),
        html.Div(id="alert-said", className="unseen", role="status", **aria(live="assertive")),
    ]  # fmt: skip


def case_panel(terms: Terms) -> html.Aside:
    """The place of the drawer."""
    return html.Aside(
        id="case-panel", className="case-panel", tabIndex=-1, hidden=True, **aria(label=terms("case.panel"))
    )


def tools(terms: Terms, account: Account) -> list[Component]:
    """What stands in the bar: open incidents, and a new one at a point of the map."""
    head = html.Summary([icon("warning"), html.Span(terms("case.incidents"), className="wide-only"),
                         html.Span(id="incident-count", className="count")], **aria(label=terms("case.incidents")))  # fmt: skip
    menu = html.Details([head, html.Div(id="incident-menu", className="popover-body incident-menu")], className="popover popover-right",
                        id="incidents")  # fmt: skip
    if account.role not in MOVERS:
        return [menu]
    aim = html.Button([icon("target"), html.Span(terms("case.new"), className="wide-only")], id="incident-aim", className="plain",
                      title=terms("case.aim"), **act("incident-aim"), **aria(pressed="false", label=terms("case.new")))  # fmt: skip
    return [menu, aim]
