"""Counts a day as a line over the period before, small enough to stand in a panel and be read in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import dash_svg as svg
from dash import html
from dash.development.base_component import Component

from app.components.actions import aria, data
from app.components.numbers import count

WIDTH, HEIGHT, MOST_POINTS = 380.0, 84.0, 62


@dataclass(frozen=True, slots=True)
class Point:
    """A day, or the first of several, with what was counted from there to the next."""

    day: date
    value: int


def trend(
    now: Sequence[tuple[date, int]],
    before: Sequence[tuple[date, int]],
    label: str,
    *,
    unfinished: bool = False,
) -> html.Div:
    """The line of a period over the quiet one of the period before, both from zero on one scale.

    `unfinished` says that the last day is still running; the line to it is broken, so that it is not read as a fall.
    """
    mine, theirs = thinned(now), thinned(before)
    top = nice_top(max([point.value for point in (*mine, *theirs)], default=0))
    spots = _spots([point.value for point in mine], top)
    done = spots[:-1] if unfinished and len(spots) > 2 else spots
    line = _line(done)
    shapes: list[Component] = [
        svg.Path(d=f"M0 {HEIGHT}H{WIDTH:.0f}", className="trend-base"),
        svg.Path(d=f"M0 {HEIGHT / 2}H{WIDTH:.0f}", className="trend-grid"),
        svg.Path(
            d=_line(_spots([point.value for point in theirs], top, len(mine))), className="trend-before"
        ),
        svg.Path(d=f"{line}V{HEIGHT}H0Z" if line else "", className="trend-fill"),
        svg.Path(d=_line(spots[-2:]) if done is not spots else "", className="trend-now trend-running"),
        svg.Path(d=line, className="trend-now"),
    ]
    drawing = svg.Svg(
        shapes,
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        preserveAspectRatio="none",
        className="trend-svg",
        **aria(hidden="true"),
    )
    plot = html.Div(
        [html.Span(count(top), className="trend-top"), drawing, _hits(mine)], className="trend-plot"
    )
    return html.Div([plot, _axis(mine)], className="trend", role="img", **aria(label=label))


def thinned(days: Sequence[tuple[date, int]]) -> list[Point]:
    """Days as they are, or sums of equally many days when there are too many to tell apart."""
    size = -(-len(days) // MOST_POINTS) or 1
    groups = [days[at : at + size] for at in range(0, len(days), size)]
    return [
        Point(group[0][0], sum(value for _, value in group))
        for group in groups
        if len(group) == size or len(groups) == 1
    ]


def nice_top(most: int) -> int:
    """The next round number above, so that the scale can be read."""
    if most <= 5:
        return 5
    size = 10 ** (len(str(most)) - 1)
    return next(int(size * step) for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * step >= most)


def _spots(values: Sequence[int], top: int, length: int | None = None) -> list[str]:
    """Where values stand in the drawing, over as many steps as `length` has."""
    step = WIDTH / max((length or len(values)) - 1, 1)
    return [
        f"{at * step:.1f} {HEIGHT - value / top * HEIGHT:.1f}" for at, value in enumerate(values[:length])
    ]


def _line(spots: Sequence[str]) -> str:
    if len(spots) == 1:
        return f"M{spots[0]}H{WIDTH:.0f}"
    return "M" + "L".join(spots) if spots else ""


def _hits(points: Sequence[Point]) -> html.Div:
    spots = [html.Span(**data(tip=f"{point.day:%m-%d}  {count(point.value)}")) for point in points]
    return html.Div(spots, className="trend-hits")


def _axis(points: Sequence[Point]) -> html.Div:
    if not points:
        return html.Div(className="trend-axis")
    marks = sorted({0, len(points) // 2, len(points) - 1})
    return html.Div([html.Span(f"{points[at].day:%m-%d}") for at in marks], className="trend-axis")
