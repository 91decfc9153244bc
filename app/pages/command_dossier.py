"""The dossier of the chosen area: what is wrong, how bad, is it getting better, and the list behind every figure."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components import states
from app.components.actions import act, aria
from app.components.icons import icon
from app.components.markup import markup
from app.components.times import short_clock, span
from app.pages import dossier_sections as sections
from app.pages.dossier_data import Dossier, strip
from app.pages.dossier_figures import figures
from app.terms import Terms
from geodata.profile import Profile


def answer(terms: Terms, profile: Profile, it: Dossier) -> dict[str, Any]:
    """What one drill changes: the panel, the breadcrumb, the data's age, the time strip and the place itself."""
    place = {
        "area": it.area.code,
        "level": it.area.level,
        "chain": [area.code for area in it.chain],
        "bbox": list(it.bbox),
        "as_of": {key: short_clock(at, profile.zone) for key, at in it.summary.as_of.items() if at},
    }
    panels = {
        "dossier": markup(dossier(terms, profile, it)),
        "crumbs": markup(crumbs(terms, it)),
        "live": markup(_as_of(terms, profile, it)),
    }
    return {"panels": panels, "hours": strip(it, profile), "place": place}


def dossier(terms: Terms, profile: Profile, it: Dossier) -> list[Component | None]:
    """All parts of the panel."""
    now = it.summary.tickets
    if not any(it.summary.as_of[key] for key in ("tickets", "areas")):
        return [
            _place(terms, profile, it),
            states.empty(terms("dossier.no_data"), terms("dossier.no_data_hint")),
        ]
    head = [_place(terms, profile, it), figures(terms, it)]
    if not now.total:
        nothing = states.empty(terms("dossier.no_tickets"), terms("dossier.no_tickets_hint"))
        rest: list[Component | None] = [nothing, sections.below_section(terms, it)]
    else:
        rest = [
            sections.trend_section(terms, it),
            sections.below_section(terms, it),
            sections.by_category_section(terms, now),
            sections.by_state_section(terms, now),
            sections.by_source_section(terms, now),
        ]
    last = [
        sections.overdue_section(terms, profile, it),
        sections.devices_section(terms, it),
        sections.ground_section(terms, it),
    ]
    if it.stale:
        since = short_clock(it.summary.as_of["tickets"], profile.zone)
        return [head[0], states.stale(terms, since, html.Div([head[1], *rest, *last]))]
    return [*head, *rest, *last]


def crumbs(terms: Terms, it: Dossier) -> html.Ol:
    """The way down to the area; every step leads back up."""
    links: list[Component] = []
    if len(it.chain) > 1:
        up = html.Button(
            icon("back"),
            className="plain",
            title=terms("bar.up"),
            **act("back"),
            **aria(label=terms("bar.up")),
        )
        links.append(html.Li(up, className="crumb-up"))
    links += [
        html.Li(html.Button(terms.pick(area.name, area.name_en), **act("drill", code=area.code)))
        for area in it.chain[:-1]
    ]
    here = html.Span(terms.pick(it.area.name, it.area.name_en), **aria(current="location"))
    return html.Ol([*links, html.Li(here)])


def _as_of(terms: Terms, profile: Profile, it: Dossier) -> str:
    newest = it.summary.as_of["tickets"]
    return terms("bar.live", at=short_clock(newest, profile.zone)) if newest else terms("bar.live_none")


def _place(terms: Terms, profile: Profile, it: Dossier) -> html.Div:
    window = it.question.window
    title = [
        html.H2(terms.pick(it.area.name, it.area.name_en)),
        html.Span(_level(terms, profile, it.area.level), className="level"),
        html.Span(terms("brand.demo"), className="chip", title=terms("brand.demo_why")) if it.demo else None,
    ]
    said = [html.Span(span(window.first, window.last)), html.Span(it.area.code)]
    if it.question.hours:
        first, last = (short_clock(moment, profile.zone) for moment in it.question.hours)
        said[0] = html.Span(terms("dossier.hours_only", span=f"{first} – {last}"))
    return html.Div(
        [html.Div(title, className="place-line"), html.Div(said, className="place-more")], className="place"
    )


def _level(terms: Terms, profile: Profile, level: str) -> str:
    return profile.level(level).title.in_(terms.language)
