"""The layer panel: every overlay grouped by what it is about, its legend inside the entry."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.icons import icon
from app.components.markup import markup
from app.map.legend import legend
from app.pages.state import PageState
from app.terms import Terms
from geodata.queries.sources import Cells, Classed, People, Raster, Shapes
from layers.base import Layer

GROUND_TABLES = ("roads", "ground_features", "places")
DEVICES = ("cameras", "sensors")
DEVICE_TABLES = ("coverage_gaps",)
AS_OF = {"tickets": "tickets", "cameras": "cameras", "sensors": "sensors", "areas": "areas", "crowd": "crowd",
         "coverage_gaps": "coverage"}  # fmt: skip
GROUPS = ("events", "devices", "bounds", "town", "ground")


def layer_panel(terms: Terms, layers: Sequence[Layer], state: PageState) -> html.Aside:
    """The panel with its groups in the order in which one asks for them."""
    groups = [(group, [layer for layer in layers if group_of(layer) == group]) for group in GROUPS]
    fold = html.Button(
        [icon("layers"), html.H2(terms("layers.title")), icon("back")], className="layers-head", **act("fold", what="layers"),
        **aria(label=terms("layers.fold")),
    )  # fmt: skip
    body = [_group(terms, group, members, state) for group, members in groups if members]
    inside = markup([fold, html.Div(body, className="layers-body")])
    return html.Aside(className="layers", **data(markup=inside), **aria(label=terms("layers.title")))


def group_of(layer: Layer) -> str:
    """Where an overlay is listed, read off its source, so that a new layer file needs nothing here."""
    source = layer.source
    table = getattr(source, "table", None)
    if layer.key in DEVICES or table in DEVICE_TABLES:
        return "devices"
    if isinstance(source, Shapes):
        return "bounds" if table == "areas" else "ground"
    if table in GROUND_TABLES:
        return "ground"
    if isinstance(source, Raster) or table == "heritage_objects":
        return "town"
    return "events"


def _table(layer: Layer) -> str:
    """The table an overlay is drawn from; hexagons are counted from tickets, or hold the people of a crowd feed."""
    if isinstance(layer.source, People):
        return "crowd"
    return getattr(layer.source, "table", "tickets" if isinstance(layer.source, Cells | Classed) else "")


def _group(terms: Terms, group: str, layers: Sequence[Layer], state: PageState) -> html.Div:
    entries = [
        _entry(terms, layer, layer.key in state.layers)
        for layer in sorted(layers, key=lambda each: each.order)
    ]
    return html.Div(
        [html.H3(terms(f"layers.{group}")), html.Ul(entries)], className=f"layer-group layer-group-{group}"
    )


def _entry(terms: Terms, layer: Layer, on: bool) -> html.Li:
    name = layer.title.in_(terms.language)
    as_of = html.Span(
        className="layer-as-of", title=terms("layers.as_of"), **data(as_of=AS_OF.get(_table(layer)))
    )
    failed = html.Span(terms("layers.failed"), className="layer-failed")
    stale = html.Span(className="layer-stale", **data(stale=terms("live_map.stale", since="{since}")))
    switch = html.Button(
        [html.Span(className="switch"), html.Span(name), failed, stale, as_of], className="layer-switch", **act("layer", key=layer.key),
        **aria(pressed=str(on).lower()),
    )  # fmt: skip
    parts: list[Component] = [switch, html.Div(legend(layer, terms.language), className="layer-legend")]
    return html.Li(parts, className="layer", **data(layer=layer.key))
