"""Flat ground as a camera on a pole sees it: metres before the lens to pixels of a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Points = NDArray[np.float64]
NEAR_M = 5.0
HORIZON = 0.22  # of the picture's height from above
SIDE = 1.3  # the ground is kept this much wider than the picture


@dataclass(frozen=True, slots=True)
class Eye:
    """A pinhole camera; `x`, `y` metres, heading in degrees clockwise from the grid's north, picture in pixels."""

    x: float
    y: float
    heading_deg: float
    field_deg: float
    far_m: float
    width: int
    height: int
    pole_m: float = 7.0

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width / 2 / math.tan(math.radians(self.field_deg) / 2)

    @property
    def pitch(self) -> float:
        """How far it looks down, radians: so that the horizon stands where it should."""
        return math.atan((0.5 - HORIZON) * self.height / self.focal)

    def ground(self) -> shapely.Polygon:
        """The ground it may draw, in metres to the right and ahead."""
        slope = math.tan(math.radians(self.field_deg) / 2) * SIDE
        near, far = NEAR_M, self.far_m
        ring = [(-near * slope - 2, near), (near * slope + 2, near), (far * slope, far), (-far * slope, far)]
        return shapely.Polygon(ring)

    def before(self, points: Points) -> Points:
        """Grid metres to metres right of the lens and ahead of it."""
        turn = math.radians(self.heading_deg)
        east, north = points[:, 0] - self.x, points[:, 1] - self.y
        right = east * math.cos(turn) - north * math.sin(turn)
        return np.column_stack([right, east * math.sin(turn) + north * math.cos(turn)])

    def pixels(self, points: Points, above_m: float = 0.0) -> Points:
        """Metres right and ahead, at a height above the ground, to pixels from the upper left."""
        down, pitch = self.pole_m - above_m, self.pitch
        depth = down * math.sin(pitch) + points[:, 1] * math.cos(pitch)
        drop = down * math.cos(pitch) - points[:, 1] * math.sin(pitch)
        scale = self.focal / np.maximum(depth, 0.5)
        return np.column_stack([self.width / 2 + points[:, 0] * scale, self.height / 2 + drop * scale])
