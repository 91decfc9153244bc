"""What lies over the planner's map: cells and lines with their tones, a legend, and what it means in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria
from app.components.numbers import count, measure
from app.http.cell_counts import cells_of
from app.map.legend import legend as layer_legend
from app.pages import planning_answers as answers
from app.pages.planning_data import Ask
from app.pages.planning_roads import density, roads
from app.pages.planning_shapes import Drawn, cell_drawn, said
from app.pages.planning_state import AGAINST, MAP_LAYERS, MapLayer
from app.pages.planning_tones import TONES, Tone
from app.terms import Terms
from geodata.errors import BadArgument, NotFound
from geodata.queries.comparison import CellValues, Mode, comparison_cells
from geodata.queries.emerging import emerging, usual_step_days
from geodata.queries.heat import CellCounts
from geodata.queries.significance import CellClasses, significance
from geodata.rules.comparison import Scale, diverging_scale, rate_scale
from geodata.rules.suppression import applies, hide_cells
from geodata.types import Question
from layers import of

WIDE, NEAR = 9, 10  # H3 resolutions: for the district, and for a part of it
LONG_DAYS = 200  # beyond it the steps of emerging hot spots are a job of the worker


def overlay(ask: Ask, kind: str) -> Drawn:
    """One overlay: {cells, lines, html}; coordinates are longitude and latitude in turn, EPSG:4326."""
    if kind not in MAP_LAYERS:
        raise NotFound("There is no such layer on the planner's map.")
    return answers.remembered(ask, f"overlay {kind} {ask.against}", lambda: DRAWERS[kind](ask))


def _heat(ask: Ask) -> Drawn:
    layer = of(ask.profile)["ticket_heat"]
    body = [html.P(ask.terms("plan_map.heat_read")), layer_legend(layer, ask.terms.language)]
    return said(ask, "heat", body)


# ---- compared cells ----


def _compared(kind: MapLayer, mode: Mode) -> Callable[[Ask], Drawn]:
    def draw(ask: Ask) -> Drawn:
        resolution = NEAR if ask.question.areas or ask.question.shape else WIDE
        found = comparison_cells(
            ask.c,
            ask.profile,
            ask.question,
            mode,
            resolution,
            before=ask.before,
            rasters=ask.house.settings.rasters,
            counts=lambda asked: cells_of(ask.c, ask.house, asked, resolution),
        )
        if found.missing:
            return said(ask, kind, [html.P(found.missing.in_(ask.terms.language), className="plan-missing")])
        hidden = _hidden(ask, found, resolution)
        values = np.where(hidden, np.nan, found.values)
        scale = diverging_scale(values) if found.diverging else rate_scale(values)
        tones = _tones(scale)
        cells = list(_value_cells(ask, found, values, scale, tones))
        return said(
            ask, kind, _compared_words(ask, kind, found, scale, tones, hidden=int(hidden.sum())), cells
        )

    return draw


def _hidden(ask: Ask, found: CellValues, resolution: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if not applies(ask.role, resolution=resolution):
        return np.zeros(len(found.cells), np.bool_)
    hidden = hide_cells(found.counts)
    return hidden if found.before is None else hidden | hide_cells(found.before)


def _tones(scale: Scale) -> list[str]:
    """A token a class: differences about their middle, rates along the heat's ramp."""
    if scale.diverging:
        half = scale.classes // 2
        steps = {1: (4,), 3: (2, 4, 6), 5: (1, 3, 4, 5, 7), 7: (1, 2, 3, 4, 5, 6, 7)}
        return [f"diff-{step}" for step in steps.get(scale.classes, (1,) * half + (4,) + (7,) * half)]
    last = max(scale.classes - 1, 1)
    return [f"heat-{1 + round(at * 6 / last)}" for at in range(scale.classes)]


def _value_cells(
    ask: Ask, found: CellValues, values: np.ndarray[Any, np.dtype[np.float64]], scale: Scale, tones: Sequence[str]
) -> Iterator[Drawn]:  # fmt: skip
    for cell, value, at in zip(
        found.cells.tolist(), values.tolist(), scale.class_of(values).tolist(), strict=True
    ):
        if at < 0 or (scale.diverging and value == 0):
            continue
        sign = "+" if found.diverging and value > 0 else ""
        tip = f"{sign}{measure(value, 0 if found.diverging else 1)} {found.unit.in_(ask.terms.language)}"
        quiet = scale.diverging and at == scale.classes // 2
        yield cell_drawn(cell, Tone(tones[at], 0.25 if quiet else 0.72), tip)


def _compared_words(
    ask: Ask, kind: MapLayer, found: CellValues, scale: Scale, tones: Sequence[str], *, hidden: int
) -> list[Component | None]:  # fmt: skip
    terms = ask.terms
    if found.diverging:
        known = found.values[np.isfinite(found.values)]
        told = terms("plan_map.change_read", more=count((known > 0).sum()), fewer=count((known < 0).sum()))
    else:
        told = terms(f"plan_map.{kind}_read")
    note = html.P(terms("plan_map.hidden", n=count(hidden)), className="plan-note") if hidden else None
    unit = html.P(terms("plan_map.unit", unit=found.unit.in_(terms.language)), className="legend-foot")
    return [html.P(told), _ramp(scale, tones), unit, note]


