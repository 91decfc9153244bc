"""A map on one sheet: hexagons over the ground, with title, question, legend, scale bar, north, source and date."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.ops import transform

from app.exports.base import Export
from app.exports.drawing import Classes, classes, colour
from app.exports.matter import Matter
from app.exports.words import about, notes, title
from geodata.queries.base_map import BaseMap, base_map
from geodata.rules.comparison import nice
from geodata.space.hexes import outlines
from geodata.types import Bilingual

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE_IN, DPI = (13.0, 10.0), 130
FONTS = ["Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "DejaVu Sans"]
ROAD_WIDTHS = {"motorway": 1.6, "trunk": 1.3, "primary": 1.0, "secondary": 0.6, "tertiary": 0.4}
WRAP = 24
SHOWN = ("place", "window", "before", "categories", "band", "as_of", "made_at", "source")
Geometries = list[shapely.Geometry]


def make(matter: Matter) -> bytes:
    """Drawn in the metric CRS of the district, so that the scale bar is true."""
    from matplotlib import rc_context  # noqa: PLC0415 - a second that no start should wait for
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context({"font.family": FONTS, "axes.unicode_minus": False}):
        figure = Figure(figsize=SIZE_IN, dpi=DPI, facecolor="white")
        axes = figure.add_axes((0.02, 0.03, 0.66, 0.88))
        found = classes(matter.cells)
        _ground(axes, matter)
        _cells(axes, matter, found)
        _frame(axes, matter)
        _words(figure, matter)
        _legend(figure, matter, found)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Title": title(matter), "Description": "\n".join(
            [*(f"{label}: {said}" for label, said in about(matter)), *notes(matter)])})  # fmt: skip
    return buffer.getvalue()


def _ground(axes: Axes, matter: Matter) -> None:
    ground: BaseMap = base_map(matter.c, matter.profile, matter.q.window.last, all_roads=True)
    turn = _turner(matter)
    for shapes, fill, edge in (
        (ground.land, "--map-land", "--map-land-edge"), (ground.green, "--map-green", None),
        (ground.water, "--map-water", None),
    ):  # fmt: skip
        _fill(axes, turn(shapes), colour(fill), colour(edge) if edge else None)
    for kind, width in ROAD_WIDTHS.items():
        _lines(
            axes,
            turn([line for name, line in ground.roads if name == kind]),
            colour("--map-road-main"),
            width,
            3,
        )
    _lines(axes, [shape.boundary for shape in turn(ground.borders)], colour("--map-land-edge"), 0.9, 5)
    west, south, east, north = shapely.total_bounds(turn(ground.land)) if ground.land else (0, 0, 1, 1)
    margin = max(east - west, north - south) * 0.04
    axes.set_xlim(west - margin, east + 1.5 * margin)
    axes.set_ylim(south - 2 * margin, north + margin)  # the scale bar stands below the ground


def _cells(axes: Axes, matter: Matter, found: Classes) -> None:
    shapes = np.array(_turner(matter)(list(outlines(matter.cells.cells))), object)
    for number, fill in enumerate(found.colours):
        _fill(axes, list(shapes[found.of == number]), fill, None, alpha=0.82, order=4)
    _fill(axes, list(shapes[found.of < 0]), "none", "#9AA3A8", order=4, hatch="....")


def _frame(axes: Axes, matter: Matter) -> None:
    """No ticks; a scale bar, and north, which is up: the meridians of a metric CRS lean less than a degree."""
    axes.set_aspect("equal")
    axes.set_axis_off()
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    length_m = nice((east - west) / 5)
    x, y = west + (east - west) * 0.04, south + (north - south) * 0.02
    axes.plot([x, x + length_m / 2], [y, y], color="#222", lw=5, solid_capstyle="butt", zorder=9)
    axes.plot([x + length_m / 2, x + length_m], [y, y], color="#BBB", lw=5, solid_capstyle="butt", zorder=9)
    axes.text(
        x + length_m,
        y,
        "  " + matter.terms("exports.scale_km", n=f"{length_m / 1000:g}"),
        va="center",
        fontsize=10,
    )
    at = (west + (east - west) * 0.98, south + (north - south) * 0.95)
    axes.annotate("", at, (at[0], at[1] - (north - south) * 0.06),
                  arrowprops={"arrowstyle": "-|>", "color": "#222", "lw": 1.6}, zorder=9)  # fmt: skip
    axes.text(at[0], at[1] + (north - south) * 0.005, matter.terms("exports.north"), ha="center", fontsize=11)


def _words(figure: Figure, matter: Matter) -> None:
    t = matter.terms
    figure.text(0.03, 0.945, title(matter), fontsize=20, weight="bold", color="#1A2226")
    shown = {t(f"exports.{key}") for key in SHOWN}
    y = 0.90
    for label, said in about(matter):
        if label not in shown:
            continue
        lines = wrapped(said, matter.language)
        figure.text(0.70, y, label, fontsize=9.5, color="#6A757B", va="top")
        figure.text(
            0.70, y - 0.02, "\n".join(lines), fontsize=11, color="#1A2226", va="top", linespacing=1.35
        )
        y -= 0.033 + 0.0225 * len(lines)
    small = [
        line for note in (notes(matter)[0], notes(matter)[-1]) for line in wrapped(note, matter.language)
    ]
    figure.text(0.70, 0.035, "\n".join(small), fontsize=8.5, color="#6A757B", va="bottom", linespacing=1.4)


def _legend(figure: Figure, matter: Matter, found: Classes) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415

    ends = [f"–{low - 1:,}" for low in found.lowest[1:]] + ["+"]
    marks: list[Any] = [
        Patch(facecolor=fill, edgecolor="none", label=f"{low:,}" if end == f"–{low:,}" else f"{low:,}{end}")
        for fill, low, end in zip(found.colours, found.lowest, ends, strict=True)
    ]
    if (found.of < 0).any():
        label = matter.terms("exports.legend_hidden")
        marks.append(Patch(facecolor="none", edgecolor="#9AA3A8", hatch="....", label=label))
    legend = figure.legend(handles=marks, title=matter.terms("exports.legend"), loc="lower left", fontsize=10,
                           bbox_to_anchor=(0.69, 0.19), frameon=False, title_fontsize=11, ncols=2)  # fmt: skip
    legend.set_alignment("left")


def wrapped(said: str, language: str) -> list[str]:
    """Lines that fit beside the map: Chinese breaks anywhere, English between words."""
    from textwrap import wrap  # noqa: PLC0415

    if language == "en":
        return wrap(said, int(WRAP * 1.7)) or [""]
    return [said[at : at + WRAP] for at in range(0, len(said), WRAP)] or [""]


def _turner(matter: Matter) -> Any:
    metric = Transformer.from_crs("EPSG:4326", f"EPSG:{matter.profile.metric_srid}", always_xy=True).transform

    def turn(shapes: Geometries) -> Geometries:
        return [transform(metric, shape) for shape in shapes]

    return turn


def _fill(
    axes: Axes, shapes: Geometries, fill: str, edge: str | None, *, alpha: float = 1.0, order: int = 1, hatch: str | None = None
) -> None:  # fmt: skip
    """Polygons with their holes, as one patch."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    rings = [
        ring for shape in shapes for part in _polygons(shape) for ring in (part.exterior, *part.interiors)
    ]
    if not rings:
        return
    path = Path.make_compound_path(*(Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in rings))
    axes.add_patch(
        PathPatch(
            path, facecolor=fill, edgecolor=edge or "none", lw=0.5, alpha=alpha, zorder=order, hatch=hatch
        )
    )


def _lines(axes: Axes, shapes: Geometries, stroke: str, width: float, order: int) -> None:
    from matplotlib.collections import LineCollection  # noqa: PLC0415

    parts = [
        np.asarray(line.coords)[:, :2]
        for shape in shapes
        for line in shapely.get_parts(shape)
        if not line.is_empty
    ]
    axes.add_collection(LineCollection(parts, colors=stroke, linewidths=width, zorder=order))


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]


EXPORT = Export("png", Bilingual("地图图片（PNG）", "Map picture (PNG)"), "image/png", make)
