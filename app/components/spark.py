"""A week of readings as one line with the level that was crossed, if any is in reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import dash_svg as svg
from dash import html
from dash.development.base_component import Component

from app.components.actions import aria

WIDTH, HEIGHT, MOST_POINTS = 320.0, 48.0, 320


def spark(readings: Sequence[tuple[datetime, float]], levels: Sequence[tuple[str, float]]) -> html.Div:
    """Readings oldest first; a level is drawn where it lies within half their range of them."""
    kept = readings[:: max(1, len(readings) // MOST_POINTS)]
    values = [value for _, value in kept]
    low, high = min(values), max(values)
    reach = (high - low) or abs(high) * 0.1 or 1.0
    near = [(name, at) for name, at in levels if low - reach / 2 <= at <= high + reach / 2]
    low, high = min([low, *(at for _, at in near)]), max([high, *(at for _, at in near)])
    scale = (high - low) or 1.0

    def y(value: float) -> float:
        return HEIGHT - 2 - (value - low) / scale * (HEIGHT - 4)

    lines: list[Component] = [
        svg.Path(d=f"M0 {y(at):.1f}H{WIDTH:.0f}", className=f"spark-level spark-{name}") for name, at in near
    ]
    lines.append(svg.Path(d=_line(kept, y), className="trend-now"))
    drawing = svg.Svg(
        lines,
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
        preserveAspectRatio="none",
        className="trend-svg",
        **aria(hidden="true"),
    )
    ends = html.Div(
        [html.Span(f"{kept[0][0]:%m-%d}"), html.Span(f"{kept[-1][0]:%m-%d}")], className="trend-axis"
    )
    return html.Div([html.Div(drawing, className="trend-plot spark"), ends])


def _line(readings: Sequence[tuple[datetime, float]], y: Callable[[float], float]) -> str:
    start, end = readings[0][0], readings[-1][0]
    whole = (end - start).total_seconds() or 1.0
    spots = [f"{(at - start).total_seconds() / whole * WIDTH:.1f} {y(value):.1f}" for at, value in readings]
    return "M" + "L".join(spots)
