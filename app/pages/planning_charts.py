"""The planner's charts: days beside the days compared with, and the week by hours; every mark opens its tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import dash_svg as svg
from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.numbers import count
from app.components.trend import nice_top
from app.terms import Terms
from geodata.queries.trend import Trend

WIDTH, HEIGHT, MOST_MARKS = 560.0, 132.0, 92
STEPS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One day, or several together: its first and last, what was counted, and what beside it; None is not known."""

    first: date
    last: date
    value: int | None
    before: int | None


def days_chart(terms: Terms, found: Trend, label: str, *, unfinished: bool) -> html.Div:
    """Two lines from zero on one scale: now, and quietly what it is compared with; gaps where nothing is known."""
    marks = together(found)
    top = nice_top(
        max([*(mark.value or 0 for mark in marks), *(mark.before or 0 for mark in marks)], default=0)
    )
    now, earlier = _runs([m.value for m in marks], top), _runs([m.before for m in marks], top)
    running = unfinished and len(marks) > 2 and marks[-1].value is not None
    solid = [run[:-1] if running and run is now[-1] else run for run in now]
    shapes: list[Component] = [
        *(svg.Path(d=f"M0 {HEIGHT * part:.0f}H{WIDTH:.0f}", className="trend-grid") for part in (0, 0.5)),
        svg.Path(d=f"M0 {HEIGHT}H{WIDTH:.0f}", className="trend-base"),
        *(svg.Path(d=_fill(run), className="trend-fill") for run in now if len(run) > 1),
        *(svg.Path(d=_line(run), className="trend-before") for run in earlier),
        *(svg.Path(d=_line(run), className="trend-now") for run in solid),
        svg.Path(d=_line(now[-1][-2:]) if running else "", className="trend-now trend-running"),
    ]
    drawing = svg.Svg(
        shapes, viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", preserveAspectRatio="none", className="trend-svg",
        **aria(hidden="true"),
    )  # fmt: skip
    scale = [
        html.Span(count(value), style={"top": f"{100 - value / top * 100:.1f}%"}) for value in (top / 2, top)
    ]
    hits = html.Div([_hit(terms, mark) for mark in marks], className="trend-hits", **data(roving="row"))
    plot = html.Div(
        [drawing, html.Div(scale, className="plan-scale"), hits], className="trend-plot plan-trend-plot"
    )
    return html.Div([plot, _axis(marks)], className="trend", role="group", **aria(label=label))


