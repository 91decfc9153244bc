"""What the map knows of the ground before a camera: streets, water, greens, places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.cameras import Camera, card
from geodata.space import crs

WIDTHS_M = {
    "motorway": 30,
    "trunk": 28,
    "primary": 24,
    "secondary": 16,
    "tertiary": 10,
    "pedestrian": 8,
    "lane": 5,
}
SCENE = """
    with here as (select ST_Expand(ST_Point(:lon, :lat, 4326), :reach) as box)
    select 'road' as theme, r.class as kind, r.name, r.name_en, ST_AsBinary(ST_ClipByBox2D(r.geom, here.box))
    from roads r, here where r.geom && here.box
    union all
    select g.theme, g.kind, g.name, g.name_en, ST_AsBinary(ST_ClipByBox2D(g.geom, here.box))
    from ground_features g, here where g.geom && here.box
    union all
    select 'place', p.kind, p.name, p.name_en, ST_AsBinary(p.geom) from places p, here where p.geom && here.box
"""
METRES_IN_DEGREE = 90_000.0  # a little less than any degree in our latitudes: the box is only a first sieve


@dataclass(frozen=True, slots=True)
class Thing:
    """Something on the ground, in the metric CRS: a road (widened to its usual width), water, a green or a place."""

    theme: str
    kind: str
    name: str | None
    name_en: str | None
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Scene:
    """A camera, where it stands in the metric CRS, and what lies around it."""

    camera: Camera
    x: float
    y: float
    things: tuple[Thing, ...]


def scene(c: Connection, profile: Profile, code: str, reach_m: float) -> Scene:
    """What lies within reach of a camera."""
    camera = card(c, code)
    x, y = crs.to_metric(np.array([camera.lon]), np.array([camera.lat]), profile.metric_srid)
    rows = c.execute(
        text(SCENE), {"lon": camera.lon, "lat": camera.lat, "reach": reach_m / METRES_IN_DEGREE}
    ).all()
    kept = [row for row in rows if row[4] is not None]
    shapes = np.array(shapely.from_wkb([bytes(row[4]) for row in kept]), object)
    metric = crs.shapes_to_metric(shapes, profile.metric_srid) if kept else shapes
    things = tuple(
        Thing(row[0], row[1], row[2], row[3], _widened(row[0], row[1])(shape))
        for row, shape in zip(kept, metric, strict=True)
        if not shape.is_empty
    )
    return Scene(camera, float(x[0]), float(y[0]), things)


def _widened(theme: str, kind: str) -> Callable[[shapely.Geometry], shapely.Geometry]:
    if theme != "road":
        return lambda shape: shape
    return lambda shape: shapely.buffer(shape, WIDTHS_M.get(kind, 6) / 2, cap_style="flat")
