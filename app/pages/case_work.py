"""What people do in an incident: ticking the check-list, sending teams, writing notes, attaching pictures."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app.components import running_time
from app.components.actions import act, aria, data
from app.components.field import field
from app.components.sections import section
from app.terms import Terms
from geodata.commands.incident_book import ATTACHMENT_MOST_BYTES
from geodata.profile import Profile
from geodata.queries.incidents import Incident
from geodata.rules.incident_life import open_dispatch_moves


def checks(terms: Terms, profile: Profile, whole: Incident, now: datetime, *, may: bool) -> Component:
    """The plan's check-list, each item with its role, its limit and whether it is late."""
    if whole.plan is None:
        return section("case-checks", terms("case.checks"), html.P(terms("case.no_plan"), className="quiet"))
    done = {one.item: one for one in whole.checks if one.done}
    late = {one.item: one.late_min for one in whole.due if one.late_min}
    roles = {role.key: role.title.in_(terms.language) for role in whole.plan.roles}
    items = []
    for one in whole.plan.checklist:
        ticked = done.get(one.key)
        about = [
            roles.get(one.role or "", ""),
            terms("case.within", n=f"{one.within_min:g}") if one.within_min else "",
        ]
        marks: list[Component | str] = [html.Span(" · ".join(x for x in about if x), className="quiet")]
        if one.key in late:
            marks.append(html.Span(terms("case.late", n=f"{late[one.key]:.0f}"), className="late"))
        if ticked:
            marks.append(running_time.at(ticked.at, profile.zone, now))
        box = html.Button(
            [html.I(className="tick"), html.Span(one.title.in_(terms.language)), html.Span(marks, className="check-about")],
            role="checkbox", className="check", disabled=not may, **act("incident-check", item=one.key), **aria(checked=bool(ticked)),
        )  # fmt: skip
        items.append(html.Li(box, **data(key=f"check-{one.key}")))
    aside = f"{len(done)}/{len(whole.plan.checklist)} · {whole.plan.title.in_(terms.language)}"
    return section("case-checks", terms("case.checks"), html.Ul(items, className="case-checks"), aside)


def sent(terms: Terms, profile: Profile, whole: Incident, now: datetime, *, may: bool) -> Component:
    """The teams that were sent and where each stands."""
    if not whole.dispatches:
        return section("case-sent", terms("case.dispatched"), html.P(terms("case.nobody"), className="quiet"))
    items = []
    for one in whole.dispatches:
        at = one.done_at or one.arrived_at or one.answered_at or one.delivered_at or one.sent_at
        parts: list[Component] = [
            html.Strong(terms.pick(one.team, one.team_en)),
            html.Span(terms(f"dispatch_state.{one.state}"), className=f"tag dispatch-{one.state}"),
            running_time.at(at, profile.zone, now),
            html.Span(one.task, className="quiet"),
        ]
        if one.why:
            parts.append(html.Span(one.why, className="late"))
        if may:
            parts += [
                html.Button(terms(f"dispatch_move.{move}"), className="button plain-button",
                            **act("dispatch-answer", id=one.id, move=move), **data(press=f"dispatch-{move}"))
                for move in open_dispatch_moves(one.state) if move != "refuse"
            ]  # fmt: skip
        items.append(html.Li(parts, **data(key=f"dispatch-{one.id}")))
    return section(
        "case-sent",
        terms("case.dispatched"),
        html.Ul(items, className="case-sent"),
        str(len(whole.dispatches)),
    )


def notes(terms: Terms, profile: Profile, whole: Incident, now: datetime, *, may: bool) -> Component:
    """Notes, the newest last, and a field for the next."""
    lines: list[Component] = [
        html.Li([running_time.at(one.at, profile.zone, now), html.Span(f" {terms.either('role', one.by or '')} ", className="quiet"),
                 html.Span(one.body)], **data(key=f"note-{one.id}"))
        for one in whole.notes
    ]  # fmt: skip
    parts: list[Component] = [html.Ul(lines, className="case-notes")]
    if may:
        parts.append(html.Form(
            [html.Label([html.Span(terms("case.note"), className="unseen"),
                         html.Textarea("", name="body", rows="2", maxLength="4000", placeholder=terms("case.note"), required=True)]),
             html.Button(terms("case.keep"), type="submit", className="button", **data(press="note"))],
            className="case-note", **act("incident-note"),
        ))  # fmt: skip
    return section("case-notes", terms("case.notes"), parts, str(len(whole.notes)) if whole.notes else None)


def attachments(
    terms: Terms, profile: Profile, whole: Incident, now: datetime, *, may: bool
) -> Component | None:
    """Pictures and papers; pictures are shown."""
    if not whole.attachments and not may:
        return None
    items = []
    for one in whole.attachments:
        at = f"/api/incidents/{whole.row.id}/attachments/{one.id}"
        shown: Component = (
            html.Img(src=at, alt=one.name)
            if one.media_type.startswith("image/")
            else html.Span(one.media_type)
        )
        items.append(html.Li(html.A([shown, html.Span(one.name), running_time.at(one.at, profile.zone, now)], href=at, download=one.name),
                             **data(key=f"file-{one.id}")))  # fmt: skip
    parts: list[Component] = [html.Ul(items, className="case-files")]
    if may:
        parts.append(html.Form(
            [field("file", "file", required=False, multiple=True, accept="image/jpeg,image/png,application/pdf,text/plain", className="unseen"),
             html.Button(terms("case.attach"), type="button", className="button", **act("attach"))],
            **act("attachments", most_bytes=ATTACHMENT_MOST_BYTES),
        ))  # fmt: skip
    return section("case-files", terms("case.attach"), parts)
