"""Which points on the ground some camera sees, many at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.space.sight import USUAL_RANGE_M, Flags, Floats, Views, hidden, look

PAIRS_AT_ONCE = 400_000
MOST_RANGE_M = 500.0


def along(lines: NDArray[np.object_], step_m: float) -> tuple[Floats, NDArray[np.int64]]:
    """Points every `step_m` along lines of a metric CRS, at least one each (n × 2), and for each the row of its line."""
    lengths = np.asarray(shapely.length(lines), float)
    counts = np.maximum(np.round(lengths / step_m), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(lines)), counts)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = (nth + 0.5) * (lengths / counts)[owner]
    points = np.asarray(shapely.line_interpolate_point(lines[owner], at), object)
    return np.asarray(shapely.get_coordinates(points), float), owner


def seen_points(
    points: Floats, cameras: Floats, views: Views, outlines: NDArray[np.object_], heights_m: Floats, *,
    convergence_deg: float = 0.0,
) -> Flags:  # fmt: skip
    """Which points (n × 2, metric CRS) lie within the range and picture of a camera with no building between."""
    found = np.zeros(len(points), bool)
    if not len(points) or not len(cameras):
        return found
    for camera, point in _pairs(points, cameras, views):
        away = points[point] - cameras[camera]
        mine = Views(views.heading_deg[camera], views.field_deg[camera], views.range_m[camera])
        sees = look(away[:, 0], away[:, 1], mine, convergence_deg).sees
        if len(outlines):
            sees[sees] = ~hidden(cameras[camera[sees]], points[point[sees]], outlines, heights_m)
        found[point[sees]] = True
    return found


def _pairs(
    points: Floats, cameras: Floats, views: Views
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Cameras and the points within their range, some at a time."""
    reach = np.minimum(np.where(np.isnan(views.range_m), USUAL_RANGE_M, views.range_m), MOST_RANGE_M)
    near = cKDTree(points).query_ball_point(cameras, reach)
    counts = np.array([len(each) for each in near], np.int64)
    chunk = np.cumsum(counts) // PAIRS_AT_ONCE
    for number in np.unique(chunk):
        rows = np.flatnonzero(chunk == number)
        listed = [near[row] for row in rows]
        point = np.fromiter((at for each in listed for at in each), np.int64, int(counts[rows].sum()))
        yield np.repeat(rows, counts[rows]), point
