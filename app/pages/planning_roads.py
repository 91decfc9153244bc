"""Hotspot roads and the density along roads, as lines over the planner's map."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from dash import html
from dash.development.base_component import Component

from app.components.numbers import count, measure
from app.pages import planning_answers as answers
from app.pages.planning_data import Ask
from app.pages.planning_shapes import Drawn, flat, said
from geodata.queries.hotspot_roads import (
    HotspotRoads,
    RoadRow,
    hotspot_roads,
    hotspot_roads_by_category,
    left_out,
)
from geodata.queries.road_density import LineClasses, road_density
from geodata.rules.suppression import LEAST

PER_AREA, CATEGORIES_MOST, STRETCHES_MOST, TOP = 3, 40, 60, 5


def found_roads(ask: Ask) -> list[HotspotRoads]:
    """The stretches that the map and the panel show: of what is chosen together, or of each category where nothing is."""
    if ask.question.categories is None:
        return answers.remembered(
            ask,
            "roads",
            lambda: hotspot_roads_by_category(ask.c, ask.profile, ask.question, limit=CATEGORIES_MOST),
        )
    return answers.remembered(
        ask, "roads", lambda: [hotspot_roads(ask.c, ask.profile, ask.question, per_area=PER_AREA)]
    )


def worst(found: Sequence[HotspotRoads]) -> list[tuple[HotspotRoads, RoadRow]]:
    """All stretches, those first that exceed the background of their area most; small ones stay untold."""
    rows = [(one, row) for one in found for row in one.rows if row.count >= LEAST]
    return sorted(rows, key=lambda it: (it[1].expected - it[1].count, it[1].key))[:STRETCHES_MOST]


def road_filter(of: HotspotRoads, row: RoadRow) -> str:
    """The words of a list of a stretch's tickets."""
    return f"road={row.key}" + (f"&within={of.code}" if of.code else "")


def road_title(ask: Ask, of: HotspotRoads) -> str:
    """The category of a stretch, where several stand beside each other."""
    return of.title.in_(ask.terms.language) if of.code else ""


def roads(ask: Ask) -> Drawn:
    """The stretches as lines, the worst above the others."""
    found, language = found_roads(ask), ask.terms.language
    rows = worst(found)
    lines = []
    for rank, (of_kind, row) in reversed(list(enumerate(rows, 1))):
        told = (
            road_title(ask, of_kind),
            row.name.in_(language),
            ask.terms("plan.tickets", n=count(row.count)),
        )
        look = {"tone": "danger", "width": 6} if rank <= TOP else {"tone": "warning", "width": 4}
        look |= {
            "strength": 0.9,
            "halo": True,
            "list": road_filter(of_kind, row),
            "tip": " · ".join(filter(None, told)),
        }
        lines += [look | {"line": flat(line)} for line in shapely.get_parts(row.geometry)]
    body: list[Component | None] = [html.P(ask.terms("plan_map.roads_read", n=len(rows), top=TOP))]
    if len(found) == CATEGORIES_MOST:
        total = count(sum(one.total for one in found))
        body.append(
            html.P(ask.terms("plan_map.roads_most", n=len(found), total=total), className="plan-note")
        )
    if found:
        body.append(html.P(left_out(found).in_(language), className="plan-note"))
    return said(ask, "roads", body, lines=lines)


def density(ask: Ask) -> Drawn:
    """Lines in classes from few to many."""
    found: LineClasses = road_density(ask.c, ask.profile, ask.question)
    last = max(len(found.limits) - 1, 1)
    lines = [
        {"line": flat(part), "tone": f"heat-{1 + round(at * 6 / last)}", "width": 1.6 + at * 0.5, "strength": 0.92,
         "halo": False, "tip": ask.terms("plan_map.density_tip", n=measure(float(most)))}
        for line, most, at in zip(found.lines.tolist(), found.per_100m.tolist(), found.classes.tolist(), strict=True)
        for part in shapely.get_parts(line)
    ]  # fmt: skip
    steps = [
        html.I(style={"--mark": f"var(--heat-{1 + round(at * 6 / last)})"}) for at in range(len(found.limits))
    ]
    limits = [html.Span(f"{limit:.1f}") for limit in found.limits]
    ramp = html.Div([html.Div(steps, className="legend-steps"), html.Div(limits, className="legend-limits")])
    foot = html.P(ask.terms("plan_map.density_unit"), className="legend-foot")
    body = [html.P(found.reading.in_(ask.terms.language)), *([ramp, foot] if found.limits else [])]
    return said(ask, "density", body, lines=lines)
