"""Heat from the cube where it can answer, else from ticket rows; the same numbers either way."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from geodata.cube.arrays import day_number
from geodata.cube.shelf import Opened, opened
from geodata.cube.store import CubeQuestion
from geodata.cube.tail import Changes
from geodata.profile import Profile
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.question import area_ids, band_hours, category_ids
from geodata.space.hexes import centres
from geodata.types import BBox, Question


class Keys(NamedTuple):
    """A question's categories and areas as keys; None asks for all of them."""

    categories: frozenset[int] | None
    areas: frozenset[int] | None


def heat(
    c: Connection, profile: Profile, q: Question, resolution: int, bbox: BBox | None = None
) -> CellCounts:
    """Located tickets per cell whose centre lies in the box (None: everywhere)."""
    found = from_cube(c, profile, q, resolution, bbox)
    return found if found is not None else within(cell_counts(c, profile, q, resolution), bbox)


def from_cube(
    c: Connection, profile: Profile, q: Question, resolution: int, bbox: BBox | None = None, *, at_once: bool = False
) -> CellCounts | None:  # fmt: skip
    """The same from the cube alone; None when no cube stands or the question is beyond it."""
    stands = opened(c, profile, at_once=at_once) if answerable(profile, q) else None
    if stands is None:
        return None
    keys = keys_of(c, profile, q)
    places = None if keys.areas is None else places_of(stands, keys.areas)
    if keys.areas is not None and places is None:
        return None
    asked = CubeQuestion(resolution, q.window.first, q.window.last, keys.categories, places, bbox, q.band)
    counted = stands.cube.counts(asked)
    return with_tail(counted, stands.changes, asked, keys) if len(stands.changes) else counted


def answerable(profile: Profile, q: Question) -> bool:
    """Whether a question is about whole days and areas of the district's own scheme."""
    other_scheme = q.area and q.area != profile.code and q.scheme != profile.scheme
    return q.hours is None and q.shape is None and not other_scheme


def keys_of(c: Connection, profile: Profile, q: Question) -> Keys:
    """Keys as `queries.question.condition` binds them."""
    categories = None if q.categories is None else frozenset(category_ids(c, q.categories))
    areas: frozenset[int] | None = None
    if q.area and q.area != profile.code:
        areas = frozenset(area_ids(c, q.area))
    if q.areas is not None:
        union = frozenset(key for code in q.areas for key in area_ids(c, code))
        areas = union if areas is None else areas & union
    return Keys(categories, areas)


def places_of(stands: Opened, areas: Collection[int]) -> frozenset[int] | None:
    """The places that these areas fill; None when they hold only a part of one."""
    inside, outside = set[int](), set[int]()
    for area, place in stands.cube.place_of.items():
        (inside if area in areas else outside).add(place)
    return None if inside & outside else frozenset(inside)


def with_tail(counted: CellCounts, changes: Changes, asked: CubeQuestion, keys: Keys) -> CellCounts:
    """The counts with the changes since the cube was built."""
    mask = chosen(changes, asked, keys) & (changes.cells[asked.resolution] != 0)
    if asked.bbox is not None:
        west, south, east, north = asked.bbox
        lon, lat = changes.centres[asked.resolution].T
        mask &= (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    if not mask.any():
        return counted
    cells, at = np.unique(
        np.concatenate([counted.cells, changes.cells[asked.resolution][mask]]), return_inverse=True
    )
    weights = np.concatenate([counted.counts, changes.n[mask]])
    sums = np.zeros(len(cells), np.int64)
    np.add.at(sums, at, weights)
    held = sums != 0
    return CellCounts(cells[held], sums[held])


def chosen(changes: Changes, asked: CubeQuestion, keys: Keys) -> NDArray[np.bool_]:
    """Which changes a question is about, wherever they lie."""
    mask = (changes.days >= day_number(asked.first)) & (changes.days <= day_number(asked.last))
    return mask & of_kind(changes, keys, asked.band)


def of_kind(changes: Changes, keys: Keys, band: tuple[int, int] | None) -> NDArray[np.bool_]:
    """Which changes are of these categories, areas and hours."""
    mask = np.ones(len(changes), np.bool_)
    if keys.categories is not None:
        mask &= np.isin(changes.categories, list(keys.categories))
    if keys.areas is not None:
        mask &= np.isin(changes.areas, list(keys.areas))
    if band is not None:
        mask &= np.isin(changes.hours, band_hours(band))
    return mask


def within(counted: CellCounts, bbox: BBox | None) -> CellCounts:
    """The cells whose centre lies in the box, its edge included."""
    if bbox is None:
        return counted
    lon, lat = centres(counted.cells)
    held = (lon >= bbox.west) & (lon <= bbox.east) & (lat >= bbox.south) & (lat <= bbox.north)
    return CellCounts(counted.cells[held], counted.counts[held])
