"""The ground a question is about, and every H3 cell of it: cells without a ticket count as much as those with many."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from h3.api import basic_int
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geodata.errors import Refused
from geodata.profile import Profile
from geodata.rules.hotspots.neighbours import Weights, neighbours
from geodata.space.hexes import Cells, areas_m2, cells_of, cover, outlines
from geodata.types import Question

OUTLINES = """
    select distinct on (a.code) ST_AsBinary(a.geom) from areas a where a.scheme = :scheme and a.code = any(:codes)
    order by a.code, (a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)) desc, a.valid_from desc"""
SLIVER = 1e-6  # a cell that has less of itself inside is outside
ROUND_DEG = 1e-9


@dataclass(frozen=True)
class Ground:
    """Cells that touch the ground, ascending, the ground in each, m², and which stand next to each other."""

    cells: Cells
    inside_m2: NDArray[np.float64]
    w: Weights

    def counted(self, cells: Cells, counts: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
        """Counts on the cells of the ground, 0 where none are told, and how many fall outside them."""
        at = np.minimum(np.searchsorted(self.cells, cells), max(len(self.cells) - 1, 0))
        held = self.cells[at] == cells if len(self.cells) else np.zeros(len(cells), bool)
        found = np.zeros(len(self.cells))
        found[at[held]] = counts[held]
        return found, int(counts[~held].sum())


def study_ground(c: Connection, profile: Profile, q: Question, resolution: int) -> Ground:
    """The cells of the district, or of the areas and the shape that a question names, as on its last day."""
    ground = _outline(c, profile, q)
    if ground.is_empty:
        raise Refused("The areas and the shape asked about have no ground in common; choose others.")
    return _cells(shapely.to_wkb(ground), resolution)


def _outline(c: Connection, profile: Profile, q: Question) -> BaseGeometry:
    found = _areas(c, profile, q, q.scheme, [q.area or profile.code])
    if q.areas is not None:
        found = found.intersection(_areas(c, profile, q, profile.scheme, list(q.areas)))
    if q.shape is not None:
        found = found.intersection(shapely.make_valid(shapely.from_wkt(q.shape)))
    return found


def _areas(c: Connection, profile: Profile, q: Question, scheme: str, codes: list[str]) -> BaseGeometry:
    if codes == [profile.code]:
        scheme = profile.scheme
    told = c.execute(text(OUTLINES), {"scheme": scheme, "codes": codes, "on": q.window.last}).scalars().all()
    if not told and codes == [profile.code]:  # a city whose own outline was never loaded
        return shapely.box(*profile.bbox)
    return shapely.union_all(shapely.from_wkb([bytes(wkb) for wkb in told]))


@lru_cache(maxsize=12)
def _cells(wkb: bytes, resolution: int) -> Ground:
    ground = shapely.from_wkb(wkb)
    near = cover(_polygons(ground), resolution, rings=1)
    if not len(near):
        near = _small(ground, resolution)
    shapes = outlines(near)
    shapely.prepare(ground)
    share = np.ones(len(near))
    edge = np.flatnonzero(~shapely.contains_properly(ground, shapes))
    share[edge] = shapely.area(shapely.intersection(ground, shapes[edge])) / shapely.area(shapes[edge])
    there = share > SLIVER
    cells = near[there]
    return Ground(cells, areas_m2(cells) * share[there], neighbours(cells))


def _small(ground: BaseGeometry, resolution: int) -> Cells:
    """Ground that holds no cell's centre: the cell of a point of it and those around."""
    point = ground.representative_point()
    cell = cells_of(np.array([point.x]), np.array([point.y]), resolution)[0]
    return np.array(sorted(basic_int.grid_disk(int(cell), 1)), np.int64)


def _polygons(ground: BaseGeometry) -> shapely.MultiPolygon:
    parts = [part for part in shapely.get_parts(ground) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.MultiPolygon([piece for part in parts for piece in shapely.get_parts(part)])
