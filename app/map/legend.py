"""What the marks of a layer mean: one entry a class with its colour or shape, and the unit it is counted in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from dash import html

from app.map.words import CONDITIONS, GRADES, SENSOR_KINDS, STATES
from geodata.queries.sources import Cells, Classed, People, Raster, Shapes, Stretches
from geodata.types import LEVELS, Bilingual
from layers.base import Layer

Mark = Literal["ramp", "line", "area", "disc", "dot", "ring", "tick", "diamond", "shape", "level"]

ROAD_CLASSES = (
    ("--map-road-major", Bilingual("快速路、高架", "Expressways")),
    ("--map-road-main", Bilingual("主干路", "Main streets")),
    ("--map-road", Bilingual("次干路、支路", "Side streets")),
    ("--map-road-minor", Bilingual("街巷（近看）", "Lanes (near by)")),
)
CLUSTER = Bilingual("数字为此处合计", "A number counts all around it")
CLASSES = Bilingual("按分位数分级", "classed by quantile")
UNIT = Bilingual("单位：", "unit: ")
LOW, HIGH = Bilingual("少", "few"), Bilingual("多", "many")


@dataclass(frozen=True, slots=True)
class Entry:
    """A mark and what it stands for; `colours` are design tokens, several for a ramp from low to high."""

    mark: Mark
    colours: tuple[str, ...]
    text: Bilingual
    shape: str = ""


AT_LEVEL = (
    Entry("ring", ("--watch",), Bilingual("达到该处关注线", "at its place's watch line")),
    Entry("ring", ("--danger",), Bilingual("达到该处危险线", "at its place's danger line")),
)
SENSOR_STATES = ("notice", "watch", "warning", "danger", "silent")
FILLED_GRADES = ("world", "national")
BY_KEY: dict[str, tuple[Entry, ...]] = {
    "cameras": (
        Entry("disc", ("--map-cluster-edge",), CLUSTER),
        Entry("tick", ("--map-camera",), STATES["online"]),
        Entry("ring", ("--map-camera-off",), Bilingual("离线、失联、故障", "offline, silent, faulty")),
    ),
    "coverage": (Entry("area", ("--silent",), Bilingual("在线监控看不到", "no camera online sees it")),),
    "sensors": (
        *(Entry("shape", ("--map-camera",), word, f"legend-{kind}") for kind, word in SENSOR_KINDS.items()),
        *(Entry("dot", (f"--{state}",), STATES[state]) for state in SENSOR_STATES),
    ),
    "tickets": (
        Entry("disc", ("--map-ticket",), CLUSTER),
        Entry("dot", ("--map-ticket",), Bilingual("未办结", "open")),
        Entry("ring", ("--map-ticket",), Bilingual("已办结", "closed")),
    ),
    "heritage": (
        *(
            Entry("diamond", ("--map-heritage",), word, "" if grade in FILLED_GRADES else "legend-hollow")
            for grade, word in GRADES.items()
        ),
        Entry("dot", ("--danger",), CONDITIONS["poor"]),
    ),
    "alerts": tuple(Entry("level", (f"--{level}",), STATES[level], f"legend-{level}") for level in LEVELS),
    "roads": tuple(Entry("line", (colour,), word) for colour, word in ROAD_CLASSES),
    "water": (Entry("area", ("--map-water",), Bilingual("河、湖", "rivers, lakes")),),
    "greens": (Entry("area", ("--map-green",), Bilingual("公园、园林", "parks, gardens")),),
}


def entries(layer: Layer) -> list[Entry]:
    """The entries of a layer's legend, by what it is drawn from; a layer unknown here shows its palette."""
    if layer.key in BY_KEY:
        return list(BY_KEY[layer.key])
    if isinstance(layer.source, Classed) and layer.source.drawn == "cells":
        return _classes(layer, layer.source)
    if isinstance(layer.source, Cells | Raster | People | Classed):
        return [Entry("ramp", layer.palette, Bilingual(f"{LOW.zh}–{HIGH.zh}", f"{LOW.en}–{HIGH.en}"))]
    mark: Mark = "line" if isinstance(layer.source, Shapes | Stretches) else "dot"
    return [Entry(mark, layer.palette[:1] or ("--quiet",), layer.title)]


