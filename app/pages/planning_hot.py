"""Where tickets gather: stretches of road, the same demand again and again, and what is more than chance."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.components import states
from app.components.actions import act, aria
from app.components.numbers import count, measure, percent
from app.components.sections import section
from app.components.times import short_clock
from app.pages import planning_answers as answers
from app.pages.planning_data import Ask
from app.pages.planning_overlay import class_words, classed, in_background, too_long
from app.pages.planning_roads import found_roads, road_filter, road_title, worst
from app.pages.planning_shapes import flat
from geodata.errors import BadArgument
from geodata.queries.hotspot_roads import HotspotRoads, RoadRow, left_out
from geodata.queries.repeated import Repeated, RepeatedRow, repeated as repeated_demand

ROADS_SHOWN, EVENTS_SHOWN = 12, 8


def roads(ask: Ask) -> Component:
    """The stretches that stand out, the worst first."""
    terms, found = ask.terms, found_roads(ask)
    rows = worst(found)
    if not rows:
        return section(
            "roads",
            terms("plan.roads"),
            states.empty(terms("plan.roads_none"), terms("plan.roads_none_hint")),
        )
    name = " · ".join(filter(None, (rows[0][1].name.in_(terms.language), road_title(ask, rows[0][0]))))
    said = html.P(terms("plan.roads_said", n=len(rows), name=name), className="plan-said")
    shown = rows[:ROADS_SHOWN]
    top = max(row.count for _, row in shown)
    listed = html.Ol(
        [html.Li(_road(ask, rank, of_kind, row, top=top)) for rank, (of_kind, row) in enumerate(shown, 1)],
        className="plan-list",
    )
    show = html.Button(terms("plan.on_map"), className="more", **act("plan-map", key="roads"))
    note = html.P(left_out(found).in_(terms.language), className="plan-note")
    body = [said, listed, show, note, in_background(terms, "hotspots_all")]
    return section("roads", terms("plan.roads"), body, terms("plan.roads_aside"))


def _road(ask: Ask, rank: int, of_kind: HotspotRoads, row: RoadRow, *, top: int) -> html.Button:
    terms, name = ask.terms, row.name.in_(ask.terms.language)
    facts = terms(
        "plan.road_more", area=terms.pick(row.area_name, row.area_name_en), length=count(row.length_m), per=measure(row.per_100m)
    )  # fmt: skip
    west, south, east, north = row.geometry.bounds
    about = act(
        "plan-road", filter=road_filter(of_kind, row), bbox=f"{west},{south},{east},{north}",
        line=" ".join(",".join(map(str, flat(part))) for part in getattr(row.geometry, "geoms", [row.geometry])),
    )  # fmt: skip
    more = " · ".join(filter(None, (road_title(ask, of_kind), facts)))
    inner = [
        html.Span(str(rank), className="plan-rank"),
        html.Span([html.Strong(name), html.Small(more)], className="plan-two"),
        html.Span(html.I(style={"width": f"{row.count / top * 100:.1f}%"}), className="plan-tiny"),
        html.Span(count(row.count), className="plan-n"),
    ]
    return html.Button(
        inner,
        className="plan-row",
        **about,
        **aria(label=terms("plan.open_row", name=name, n=count(row.count))),
    )


def found_repeated(ask: Ask) -> Repeated:
    """The repeated demands of the question."""
    return answers.remembered(ask, "repeated", lambda: repeated_demand(ask.c, ask.profile, ask.question))


def repeated(ask: Ask) -> Component:
    """The same matter at the same place in a short time."""
    terms, found = ask.terms, found_repeated(ask)
    if not found.rows:
        body = states.empty(terms("plan.repeated_none"), terms("plan.repeated_none_hint"))
        return section("repeated", terms("plan.repeated"), body)
    share = percent(found.in_events / found.located if found.located else None)
    said = html.P(
        terms("plan.repeated_said", n=len(found.rows), tickets=count(found.in_events), share=share),
        className="plan-said",
    )
    listed = html.Ol([html.Li(_event(ask, row)) for row in found.rows[:EVENTS_SHOWN]], className="plan-list")
    rest = len(found.rows) - EVENTS_SHOWN
    more = html.P(terms("plan.repeated_more", n=rest), className="plan-note") if rest > 0 else None
    return section(
        "repeated",
        terms("plan.repeated"),
        [said, listed, *([more] if more else [])],
        terms("plan.repeated_aside"),
    )


def _event(ask: Ask, row: RepeatedRow) -> html.Button:
    terms, zone = ask.terms, ask.profile.zone
    span = f"{short_clock(row.first_at, zone)} – {short_clock(row.last_at, zone)}"
    area = terms.pick(row.area_name or "", row.area_name_en)
    place = " · ".join(part for part in (row.place.in_(terms.language), area, span) if part)
    inner = [
        html.Span([html.Strong(row.category.in_(terms.language)), html.Small(place), html.Q(row.sentence)],
                  className="plan-two plan-event"),
        html.Span(count(row.count), className="plan-n"),
    ]  # fmt: skip
    about = act("plan-road", filter=f"event={row.key}", lon=row.lon, lat=row.lat)
    label = terms("plan.open_row", name=row.category.in_(terms.language), n=count(row.count))
    return html.Button(inner, className="plan-row", **about, **aria(label=label))


def chance(ask: Ask) -> Component:
    """What is more than chance, and how it has come about; each with its reading."""
    terms = ask.terms
    body: list[Component | None] = [
        html.H4([terms("plan_map.gi"), _show(ask, "gi")]),
        *class_words(ask, classed(ask, "gi")),
        html.H4([terms("plan_map.emerging"), _show(ask, "emerging")]),
    ]
    body += _emerging(ask)
    return section(
        "chance",
        terms("plan.chance"),
        [each for each in body if each is not None],
        terms("plan.chance_aside"),
    )


def _emerging(ask: Ask) -> list[Component | None]:
    if too_long(ask):
        return [in_background(ask.terms, "emerging")]
    try:
        return class_words(ask, classed(ask, "emerging"))
    except BadArgument:
        return [html.P(ask.terms("plan.emerging_short"), className="plan-note")]


def _show(ask: Ask, key: str) -> html.Button:
    return html.Button(ask.terms("plan.on_map"), className="more", **act("plan-map", key=key))
