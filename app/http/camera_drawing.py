"""The picture of a demo camera: the streets, water and greens of the map as they would stand before it, and marked so.

It is a drawing and says it is one; nobody shall take it for a photograph.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape

import numpy as np
import shapely
from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.camera_scene import Scene, Thing, scene
from geodata.space.perspective import HORIZON, NEAR_M, Eye
from geodata.space.sight import USUAL_FIELD_DEG, USUAL_RANGE_M, convergence_deg
from geodata.types import Bilingual

WIDTH, HEIGHT = 640, 360
LEAST_FIELD_DEG, MOST_FIELD_DEG, ALL_ROUND_FIELD_DEG = 36.0, 100.0, 90.0
TURN_DEG_PER_S = 6.0  # a camera that looks all round is drawn turning
DEMO = Bilingual("演示画面 · 按地图绘制", "DEMO PICTURE drawn from the map")
ORDER = ("green", "water", "road", "place")
SKY, GROUND, EDGE, TEXT, MARK = "#0b1520", "#16212c", "#5d7488", "#d5e2ee", "#f0b35a"
FILLS = {"green": "#1d3a2d", "water": "#1c4763", "road": "#33414f"}
MAIN = "#46566a"
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary")
DISTANCES_M = (10, 20, 40, 80, 160)
MOST_NAMES = 7


def drawing(c: Connection, profile: Profile, code: str, now: datetime) -> str:
    """The picture of a camera at a moment, as SVG of 640 × 360."""
    reach_m = 420.0
    found = scene(c, profile, code, reach_m)
    it = found.camera
    turn = convergence_deg(it.lon, it.lat, profile.metric_srid)
    round_about = it.heading_deg is None
    heading = (now.timestamp() * TURN_DEG_PER_S) % 360 if it.heading_deg is None else it.heading_deg
    field = ALL_ROUND_FIELD_DEG if round_about else it.field_of_view_deg or USUAL_FIELD_DEG
    far = min(max(2.5 * (it.range_m or USUAL_RANGE_M), 150.0), reach_m)
    shown = min(max(field, LEAST_FIELD_DEG), MOST_FIELD_DEG)
    eye = Eye(found.x, found.y, heading - turn, shown, far, WIDTH, HEIGHT)
    body = [*_ground(found, eye), *_distances(eye, it.range_m), *_names(found, eye)]
    return _framed(body, it.name, code, heading, now.astimezone(profile.zone))


def _ground(found: Scene, eye: Eye) -> Iterator[str]:
    limits = eye.ground()
    shapely.prepare(limits)
    for thing in sorted(found.things, key=lambda one: (ORDER.index(one.theme), one.kind in MAIN_ROADS)):
        if thing.theme == "place":
            continue
        seen = shapely.intersection(shapely.transform(thing.shape, eye.before), limits)
        path = "".join(_ring(eye, part) for part in shapely.get_parts(seen) if part.geom_type == "Polygon")
        if path:
            fill = MAIN if thing.kind in MAIN_ROADS else FILLS[thing.theme]
            line = f' stroke="{EDGE}" stroke-width=".7" stroke-opacity=".7"' if thing.theme == "road" else ""
            yield f'<path d="{path}" fill="{fill}" fill-rule="evenodd"{line}/>'


def _ring(eye: Eye, polygon: shapely.Polygon) -> str:
    rings = [polygon.exterior, *polygon.interiors]
    return "".join(f"M{_points(eye.pixels(np.asarray(ring.coords)))}z" for ring in rings)


def _points(pixels: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)


def _distances(eye: Eye, range_m: float | None) -> Iterator[str]:
    """Lines across at known distances, dashed where the camera's range ends."""
    for metres in (*DISTANCES_M, *([range_m] if range_m else [])):
        if not NEAR_M < metres < eye.far_m:
            continue
        (left, y), (right, _) = eye.pixels(np.array([[-3.0 * metres, metres], [3.0 * metres, metres]]))
        ends = metres == range_m
        colour, dash, word = (MARK, ' stroke-dasharray="6 5"', "") if ends else (EDGE, "", f"{metres} m")
        yield (
            f'<path d="M{left:.0f},{y:.1f}H{right:.0f}" stroke="{colour}" stroke-opacity=".45"{dash}/>'
            f'<text x="8" y="{y - 3:.1f}" class="s">{word}</text>'
        )


def _names(found: Scene, eye: Eye) -> Iterator[str]:
    """Names of the streets and places in the picture, the nearest first, each once and none over another."""
    limits, told, taken = eye.ground(), set[str](), list[tuple[float, float]]()
    near = ((_before(eye, thing, limits), thing) for thing in found.things if thing.name)
    for ahead, thing in sorted(
        ((spot, thing) for spot, thing in near if spot is not None), key=lambda pair: pair[0][1]
    ):
        above = 4.0 if thing.theme == "place" else 0.3
        x, y = eye.pixels(np.array([ahead]), above)[0]
        crowded = any(abs(x - u) < 130 and abs(y - v) < 21 for u, v in taken)
        if thing.name in told or crowded or not 50 < x < WIDTH - 50 or not 74 < y < HEIGHT - 40:
            continue
        told.add(thing.name or "")
        taken.append((x, y))
        foot = eye.pixels(np.array([ahead]))[0]
        if thing.theme == "place":
            yield f'<path d="M{foot[0]:.1f},{foot[1]:.1f}L{x:.1f},{y:.1f}" stroke="{TEXT}" stroke-opacity=".6"/>'
        yield f'<text x="{x:.1f}" y="{y - 3:.1f}" text-anchor="middle" class="n">{escape(thing.name or "")}</text>'
        if len(told) >= MOST_NAMES:
            return


def _before(eye: Eye, thing: Thing, limits: shapely.Polygon) -> tuple[float, float] | None:
    seen = shapely.intersection(shapely.transform(thing.shape, eye.before), limits)
    if seen.is_empty:
        return None
    spot = seen.representative_point()
    return spot.x, spot.y


def _framed(body: list[str], name: str, code: str, heading: float, at: datetime) -> str:
    style = (
        "text{font-family:'IBM Plex Sans','Noto Sans SC','Microsoft YaHei',sans-serif;paint-order:stroke;"
        f"stroke:{SKY};stroke-width:3px;stroke-linejoin:round;fill:{TEXT};font-size:20px}}"
        f".n{{font-size:18px}}.s{{font-size:15px;fill:{EDGE}}}.d{{fill:{MARK};font-size:19px}}"
    )
    horizon = HEIGHT * HORIZON
    centre, low = WIDTH / 2, HEIGHT - 12  # a tile may cut the sides off and write over the foot
    lines = [
        f'<text x="{centre}" y="30" text-anchor="middle" class="d">{DEMO.zh} · {at:%H:%M:%S}</text>',
        f'<text x="{centre}" y="56" text-anchor="middle" class="d">{DEMO.en} · {at:%Y-%m-%d}</text>',
        f'<text x="10" y="{low}">{escape(name)}</text>',
        f'<text x="{WIDTH - 10}" y="{low}" text-anchor="end">{escape(code)} · {heading:03.0f}°</text>',
    ]
    return "".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<style>{style}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{SKY}"/>',
        f'<rect y="{horizon:.0f}" width="{WIDTH}" height="{HEIGHT - horizon:.0f}" fill="{GROUND}"/>',
        *body, *lines, "</svg>",
    ])  # fmt: skip
