"""Bends as roads and water make them: corners of drawn lines are rounded off."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from shapely.geometry import LineString

_ROUNDS = 2
_SHARE = 0.22  # of a stretch that its corner may take
_REACH_M = 60.0


def rounded(line: LineString) -> LineString:
    """The line with each corner cut twice (Chaikin's way); ends stay, rings stay rings; EPSG:4549."""
    points = [(p[0], p[1]) for p in line.coords]
    closed = points[0] == points[-1]
    for _ in range(_ROUNDS):
        bent = [] if closed else [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            cut = min(_SHARE, _REACH_M / max(1.0, hypot(bx - ax, by - ay)))
            dx, dy = cut * (bx - ax), cut * (by - ay)
            bent += [(ax + dx, ay + dy), (bx - dx, by - dy)]
        points = [*bent, bent[0]] if closed else [*bent, points[-1]]
    return LineString(points)
