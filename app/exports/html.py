"""A map in one file that needs no network: folium's, with Leaflet written into it and our own ground under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any

import shapely

from app.exports.base import Export
from app.exports.drawing import classes, colour
from app.exports.matter import Matter
from app.exports.words import HIDDEN, about, notes, title
from geodata.errors import Refused
from geodata.queries.base_map import base_map, outlines
from geodata.space.hexes import as_text, outline
from geodata.store.settings import CHECKOUT
from geodata.types import Bilingual

if TYPE_CHECKING:
    from folium import FeatureGroup, Map

VENDOR = CHECKOUT / "app" / "exports" / "vendor"
MOST_CELLS, PLACES = 20_000, 6
PICTURES = re.compile(r"[a-z-]+:\s*url\([^)]*\);?")
STYLE = """
html,body{margin:0;height:100%;font-family:"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;color:#1A2226}
.leaflet-container{background:#E9EBE8;font:inherit}
.card{position:fixed;z-index:900;background:#fffffff2;border-radius:6px;box-shadow:0 1px 6px #0003;padding:12px 14px}
.about{top:12px;left:12px;width:min(330px,calc(100vw - 24px));max-height:calc(100vh - 48px);overflow:auto;box-sizing:border-box}
.about h1{font-size:18px;margin:0 0 8px}.about summary{cursor:pointer;font-size:13px;color:#56626a}
.about dl{display:grid;grid-template-columns:auto 1fr;gap:3px 10px;font-size:13px;margin:8px 0}
.about dt{color:#6A757B}.about dd{margin:0}.about p{font-size:12px;color:#56626a;margin:6px 0}
.legend{right:12px;bottom:24px;font-size:13px}.legend b{font-weight:600;display:block;margin-bottom:4px}
.legend i{display:inline-block;width:18px;height:12px;margin-right:8px;vertical-align:-1px}
@media (max-width:640px){.about{max-height:45vh}}"""


def make(matter: Matter) -> bytes:
    """Hexagons and ranked areas with their figures; no address is ever asked."""
    import folium  # noqa: PLC0415 - half a second that no start should wait for
    from branca.element import Element  # noqa: PLC0415

    if len(matter.cells.cells) > MOST_CELLS:
        raise Refused(
            "There are too many hexagons for one file; ask for a coarser resolution or a smaller area."
        )
    ground = folium.Map(
        tiles=None, prefer_canvas=True, attributionControl=False, zoom_control="bottomleft", zoom_snap=0.25
    )
    ground.default_js, ground.default_css = [], []
    for group in _groups(matter):
        group.add_to(ground)
    folium.LayerControl(collapsed=False).add_to(ground)
    _look_at(ground, matter)
    root: Any = ground.get_root()
    root.title = title(matter)
    root.header.add_child(Element(f"<style>{_css()}{STYLE}</style><script>{_js()}</script>"), index=0)
    root.html.add_child(Element(_about(matter) + _legend(matter)))
    page = root.render()
    return (
        str(page)
        .replace("<html>", f'<html lang="{"en" if matter.language == "en" else "zh-CN"}">', 1)
        .encode()
    )


def _groups(matter: Matter) -> Iterator[FeatureGroup]:
    import folium  # noqa: PLC0415

    t = matter.terms
    under = folium.FeatureGroup(name=t("exports.ground_layer"), control=False)
    for shapes, look in _ground(matter):
        if shapes:
            folium.GeoJson(_features((shape, {}) for shape in shapes), style_function=_styled(look)).add_to(
                under
            )
    yield under
    areas = folium.FeatureGroup(name=t("exports.areas_layer"))
    look = {"color": "#3B4A54", "weight": 1.6, "fillOpacity": 0.0, "fill": True}
    labels = [t(f"exports.{name}") for name in ("name", "count", "count_before", "on_time")]
    _named(_areas(matter), look, labels).add_to(areas)
    yield areas
    cells = folium.FeatureGroup(name=t("exports.cells_layer"))
    for features, look in _cells(matter):
        _named(features, look, [t("exports.cell"), t("exports.count")]).add_to(cells)
    yield cells


def _ground(matter: Matter) -> Iterator[tuple[list[shapely.Geometry], dict[str, Any]]]:
    found = base_map(matter.c, matter.profile, matter.q.window.last, tolerance_deg=0.00005, all_roads=True)
    flat = {"stroke": False, "fillOpacity": 1.0, "interactive": False}
    yield found.land, flat | {"fillColor": colour("--map-land")}
    yield found.green, flat | {"fillColor": colour("--map-green")}
    yield found.water, flat | {"fillColor": colour("--map-water")}
    line = {"fill": False, "interactive": False, "color": colour("--map-road-main")}
    major = ("motorway", "trunk", "primary")
    yield [shape for kind, shape in found.roads if kind not in major], line | {"weight": 1.0}
    yield [shape for kind, shape in found.roads if kind in major], line | {"weight": 2.2}


def _cells(matter: Matter) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    found, cells = classes(matter.cells), matter.cells
    drawn = [
        (outline(int(cell)), as_text(int(cell)), int(count))
        for cell, count in zip(cells.cells, cells.counts, strict=True)
    ]
    looks = {
        n: {"stroke": False, "fillColor": fill, "fillOpacity": 0.78} for n, fill in enumerate(found.colours)
    }
    looks[-1] = {
        "color": "#8B959B",
        "weight": 0.6,
        "dashArray": "2 3",
        "fillColor": "#8B959B",
        "fillOpacity": 0.12,
    }
    for number, look in looks.items():
        mine = [one for one, of in zip(drawn, found.of, strict=True) if of == number]
        if mine:
            yield (
                _features(
                    (shape, {"a": cell, "b": HIDDEN if number < 0 else count}) for shape, cell, count in mine
                ),
                look,
            )


def _areas(matter: Matter) -> dict[str, Any]:
    shapes = outlines(matter.c, matter.profile, matter.level, matter.q.window.last, 0.00002)
    t = matter.terms
    return _features(
        (shapes[row.code], {
            "a": t.pick(row.name_zh, row.name_en), "b": _said(row.count, row.hidden),
            "c": _said(row.before, row.before_hidden),
            "d": HIDDEN if row.due is None else _rate(row.on_time_rate),
        })
        for row in matter.ranking.rows if row.code in shapes
    )  # fmt: skip


def _named(features: dict[str, Any], look: dict[str, Any], labels: list[str]) -> Any:
    import folium  # noqa: PLC0415

    if not features["features"]:
        return folium.FeatureGroup(control=False)
    tooltip = folium.GeoJsonTooltip(list("abcd")[: len(labels)], aliases=labels, sticky=True)
    return folium.GeoJson(features, style_function=_styled(look), tooltip=tooltip)


def _styled(look: dict[str, Any]) -> Any:
    return lambda _feature: look


def _features(shapes: Iterable[tuple[shapely.Geometry, dict[str, Any]]]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {key: _safe(value) for key, value in facts.items()},
             "geometry": _rounded(_mapping(shape))}
            for shape, facts in shapes
        ],
    }  # fmt: skip


def _mapping(shape: Any) -> Any:
    return shape.__geo_interface__


def _rounded(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: value if key == "type" else _rounded(value) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_rounded(one) for one in part]
    return round(part, PLACES)


def _look_at(ground: Map, matter: Matter) -> None:
    west, south, east, north = matter.profile.bbox
    ground.fit_bounds([[south, west], [north, east]])


def _about(matter: Matter) -> str:
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(said)}</dd>" for label, said in about(matter))
    told = "".join(f"<p>{escape(note)}</p>" for note in notes(matter))
    return (
        f'<div class="card about"><h1>{escape(title(matter))}</h1><details open><summary>{escape(matter.terms("exports.question"))}'
        f"</summary><dl>{rows}</dl>{told}</details></div>"
    )


def _legend(matter: Matter) -> str:
    found = classes(matter.cells)
    ends = [f"–{low - 1:,}" for low in found.lowest[1:]] + ["+"]
    rows = [
        f'<div><i style="background:{fill}"></i>{low:,}{"" if end == f"–{low:,}" else end}</div>'
        for fill, low, end in zip(found.colours, found.lowest, ends, strict=True)
    ]
    if (found.of < 0).any():
        rows.append(
            f'<div><i style="border:1px dashed #8B959B"></i>{escape(matter.terms("exports.legend_hidden"))}</div>'
        )
    return f'<div class="card legend"><b>{escape(matter.terms("exports.legend"))}</b>{"".join(rows)}</div>'


def _safe(value: str | int | None) -> str | int:
    """Text as it may stand in a tooltip, which Leaflet reads as HTML."""
    return escape(value) if isinstance(value, str) else "" if value is None else value


def _said(count: int | None, hidden: bool) -> str | int | None:
    return HIDDEN if hidden else count


def _rate(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.2%}"


def _css() -> str:
    """Leaflet's style without the pictures that it would look for beside the file."""
    return PICTURES.sub("", (VENDOR / "leaflet.css").read_text("utf-8"))


def _js() -> str:
    """Leaflet, without the line that names its source map."""
    return re.sub(r"//# sourceMappingURL=.*", "", (VENDOR / "leaflet.js").read_text("utf-8")).replace(
        "</script", "<\\/script"
    )


EXPORT = Export("html", Bilingual("离线地图（HTML）", "Offline map (HTML)"), "text/html; charset=utf-8", make)