def together(found: Trend) -> list[Mark]:
    """Days as they are, or equally many together when there are too many to tell apart; an unknown day makes all unknown."""
    size = -(-len(found.days) // MOST_MARKS) or 1
    if size > 1:
        size = max(7, size)
    marks = []
    for at in range(0, len(found.days), size):
        days = found.days[at : at + size]
        marks.append(
            Mark(
                days[0],
                days[-1],
                _sum(found.counts[at : at + size]),
                _sum(found.before_counts[at : at + size]),
            )
        )
    whole = [mark for mark in marks if (mark.last - mark.first).days + 1 == size]
    return whole or marks


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _runs(values: Sequence[int | None], top: int) -> list[list[tuple[float, float]]]:
    """Spots of the drawing, cut where a value is not known."""
    step = WIDTH / max(len(values) - 1, 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((at * step, HEIGHT - value / top * HEIGHT))
    return [run for run in runs if run] or [[]]


def _line(run: Sequence[tuple[float, float]]) -> str:
    if len(run) == 1:
        return f"M{run[0][0] - 3:.1f} {run[0][1]:.1f}h6"
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) if run else ""


def _fill(run: Sequence[tuple[float, float]]) -> str:
    return f"{_line(run)}V{HEIGHT}H{run[0][0]:.1f}Z"


def _hit(terms: Terms, mark: Mark) -> Component:
    days = f"{mark.first:%m-%d}" if mark.first == mark.last else f"{mark.first:%m-%d} – {mark.last:%m-%d}"
    value = terms("plan.unknown") if mark.value is None else count(mark.value)
    beside = terms("plan.beside", n=count(mark.before)) if mark.before is not None else ""
    tip = data(tip=f"{days}  {value}\n{beside}".strip())
    if not mark.value:
        return html.Span(**tip)
    words = f"day={mark.first}" if mark.first == mark.last else f"day={mark.first}_{mark.last}"
    label = terms("plan.open_day", day=days, n=value)
    return html.Button(tabIndex=-1, **tip, **act("list", filter=words), **aria(label=label))


def _axis(marks: Sequence[Mark]) -> html.Div:
    if not marks:
        return html.Div(className="trend-axis")
    places = sorted({0, len(marks) // 4, len(marks) // 2, len(marks) * 3 // 4, len(marks) - 1})
    return html.Div([html.Span(f"{marks[at].first:%m-%d}") for at in places], className="trend-axis")


def week_chart(terms: Terms, found: Sequence[Sequence[int | None]]) -> html.Div:
    """Seven rows of twenty-four hours, darker where more came; the sums stand at the end of a row."""
    limits = class_limits([value for row in found for value in row if value])
    names = terms("time.weekdays").split(",")
    hours = html.Div(
        [html.Span()] + [html.Span(f"{hour}" if hour % 3 == 0 else "") for hour in range(24)] + [html.Span()],
        className="week-hours",
        **aria(hidden="true"),
    )
    rows = [_week_row(terms, day, names[day], row, limits) for day, row in enumerate(found)]
    return html.Div([hours, html.Div(rows, className="week-rows", **data(roving="grid")), _week_key(terms, limits)],
                    className="week")  # fmt: skip


def _week_row(
    terms: Terms, day: int, name: str, row: Sequence[int | None], limits: Sequence[int]
) -> html.Div:
    cells = [_slot(terms, (day, hour), name, value, limits) for hour, value in enumerate(row)]
    known = [value for value in row if value is not None]
    total = html.Span(count(sum(known)) if len(known) == len(row) else "", className="week-sum")
    return html.Div([html.Span(name, className="week-day"), *cells, total], className="week-row")


def _slot(
    terms: Terms, at: tuple[int, int], name: str, value: int | None, limits: Sequence[int]
) -> Component:
    day, hour = at
    said = terms("plan.few") if value is None else count(value)
    tip = f"{name} {hour:02d}:00–{hour + 1:02d}:00  {said}"
    step = 0 if not value else 1 + sum(value >= limit for limit in limits[1:])
    name_of = f"slot slot-{'few' if value is None else step}"
    if not value:
        return html.Span(className=name_of, **data(tip=tip))
    return html.Button(
        className=name_of, tabIndex=-1, **data(tip=tip), **act("list", filter=f"slot={day}-{hour}"),
        **aria(label=terms("plan.open_day", day=f"{name} {hour:02d}:00", n=said)),
    )  # fmt: skip


def class_limits(values: Sequence[int]) -> list[int]:
    """The lowest count of each of six classes that hold about equally many; fewer where counts repeat."""
    ordered = sorted(values)
    if not ordered:
        return []
    return sorted({ordered[len(ordered) * step // STEPS] for step in range(STEPS)})


def _week_key(terms: Terms, limits: Sequence[int]) -> html.Div:
    if not limits:
        return html.Div()
    ends = [*(limit - 1 for limit in limits[1:]), None]
    spans = [
        f"{low}" if low == high else f"{low}–{high}" if high else f"≥{low}"
        for low, high in zip(limits, ends, strict=True)
    ]
    marks = [html.Span([html.I(className=f"slot slot-{at}"), span]) for at, span in enumerate(spans, 1)]
    return html.Div([html.Span(terms("plan.week_unit")), *marks], className="week-key")


def gaps(values: Sequence[int | None]) -> int:
    """How many days nothing is known of."""
    return sum(value is None for value in values)
