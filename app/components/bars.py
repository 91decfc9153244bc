"""Named counts as bars, longest first, and one whole as parts of a single bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from app.components.actions import Deed, act, data
from app.components.figures import moved
from app.components.numbers import Change, count, percent


@dataclass(frozen=True, slots=True)
class Bar:
    """One named count; `about` is what the click is about."""

    label: str
    value: int
    change: Change | None = None
    do: Deed | None = None
    about: tuple[tuple[str, str], ...] = ()
    tone: str = ""
    hover: str | None = None
    always: bool = False  # can be pressed although it counts nothing


def bars(items: Sequence[Bar]) -> html.Ol:
    """A list of bars on one scale."""
    longest = max((bar.value for bar in items), default=0)
    return html.Ol([html.Li(_bar(bar, longest)) for bar in items], className="bars")


def parts(items: Sequence[Bar]) -> html.Div:
    """One bar cut into its parts, and the parts by name."""
    whole = sum(bar.value for bar in items)
    cuts = [
        html.Span(
            className=f"part tone-{bar.tone}",
            style={"flexGrow": bar.value},
            **data(tip=f"{bar.label} {count(bar.value)}"),
        )
        for bar in items
        if bar.value
    ]
    names = [html.Li(_part(bar, whole)) for bar in items]
    return html.Div(
        [html.Div(cuts, className="parts-bar"), html.Ul(names, className="parts-names")], className="parts"
    )


def _bar(bar: Bar, longest: int) -> Component:
    share = bar.value / longest if longest else 0
    inner = [
        html.Span(bar.label, className="bar-label", title=bar.hover or bar.label),
        html.Span(
            html.Span(className="bar-fill", style={"transform": f"scaleX({share:.4f})"}),
            className="bar-track",
        ),
        html.Span(count(bar.value), className="bar-value"),
        moved(bar.change) if bar.change else None,
    ]
    return _pressable(bar, inner, "bar-row")


def _part(bar: Bar, whole: int) -> Component:
    inner = [
        html.Span(className=f"key tone-{bar.tone}"),
        html.Span(bar.label, className="part-label"),
        html.Span(count(bar.value), className="part-value"),
        html.Span(percent(bar.value / whole if whole else None), className="part-share"),
    ]
    return _pressable(bar, inner, "part-row")


def _pressable(bar: Bar, inner: Sequence[Component | None], name: str) -> Component:
    if bar.do is None or (bar.value == 0 and not bar.always):
        return html.Div(list(inner), className=name)
    return html.Button(list(inner), className=name, **act(bar.do, **dict(bar.about)))
