"""The ground under a crowd grid, made once a grid: true areas, what can be walked on, places, neighbours, outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from h3.api import basic_int
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.space.hexes import Cells, areas_m2, centres, corners

Floats = NDArray[np.float64]
Indexes = NDArray[np.int32]
NOWHERE = -1
SIDES = 6

# Off the listed places nobody has told how much of a cell can be walked on: a quarter, about what streets, lanes and
# yards take of a built-up old town. It is an assumption, said in docs/rules.md.
OFF_PLACE_WALKABLE_SHARE = 0.25
# Positions scatter into canals and roofs; no cell counts as less than this, or one person would be a crush.
LEAST_WALKABLE_SHARE = 0.05
# A cell is a place's own when its centre lies in it or so much of the cell does: streets are narrower than cells.
LEAST_OVERLAP = 0.25


@dataclass(frozen=True, slots=True)
class Place:
    """A place where crowds gather: key, outline (EPSG:4326) and the share of its dry ground that can be walked on."""

    key: str
    shape: BaseGeometry
    walkable_share: float


@dataclass(frozen=True, slots=True)
class Ground:
    """Arrays over the cells of one grid, in ascending order of cells; `place` and `neighbours` hold -1 for none."""

    cells: Cells
    area_m2: Floats
    walkable_share: Floats
    place: Indexes
    neighbours: Indexes  # (cells, 6): rows of the cells beside each
    places: tuple[str, ...]
    walkable_m2: Floats
    placed: NDArray[np.int64]  # rows of the cells that belong to a place, place by place
    starts: NDArray[np.int64]  # where in `placed` each place of `present` begins
    present: NDArray[np.int64]  # places that have a cell in this grid

    def __len__(self) -> int:
        return len(self.cells)

    def walkable_of(self, key: str) -> float:
        """Ground of a place that can be walked on, m²; 0 when it has no cell in this grid."""
        return float(self.walkable_m2[self.place == self.places.index(key)].sum())


def ground_of(
    cells: Cells,
    places: Sequence[Place],
    water: Sequence[BaseGeometry],
    off_places: float = OFF_PLACE_WALKABLE_SHARE,
) -> Ground:
    """Lay the ground of a grid; cells must ascend, shapes are in EPSG:4326."""
    if len(cells) and not bool(np.all(np.diff(cells) > 0)):
        raise ValueError("the cells of a grid must ascend and must not repeat")
    hexes = _hexes(cells)
    tree = shapely.STRtree(hexes)
    dry = 1.0 - _share_of(hexes, tree, water)
    overlaps = [(_share_of(hexes, tree, [place.shape]), place) for place in places]
    place = _place_of_each(cells, overlaps)
    walkable = dry * off_places
    for at, (share, told) in enumerate(overlaps):
        own = place == at
        dry_share = dry[own]
        # The place's own part by its own share, the rest of the cell as ground off places; water counts in neither.
        walkable[own] = dry_share * (
            share[own] * told.walkable_share + np.clip(1 - share[own], 0, 1) * off_places
        )
    walkable = np.clip(walkable, LEAST_WALKABLE_SHARE, 1.0)
    return arrange(cells, walkable, place, tuple(told.key for told in places))


def arrange(cells: Cells, walkable_share: Floats, place: Indexes, places: tuple[str, ...]) -> Ground:
    """Put what is known of the cells into the order that judging needs; cells must ascend."""
    area = areas_m2(cells)
    rows = np.flatnonzero(place != NOWHERE)
    placed = rows[np.argsort(place[rows], kind="stable")]
    present, starts = np.unique(place[placed], return_index=True)
    return Ground(
        cells, area, walkable_share, place.astype(np.int32), neighbour_table(cells), places, area * walkable_share,
        placed, starts.astype(np.int64), present.astype(np.int64),
    )  # fmt: skip


def neighbour_table(cells: Cells) -> Indexes:
    """For each cell the rows of the six beside it, -1 for those outside the grid; cells must ascend."""
    table = np.full((len(cells), SIDES), NOWHERE, np.int32)
    beside = np.zeros((len(cells), SIDES), np.int64)
    for row, cell in enumerate(cells.tolist()):
        ring = [other for other in basic_int.grid_disk(cell, 1) if other != cell]
        beside[row, : len(ring)] = ring  # a pentagon has five
    rows = np.searchsorted(cells, beside)
    inside = rows < len(cells)
    inside[inside] = cells[rows[inside]] == beside[inside]
    table[inside] = rows[inside]
    return table


def outline(cells: Cells) -> Polygon | MultiPolygon:
    """The outline of cells taken together, EPSG:4326, with its holes; cells that do not touch give several pieces."""
    told = basic_int.cells_to_h3shape([int(cell) for cell in cells])
    pieces = [
        Polygon(_ring(piece.outer), [_ring(hole) for hole in piece.holes])
        for piece in (told.polys if hasattr(told, "polys") else [told])
    ]
    return pieces[0] if len(pieces) == 1 else MultiPolygon(pieces)


def _ring(pairs: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(lon, lat) for lat, lon in pairs]


def _hexes(cells: Cells) -> NDArray[np.object_]:
    lon, lat, owner = corners(cells)
    if not len(cells):
        return np.empty(0, object)
    return np.asarray(
        shapely.polygons(shapely.linearrings(np.column_stack([lon, lat]), indices=owner)), object
    )


def _share_of(hexes: NDArray[np.object_], tree: shapely.STRtree, shapes: Sequence[BaseGeometry]) -> Floats:
    """Share of each cell that lies in any of the shapes; shares of squares of degrees hold at the size of a cell."""
    share = np.zeros(len(hexes))
    if not len(shapes) or not len(hexes):
        return share
    given = np.asarray(shapes, object)
    shape, cell = tree.query(given, predicate="intersects")
    order = np.argsort(cell, kind="stable")
    shape, cell = shape[order], cell[order]
    touched, starts = np.unique(cell, return_index=True)
    parts = np.split(shapely.intersection(given[shape], hexes[cell]), starts[1:])
    wet = [shapely.area(own[0] if len(own) == 1 else shapely.union_all(own)) for own in parts if len(own)]
    share[touched] = np.asarray(wet, np.float64) / shapely.area(hexes[touched])
    return np.clip(share, 0.0, 1.0)


def _place_of_each(cells: Cells, overlaps: Sequence[tuple[Floats, Place]]) -> Indexes:
    """The place that covers most of each cell, if enough of it or its centre."""
    place, most = np.full(len(cells), NOWHERE, np.int32), np.zeros(len(cells))
    lon, lat = centres(cells)
    for at, (share, told) in enumerate(overlaps):
        near = np.flatnonzero(share > most)
        inside = shapely.contains_xy(told.shape, lon[near], lat[near]) | (share[near] >= LEAST_OVERLAP)
        place[near[inside]], most[near[inside]] = at, share[near[inside]]
    return place