def _ramp(scale: Scale, tones: Sequence[str]) -> html.Div:
    """Steps with the limit between two written where they meet."""
    steps = [html.I(style={"--mark": f"var(--{tone})"}) for tone in tones]
    limits = [html.Span(_limit(limit, signed=scale.diverging)) for limit in scale.limits]
    return html.Div(
        [html.Div(steps, className="legend-steps"), html.Div(limits, className="plan-limits")],
        className="plan-ramp",
        style={"--steps": len(steps)},
    )


def _limit(limit: float, *, signed: bool) -> str:
    text = f"{abs(limit):,.6g}"
    return ("−" if limit < 0 else "+") + text if signed else text


# ---- more than chance ----


def classed(ask: Ask, kind: MapLayer) -> CellClasses:
    """The classes of cells that the map and the panel beside it both show; cells are counted as the heat map's are."""
    rasters = ask.house.settings.rasters

    def counted(asked: Question, resolution: int) -> CellCounts:
        return cells_of(ask.c, ask.house, asked, resolution)

    if kind == "emerging":
        days = usual_step_days(ask.question.window.days)
        return answers.remembered(ask, kind, lambda: emerging(
            ask.c, ask.profile, ask.question, WIDE, step_days=days, rasters=rasters, counted=counted))  # fmt: skip
    if kind not in ("gi", "moran"):
        raise BadArgument("kind", "Only gi, moran and emerging have classes.")
    return answers.remembered(ask, f"{kind} {ask.against}", lambda: significance(
        ask.c, ask.profile, ask.question, NEAR, method=kind, exposure=ask.against, rasters=rasters,
        counted=counted))  # fmt: skip


def too_long(ask: Ask) -> bool:
    """Whether the steps of a window are so many that the worker should judge them."""
    return ask.question.window.days > LONG_DAYS


def in_background(terms: Terms, job: str) -> html.P:
    """What takes long is asked of the worker; one may leave and come back."""
    button = html.Button(terms(f"plan.job_{job}"), className="button", **act("plan-job-ask", kind=job))
    return html.P([terms("plan.job_why"), " ", button], className="plan-note plan-background")


def _classes(kind: MapLayer) -> Callable[[Ask], Drawn]:
    def draw(ask: Ask) -> Drawn:
        if kind == "emerging" and too_long(ask):
            return said(ask, kind, [in_background(ask.terms, "emerging")])
        found = classed(ask, kind)
        told = np.flatnonzero(found.classes != found.neutral)
        cells = [
            cell_drawn(
                int(found.cells[at]), TONES[found.keys[found.classes[at]]], _class_tip(ask, found, int(at))
            )
            for at in told.tolist()
        ]
        return said(
            ask, kind, [_against(ask) if kind != "emerging" else None, *class_words(ask, found)], cells
        )

    return draw


def _class_tip(ask: Ask, found: CellClasses, at: int) -> str:
    label = found.labels[found.classes[at]].in_(ask.terms.language)
    q = found.q[at]
    return f"{label} · q {q:.3f}" if np.isfinite(q) else label


def class_words(ask: Ask, found: CellClasses) -> list[Component | None]:
    """The reading, then each class that occurs with how many cells it has and what it means."""
    language = ask.terms.language
    order = (
        range(len(found.keys)) if found.neutral == 0 else reversed(range(len(found.keys)))
    )  # hot before cold
    rows = [
        _class_row(ask, found, at) for at in order if at != found.neutral and found.number_of(found.keys[at])
    ]
    listed = html.Ul(rows, className="plan-classes") if rows else None
    outside = (
        html.P(ask.terms("plan_map.outside", n=count(found.outside)), className="plan-note")
        if found.outside
        else None
    )
    return [html.P(found.reading.in_(language)), listed, outside]


def _class_row(ask: Ask, found: CellClasses, at: int) -> html.Li:
    language, tone = ask.terms.language, TONES[found.keys[at]]
    mark = html.I(className="plan-mark" + (" plan-mark-edge" if tone.edge else ""),
                  style={"--mark": f"var(--{tone.token})", "--strength": tone.strength})  # fmt: skip
    name = html.Span(
        [html.Strong(found.labels[at].in_(language)), html.Small(found.readings[at].in_(language))]
    )
    return html.Li([mark, name, html.Span(count(found.number_of(found.keys[at])), className="plan-class-n")])


def _against(ask: Ask) -> html.Div:
    """What tickets are held against; all other tickets only where a category is chosen."""
    may = [key for key in AGAINST if key != "tickets" or ask.question.categories]
    buttons = [
        html.Button(ask.terms(f"plan_against.{key}"), **act("plan-against", key=key),
                    **aria(pressed=str(key == ask.against).lower()))
        for key in may
    ]  # fmt: skip
    label = ask.terms("plan_against.title")
    return html.Div([html.Span(label), html.Div(buttons, className="segments", role="group", **aria(label=label))],
                    className="plan-against")  # fmt: skip


DRAWERS: dict[MapLayer, Callable[[Ask], Drawn]] = {
    "heat": _heat,
    "change": _compared("change", "before"),
    "per_km2": _compared("per_km2", "per_km2"),
    "per_1000": _compared("per_1000", "per_1000"),
    "gi": _classes("gi"),
    "moran": _classes("moran"),
    "emerging": _classes("emerging"),
    "roads": roads,
    "density": density,
}
