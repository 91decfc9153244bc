"""The duty roster and the times of escalation on the administrator's page: what holds, who changed it, and forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components import running_time, states
from app.components.actions import act, data
from app.components.admin_parts import table
from app.components.field import field
from app.components.levels import mark
from app.components.times import short_clock
from app.terms import Terms
from geodata.commands.duty_roster import ROLES
from geodata.queries.assignable import Post
from geodata.queries.duty import Duty, DutyChange
from geodata.queries.escalation import WaitSet
from geodata.queries.responsible import NearTeam
from geodata.rules.escalation import LONGEST_S, SHORTEST_S, STEPS
from geodata.types import LEVELS, Level

HOURS = (4, 8, 12, 24)
SOON, TEAMS_AHEAD = timedelta(hours=24), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Roster:
    """What the roster's section shows; `areas` are names by code, the district's own parts first."""

    shifts: Sequence[Duty]
    changes: Sequence[DutyChange]
    posts: Sequence[Post]
    teams: Sequence[NearTeam]
    areas: Mapping[str, str]


def roster(terms: Terms, zone: ZoneInfo, now: datetime, it: Roster, *, may: bool) -> list[Component]:
    """Shifts that run or come, a form for another, and who changed what."""
    people = [one for one in it.shifts if one.team is None]
    soon = [one for one in people if one.starts_at - now < SOON]
    teams = [one for one in it.shifts if one.team is not None and one.starts_at - now < TEAMS_AHEAD]
    parts: list[Component] = [_shifts(terms, zone, now, soon, it.areas, may=may)]
    if len(people) > len(soon):
        later = _shifts(terms, zone, now, people[len(soon) :], it.areas, may=may)
        head = html.Summary(terms("admin.later_shifts", n=len(people) - len(soon)))
        parts.append(html.Details([head, later], className="admin-history", **data(key="later-shifts")))
    if teams:  # dozens of them: folded, and only those that run or come next
        body = _shifts(terms, zone, now, teams, it.areas, may=may)
        head = html.Summary(terms("admin.team_shifts", n=len(teams)))
        parts.append(html.Details([head, body], className="admin-history", **data(key="team-shifts")))
    if may:
        parts.append(_form(terms, zone, now, it))
    if it.changes:
        parts.append(_history(terms, [_change(terms, zone, now, one, it.areas) for one in it.changes]))
    return parts


def _shifts(
    terms: Terms, zone: ZoneInfo, now: datetime, found: Sequence[Duty], areas: Mapping[str, str], *, may: bool
) -> Component:
    if not found:
        return states.empty(terms("shift.nobody"))
    heads = [terms("admin.duty_of"), terms("admin.duty_who"), terms("admin.area"),
             f"{terms('admin.from')} – {terms('admin.to')}", ""]  # fmt: skip
    return table(heads, [_shift(terms, zone, now, one, areas, may=may) for one in found], "shifts")


def _shift(
    terms: Terms, zone: ZoneInfo, now: datetime, it: Duty, areas: Mapping[str, str], *, may: bool
) -> html.Tr:
    runs = it.starts_at <= now
    off: Component | str = ""
    if may:
        off = html.Button(terms("admin.take_off"), className="button", **act("duty-remove", id=it.id))
    who = terms.pick(it.team, it.team_en) if it.team else terms.either("role", it.account or "")
    span = f"{short_clock(it.starts_at, zone)} – {short_clock(it.ends_at, zone)}"
    cells = [
        html.Td(
            [
                terms.either("duty_role", it.role),
                " ",
                html.Span(terms("admin.runs"), className="tag") if runs else None,
            ]
        ),
        html.Td(html.Strong(who)),
        html.Td(areas.get(it.area_code, it.area_code) if it.area_code else terms("admin.whole")),
        html.Td(span),
        html.Td(off, className="does"),
    ]
    return html.Tr(cells, **data(key=f"shift-{it.id}"))


def _form(terms: Terms, zone: ZoneInfo, now: datetime, it: Roster) -> html.Form:
    posts = [
        html.Option(f"{one.name} · {terms.either('role', one.role)}", value=f"account:{one.name}")
        for one in it.posts
    ]
    teams = [html.Option(terms.pick(one.name, one.name_en), value=f"team:{one.id}") for one in it.teams]
    who = [html.Optgroup(posts, label=terms("case.posts")), html.Optgroup(teams, label=terms("admin.team"))]
    areas = [
        html.Option(terms("admin.whole"), value=""),
        *(html.Option(name, value=code) for code, name in it.areas.items()),
    ]
    first = (now.astimezone(zone) + timedelta(hours=1)).replace(minute=0).strftime("%Y-%m-%dT%H:%M")
    roles = [html.Option(terms(f"duty_role.{role}"), value=role) for role in ROLES if role != "team"]
    spans = [html.Option(terms("admin.duty_hours", n=hours), value=str(hours)) for hours in HOURS]
    return html.Form(
        [
            html.Label([terms("admin.duty_who"), html.Select(who, name="who")]),
            html.Label([terms("admin.duty_of"), html.Select(roles, name="role")]),
            html.Label([terms("admin.area"), html.Select(areas, name="area")]),
            html.Label([terms("admin.from"), field("starts", "datetime-local", value=first)]),
            html.Label([terms("admin.lasts"), html.Select(spans, name="hours")]),
            html.Button(terms("admin.put_on"), type="submit", className="button primary", **data(press="duty-add")),
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        className="line-form", **act("duty-add"), **data(key="duty-form", own="form"),
    )  # fmt: skip


def _change(terms: Terms, zone: ZoneInfo, now: datetime, it: DutyChange, areas: Mapping[str, str]) -> html.Li:
    span = f"{short_clock(it.starts_at, zone)} – {short_clock(it.ends_at, zone)}"
    where = areas.get(it.area_code, it.area_code) if it.area_code else terms("admin.whole")
    said = terms(
        f"admin.duty_{it.move}", who=terms.either("role", it.who), role=terms.either("duty_role", it.role)
    )
    return html.Li(
        [running_time.at(it.at, zone, now), html.Span(terms.either("role", it.by or "")), html.Strong(said),
         html.Span(f"{where} · {span}", className="quiet")]
    )  # fmt: skip


def escalation(
    terms: Terms, zone: ZoneInfo, now: datetime, waits: Mapping[Level, float | None],
    told: Sequence[WaitSet], *, may: bool,
) -> list[Component]:  # fmt: skip
    """How long an alert waits at each level before it goes one up, a form to change it, and who did."""
    holds = {one.level: one for one in told if one.valid_to is None}
    lines = [_level(terms, zone, now, level, wait_s=waits[level], held=holds.get(level)) for level in LEVELS]
    heads = [terms("admin.level"), terms("admin.wait"), terms("admin.author"), terms("admin.why")]
    parts: list[Component] = [
        html.P(terms("admin.escalation_about"), className="quiet"),
        table(heads, lines, "escalation"),
    ]
    if may:
        parts.append(_wait_form(terms))
    if told:
        parts.append(_history(terms, [_wait_set(terms, zone, now, one) for one in told]))
    return parts


def _wait(terms: Terms, wait_s: float | None) -> str:
    return terms("admin.never") if wait_s is None else f"{running_time.lasted(terms, wait_s)} × {STEPS}"


def _level(
    terms: Terms, zone: ZoneInfo, now: datetime, level: Level, *, wait_s: float | None, held: WaitSet | None
) -> html.Tr:
    author: list[Component | str] = [terms("admin.shipped")]
    if held:
        author = [terms.either("role", held.author), " ", running_time.at(held.valid_from, zone, now)]
    cells = [
        html.Td(mark(terms, level)),
        html.Td(_wait(terms, wait_s), className="wait"),
        html.Td(author, className="quiet"),
        html.Td(held.why or "" if held else "", className="quiet"),
    ]
    return html.Tr(cells, **data(key=f"wait-{level}"))


def _wait_form(terms: Terms) -> html.Form:
    levels = [html.Option(terms(f"alert_level.{level}"), value=level) for level in LEVELS]
    least, most = SHORTEST_S / 60, LONGEST_S / 60
    return html.Form(
        [
            html.Label([terms("admin.level"), html.Select(levels, name="level")]),
            html.Label(
                [terms("admin.wait_min"), field("minutes", "number", required=False, min=f"{least:.3f}", max=f"{most:g}", step="any"),
                 html.Small(terms("admin.wait_hint"))]
            ),
            html.Label([terms("admin.why"), field("why", maxLength="300")]),
            html.Button(terms("admin.wait_set"), type="submit", className="button primary", **data(press="wait-set")),
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        className="line-form", **act("wait-set"), **data(key="wait-form", own="form"),
    )  # fmt: skip


def _wait_set(terms: Terms, zone: ZoneInfo, now: datetime, it: WaitSet) -> html.Li:
    return html.Li(
        [running_time.at(it.valid_from, zone, now), html.Span(terms.either("role", it.author)), mark(terms, it.level),
         html.Strong(_wait(terms, it.wait_s)), html.Span(it.why or "", className="quiet")]
    )  # fmt: skip


def _history(terms: Terms, lines: Sequence[html.Li]) -> html.Details:
    return html.Details(
        [html.Summary(f"{terms('admin.history')} {len(lines)}"), html.Ul(list(lines), className="duty-list")],
        className="admin-history",
    )
