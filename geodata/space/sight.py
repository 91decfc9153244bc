"""What a camera sees of a point: how far, which way, how far off its axis, and whether a building stands between.

Positions are metres of the profile's metric CRS. Bearings are degrees clockwise from true north, as a compass set right
tells them; `convergence_deg` is how far grid north lies clockwise of true north there. Everything broadcasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Proj

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BEYOND = 1.25  # so many times its range a camera still tells something
USUAL_FIELD_DEG, USUAL_RANGE_M = 60.0, 60.0  # where a roster does not say
NEAR_M = 50.0  # twice as far as this away from a camera, and it is worth a third of one at the spot
EDGE = 0.6  # a point at the edge of the picture is worth so much of one in its middle
HERE_M = 0.5  # nearer than this a point has no direction
EYE_M = 3.0  # a lower building hides nothing from a camera on its pole
GRAZE_M = 0.5  # a line may cut a corner by so much: outlines and positions are no better
MOUNT_M = 3.0  # a camera on a wall may stand so deep inside the outline it hangs on


@dataclass(frozen=True, slots=True)
class Views:
    """What cameras look at; NaN in `heading_deg` looks all round, NaN in the others takes what is usual."""

    heading_deg: Floats
    field_deg: Floats
    range_m: Floats


@dataclass(frozen=True, slots=True)
class Sight:
    """How points lie to cameras; `score` is 0 where a point is out of view, 1 right before the lens."""

    distance_m: Floats
    bearing_deg: Floats
    off_axis_deg: Floats
    score: Floats

    @property
    def sees(self) -> Flags:
        """Whether a point is in the picture, buildings left aside."""
        return self.score > 0


def look(dx: Floats, dy: Floats, views: Views, convergence_deg: float = 0.0) -> Sight:
    """Judge points that lie `dx` east and `dy` north (grid metres) of cameras."""
    heading = views.heading_deg
    distance = np.hypot(dx, dy)
    bearing = (np.degrees(np.arctan2(dx, dy)) + convergence_deg) % 360.0
    away = np.abs((bearing - heading + 180.0) % 360.0 - 180.0)
    away = np.where(np.isnan(away) | (distance < HERE_M), 0.0, away)
    field = np.where(np.isnan(views.field_deg), USUAL_FIELD_DEG, views.field_deg)
    field = np.where(np.isnan(heading), 360.0, field)
    reach = np.where(np.isnan(views.range_m), USUAL_RANGE_M, views.range_m)
    return Sight(distance, bearing, away, _score(distance, away, field, reach))


def _score(distance: Floats, away: Floats, field: Floats, reach: Floats) -> Floats:
    """Nearest is best; less at the edge of the picture, and falling to nothing beyond the range."""
    near = NEAR_M / (NEAR_M + distance)
    middle = 1.0 - (1.0 - EDGE) * np.where(field >= 360.0, 0.0, np.minimum(2.0 * away / field, 1.0))
    beyond = np.clip((BEYOND - distance / reach) / (BEYOND - 1.0), 0.0, 1.0)
    return np.where(2.0 * away <= field, near * middle * np.where(distance <= reach, 1.0, 0.5 * beyond), 0.0)


def hidden(
    cameras: Floats, points: Floats, outlines: NDArray[np.object_], heights_m: Floats | None = None
) -> Flags:
    """Whether a building stands between each camera and its point (arrays of n × 2).

    What is lower than a camera's eye hides nothing, nor does the building a point lies in, nor the wall a camera hangs
    on; unknown heights (NaN) hide.
    """
    found = np.zeros(len(cameras), bool)
    if heights_m is not None:
        outlines = outlines[~(heights_m < EYE_M)]
    if not len(outlines) or not len(cameras):
        return found
    cores = np.asarray(shapely.buffer(outlines, -GRAZE_M, join_style="mitre"), object)
    lines = np.asarray(shapely.linestrings(np.stack([cameras, points], axis=1)), object)
    line, house = shapely.STRtree(cores).query(lines, predicate="intersects")
    inside = shapely.length(shapely.intersection(lines[line], cores[house]))
    walls = outlines[house]
    allowed = np.where(shapely.dwithin(walls, shapely.points(cameras[line]), GRAZE_M), MOUNT_M, GRAZE_M)
    holds_point = shapely.intersects(walls, shapely.points(points[line]))
    np.logical_or.at(found, line, (inside > allowed) & ~holds_point)
    return found


@lru_cache(maxsize=8)
def _projection(srid: int) -> Proj:
    return Proj(f"EPSG:{srid}")


def convergence_deg(lon: float, lat: float, srid: int) -> float:
    """How far grid north of a metric CRS lies clockwise of true north at a place."""
    found = float(_projection(srid).get_factors(lon, lat).meridian_convergence)
    return found if math.isfinite(found) else 0.0
