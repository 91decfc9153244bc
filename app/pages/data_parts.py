"""Small parts of the data page: figures, progress, sizes, choices as rows to press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria
from app.components.field import field
from app.components.icons import icon
from app.components.numbers import count
from app.terms import Terms, all_terms
from geodata.refusals import in_language

METRES = ("moved",)
FORMATS = {"geojson": "GeoJSON", "topojson": "TopoJSON", "csv": "CSV", "excel": "Excel", "geopackage": "GeoPackage", "kml": "KML",
           "shapefile": "Shapefile", "flatgeobuf": "FlatGeobuf", "geoparquet": "GeoParquet", "dbase": "dBase", "geotiff": "GeoTIFF",
           "json_sequence": "GeoJSON"}  # fmt: skip


def size(bytes_: int) -> str:
    """A file's size for people."""
    for unit, step in (("GB", 2**30), ("MB", 2**20), ("KB", 2**10)):
        if bytes_ >= step:
            return f"{bytes_ / step:,.1f} {unit}"
    return f"{bytes_} B"


def keyed(key: object) -> dict[str, Any]:
    """The attribute by which a piece of the page is known again; another key makes it anew."""
    return {"data-key": str(key)}


def both(terms: Terms, word: Mapping[str, str] | None) -> str:
    """A word that came as {zh, en}."""
    return (word or {}).get(terms.language, "")


def figure(terms: Terms, key: str, value: float | str | None) -> html.Div:
    """One large figure with its word; what is zero and says nothing bad steps back."""
    text = value if isinstance(value, str) else count(value)
    quiet = " zero" if value in (0, "0") else ""
    return html.Div(
        [html.Strong(text), html.Span(terms.either("data_figure", key))],
        className=f"data-figure data-figure-{key}{quiet}",
    )


def figures(terms: Terms, rows: Mapping[str, Any], more: Mapping[str, Any]) -> html.Div:
    """What became, or would become, of the rows; then what else changes."""
    main = [figure(terms, key, rows.get(key) or 0) for key in ("new", "changed", "unchanged", "rejected")]
    main += [figure(terms, "repaired", rows["repaired"])] if rows.get("repaired") else []
    known = {key for key in all_terms() if key.startswith("data_figure.")}
    also = [
        figure(terms, key, f"{value:,.1f} m" if key in METRES else value)
        for key, value in more.items()
        if f"data_figure.{key}" in known and isinstance(value, int | float) and value
    ]
    return html.Div([*main, *also], className="data-figures")


def progress(
    terms: Terms, what: str, share: float | None, step: str, stop: html.Button | None = None
) -> html.Div:
    """A calm bar: how far it is, or only that it goes on; and what ends it."""
    shown = f"{(share or 0) * 100:.0f}"
    bar = html.Div(
        html.I(style={"width": f"{shown}%"} if share else None),
        className="data-bar" + ("" if share else " data-bar-open"),
        role="progressbar",
        **aria(valuemin=0, valuemax=100, **({"valuenow": shown} if share else {})),
    )
    return html.Div(
        [html.H2(terms(f"data.{what}")), html.P(terms(f"data.{what}_why"), className="quiet"), bar,
         html.P([html.Span(step), stop], className="data-bar-said tabular")],
        className="data-progress", role="status",
    )  # fmt: skip


def trouble(terms: Terms, sentence: str, more: str | None = None) -> html.Div:
    """What went wrong in one sentence, and what to do, in the reader's language where they are known in it."""
    said, then = (text and in_language(text, terms.language) for text in (sentence, more))
    return html.Div(
        [html.P([icon("warning"), html.Span(said)]), html.P(then, className="quiet") if then else None],
        className="data-trouble",
        role="alert",
    )


def option(name: str, value: str, title: Any, *, chosen: bool, note: Any = None) -> html.Label:
    """One of several things to choose, as a row to press."""
    mark = field(name, "radio", value=value, required=False, checked=chosen)
    words = html.Span([html.Strong(title), html.Small(note) if note else None])
    return html.Label([mark, words], className="data-option" + (" chosen" if chosen else ""))


def labelled(word: str, control: Component, *, note: str | None = None) -> html.Label:
    """A control under its word."""
    return html.Label(
        [html.Span([word, html.Small(note) if note else None]), control], className="data-label"
    )


def select(name: str, options: Sequence[tuple[str, str]], chosen: str | None, **about: Any) -> html.Select:
    """A choice from a list, the chosen one first shown."""
    listed = [html.Option(word, value=value, selected=value == (chosen or "")) for value, word in options]
    return html.Select(listed, name=name, **about)


def does(
    terms: Terms, primary: str | None, do: Any, *, back: bool = True, note: bool = True, ready: bool = True
) -> html.Div:
    """The buttons at the foot of a step."""
    parts: list[Component | None] = [
        html.P("", className="said-note", hidden=True, role="alert") if note else None,
        html.Button(primary, type="submit", className="button primary", disabled=not ready)
        if primary and do is None
        else None,
        html.Button(primary, type="button", className="button primary", **do) if primary and do else None,
        html.Button(terms("data.back"), type="button", className="plain", **act("data-back"))
        if back
        else None,
    ]
    return html.Div(parts, className="data-does")