def _classes(layer: Layer, source: Classed) -> list[Entry]:
    """A class an entry, the strongest first, with the glyph that tells it without colour."""
    glyphs = source.glyphs or ("",) * len(source.labels)
    marks = zip(source.labels, layer.palette, glyphs, strict=True)
    told = [
        Entry("shape" if glyph else "area", (colour,), label, f"legend-{glyph}" if glyph else "")
        for number, (label, colour, glyph) in enumerate(marks)
        if number != source.neutral
    ]
    return told if source.glyphs else told[::-1]


def legend(
    layer: Layer, language: str, breaks: Iterable[int] | None = None, as_of: str | None = None
) -> html.Div:
    """A layer's legend as a block; heat limits fill in by themselves in the browser unless `breaks` are given."""
    rows = [_row(entry, language) for entry in entries(layer)]
    if isinstance(layer.source, Cells):
        rows = [_ramp(layer, language, list(breaks or []))]
    elif isinstance(layer.source, Raster):
        rows = [_raster(layer, layer.source, language)]
    elif isinstance(layer.source, Classed) and layer.source.drawn == "lines":
        rows = [_ends(layer, language)]
    elif isinstance(layer.source, People):
        rows = [_densities(layer, layer.source, language), *(_row(entry, language) for entry in AT_LEVEL)]
    plain = not isinstance(layer.source, Cells | Raster | People)
    foot = [(UNIT.in_(language) if plain else "") + layer.unit.in_(language)] if layer.unit else []
    if isinstance(layer.source, Cells):
        foot.append(CLASSES.in_(language))
    if as_of:
        foot.append(as_of)
    return html.Div(
        [*rows, html.P(" · ".join(foot), className="legend-foot") if foot else None], className="legend"
    )


def _row(entry: Entry, language: str) -> html.Div:
    colour = {"--mark": f"var({entry.colours[0]})"}
    mark = html.I(className=f"legend-mark legend-{entry.mark} {entry.shape}".strip(), style=colour)
    return html.Div([mark, html.Span(entry.text.in_(language))], className="legend-row")


def _ramp(layer: Layer, language: str, breaks: list[int]) -> html.Div:
    """Seven steps; the lowest count of each stands below it. The browser writes them when the heat is drawn."""
    steps = [html.I(style={"--mark": f"var({colour})"}) for colour in layer.palette]
    limits = [html.Span(f"{limit:,}") for limit in breaks]
    return html.Div(
        [html.Div(steps, className="legend-steps"), html.Div(limits, className="legend-limits")],
        className="legend-ramp", **_facts({"data-heat-legend": layer.key, "aria-label": layer.title.in_(language)}),
    )  # fmt: skip


def _densities(layer: Layer, source: People, language: str) -> html.Div:
    """Classes by meaning: the lowest density of each stands below it."""
    steps = [html.I(style={"--mark": f"var({colour})"}) for colour in layer.palette]
    limits = [html.Span(f"{limit:g}") for limit in source.breaks]
    return html.Div(
        [html.Div(steps, className="legend-steps"), html.Div(limits, className="legend-limits")],
        className="legend-ramp", **_facts({"aria-label": layer.title.in_(language)}),
    )  # fmt: skip


def _raster(layer: Layer, source: Raster, language: str) -> html.Div:
    steps = [html.I(style={"--mark": f"var({colour})"}) for colour in layer.palette]
    ends = [html.Span(f"{source.low:g}"), html.Span(f"≥ {source.high:g}")]
    return html.Div(
        [html.Div(steps, className="legend-steps"), html.Div(ends, className="legend-limits legend-ends")],
        className="legend-ramp", **_facts({"aria-label": layer.title.in_(language)}),
    )  # fmt: skip


def _ends(layer: Layer, language: str) -> html.Div:
    """Classes whose limits follow from the answer: only the ends are named."""
    steps = [html.I(style={"--mark": f"var({colour})"}) for colour in layer.palette]
    ends = [html.Span(LOW.in_(language)), html.Span(HIGH.in_(language))]
    return html.Div(
        [html.Div(steps, className="legend-steps"), html.Div(ends, className="legend-limits legend-ends")],
        className="legend-ramp", **_facts({"aria-label": layer.title.in_(language)}),
    )  # fmt: skip


def _facts(facts: dict[str, str]) -> dict[str, Any]:
    """Attributes whose names are no identifiers; the component's stubs know only those that are."""
    return facts
