"""The spots of the demo: some 160,000 places where something can happen, each with all that is known of it.

A ticket happens at a spot, so the work of locating is done once per spot: the grid cell, the nearest street and the
offset along it, the hexagons, and the names by which people would tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.spatial import cKDTree

from etl.demo.geography import Geography
from etl.demo.rhythm import generator
from etl.demo.streets import Floats, Ints, Streets, crossings, read_streets
from geodata.profile import Profile
from geodata.space import hexes

ALONG_STREETS, INSIDE, AT_PLACES = 100_000, 32_000, 28_000
LATERAL_M = {
    "motorway": 22,
    "trunk": 20,
    "primary": 17,
    "secondary": 13,
    "tertiary": 9,
    "lane": 4,
    "pedestrian": 6,
}
DRAWN_M = {"motorway": 0.15, "trunk": 0.6, "lane": 0.9}  # spots a metre, an ordinary street having 1
SHOPPING = ("landmark", "market", "station", "temple", "garden", "gate")
NONE = -1


@dataclass(frozen=True)
class Spots:
    """Spots in order of street and offset, then those away from streets; every array has a row per spot."""

    lon: Floats
    lat: Floats
    area: Ints  # row of its grid cell in the geography's areas
    subdistrict: Ints  # row of its sub-district among the sub-districts
    road: Ints
    offset_m: Floats
    away_m: Floats
    door: Ints
    side: Ints  # 0 east, 1 west, 2 south, 3 north of its street
    name: Ints  # entry of `names`: its street, else what is nearest
    crossing: Ints  # entries of `names`, or −1
    estate: Ints
    place: Ints
    lane: Ints
    water_m: Floats
    green_m: Floats
    hexes: tuple[Ints, Ints, Ints]
    names: list[str]
    on_street: int  # the first so many lie along streets
    streets: Streets

    def __len__(self) -> int:
        return len(self.lon)


def make_spots(geography: Geography, profile: Profile, seed: int) -> Spots:
    """Scatter the spots and look up what is known of each."""
    rng = generator(seed, 1)
    metric = profile.metric_srid
    streets = read_streets(geography.roads.to_crs(metric))
    places = geography.places.to_crs(metric)
    cells = geography.areas[geography.areas["level"] == "grid_cell"]
    along = _along_streets(streets, rng)
    inside = _inside(geography, metric, rng)
    near = _at_places(places, rng)
    points = np.concatenate([along, inside, near])
    to_degrees = Transformer.from_crs(metric, 4326, always_xy=True)
    lon, lat = (np.round(x, 7) for x in to_degrees.transform(points[:, 0], points[:, 1]))
    cell = _cell_of(lon, lat, cells)
    road, offset, away, foot = streets.nearest(points)
    on_street = np.arange(len(points)) < len(along)
    order = np.lexsort((offset, road, ~on_street))
    order = order[cell[order] != NONE]  # a few beside a street of the rim fall outside
    points, foot = points[order], foot[order]
    road, offset, away = road[order], offset[order], away[order]
    names: list[str] = []
    area = cells.index.to_numpy()[cell[order]]
    told, community = _upper(geography.areas, "community")
    known = _names(
        names, streets, places, points, road=road, away=away, community=community[area], communities=told
    )
    lon, lat = lon[order], lat[order]
    side, door = _side(points - foot), streets.doors(road, offset)
    door = np.where((door > 0) & (away < 60), door + (door + side) % 2, 0)
    return Spots(
        lon=lon, lat=lat, area=area, subdistrict=_upper(geography.areas, "subdistrict")[1][area],
        road=road, offset_m=offset, away_m=away, door=door, side=side, **known,
        water_m=_distance(geography.water, metric, points), green_m=_distance(geography.greens, metric, points),
        hexes=hexes.cells_at_all(lon, lat), names=names, on_street=int(on_street[order].sum()), streets=streets,
    )  # fmt: skip


def _along_streets(streets: Streets, rng: np.random.Generator) -> Floats:
    dense = np.array([DRAWN_M.get(kind, 1.0) for kind in streets.classes])[streets.road]
    weight = streets.length * dense
    edges = np.concatenate([[0.0], np.cumsum(weight)])
    drawn = (np.arange(ALONG_STREETS) + rng.random(ALONG_STREETS)) / ALONG_STREETS * edges[-1]
    piece = np.clip(np.searchsorted(edges, drawn, side="right") - 1, 0, len(weight) - 1)
    along, unit = streets.at(piece, (drawn - edges[piece]) / np.maximum(weight[piece], 1e-9))
    width = np.array([LATERAL_M.get(kind, 8) for kind in streets.classes])[streets.road[piece]]
    aside = width * rng.uniform(0.55, 1.35, ALONG_STREETS) * rng.choice([-1.0, 1.0], ALONG_STREETS)
    return np.asarray(along + np.column_stack([-unit[:, 1], unit[:, 0]]) * aside[:, None])


def _inside(geography: Geography, metric: int, rng: np.random.Generator) -> Floats:
    outline = gpd.GeoSeries([geography.outline], crs=4326).to_crs(metric).iloc[0]
    shapely.prepare(outline)
    west, south, east, north = outline.bounds
    points = rng.uniform((west, south), (east, north), (INSIDE * 3, 2))
    return np.asarray(points[shapely.contains_xy(outline, points)][:INSIDE])


def _at_places(places: gpd.GeoDataFrame, rng: np.random.Generator) -> Floats:
    centre = shapely.get_coordinates(places.geometry.to_numpy())
    weight = np.where(places["kind"] == "estate", 2.5, 1.0)
    chosen = rng.choice(len(centre), AT_PLACES, p=weight / weight.sum())
    spread = np.where(places["kind"].to_numpy() == "estate", 95.0, 60.0)[chosen]
    return np.asarray(centre[chosen] + rng.normal(0, 1, (AT_PLACES, 2)) * spread[:, None])


def _cell_of(lon: Floats, lat: Floats, cells: gpd.GeoDataFrame) -> Ints:
    """Row of the cell that holds each point; on an edge the lowest; −1 outside all."""
    tree = shapely.STRtree(cells.geometry.to_numpy())
    at, cell = tree.query(shapely.points(lon, lat), predicate="intersects")
    found = np.full(len(lon), len(cells), np.int64)
    np.minimum.at(found, at, cell)
    return np.where(found == len(cells), NONE, found)


def _upper(areas: gpd.GeoDataFrame, level: str) -> tuple[list[str], Ints]:
    """Names of a level's areas, and for each area row which of them it lies in (−1 above that level)."""
    at = {str(code): row for row, code in enumerate(areas["code"])}
    parents = [at.get(str(code), NONE) for code in areas["parent_code"]]
    levels = list(areas["level"])
    here = [row for row, name in enumerate(levels) if name == level]
    rank = {row: k for k, row in enumerate(here)}
    found = []
    for row in range(len(levels)):
        up = row
        while up != NONE and levels[up] != level:
            up = parents[up]
        found.append(rank.get(up, NONE))
    return [str(areas["name"].iloc[row]) for row in here], np.array(found, np.int64)


def _names(
    names: list[str],
    streets: Streets,
    places: gpd.GeoDataFrame,
    points: Floats,
    *,
    road: Ints,
    away: Floats,
    community: Ints,
    communities: list[str],
) -> dict[str, Ints]:
    """Entries of `names` by which each point may be told: street, crossing, estate, place, lane.

    Where nothing is near, the community stands as the place.
    """
    spots, words = crossings(streets)
    crossing = _near(names, spots, words, points, 38.0)
    place_points = shapely.get_coordinates(places.geometry.to_numpy())
    kinds, called = places["kind"].to_numpy(), places["name"].to_numpy()
    estates = kinds == "estate"
    estate = _near(names, place_points[estates], list(called[estates]), points, 260.0)
    offices = np.array(
        ["街道" in str(name) for name in called]
    )  # in an address they would read as a sub-district
    others = ~estates & ~offices
    place = _near(names, place_points[others], list(called[others]), points, 160.0)
    entry = np.full(len(streets.names), NONE, np.int64)
    for at in np.flatnonzero(streets.names != ""):
        entry[at] = len(names)
        names.append(str(streets.names[at]))
    name = np.where(away < 220, entry[road], NONE)
    lane = _lanes(names, streets, road, away)
    nothing = (name == NONE) & (estate == NONE) & (place == NONE)
    place = np.where(nothing, len(names) + community, place)
    names.extend(communities)
    fallback = np.where(estate != NONE, estate, place)
    name = np.where(name == NONE, fallback, name)
    return {"name": name, "crossing": crossing, "estate": estate, "place": place, "lane": lane}


def _near(names: list[str], at: Floats, words: list[Any], points: Floats, within_m: float) -> Ints:
    if not len(at):
        return np.full(len(points), NONE, np.int64)
    away, nearest = cKDTree(at).query(points, distance_upper_bound=within_m)
    first = len(names)
    names.extend(str(word) for word in words)
    return np.where(np.isfinite(away), first + nearest, NONE).astype(np.int64)


def _lanes(names: list[str], streets: Streets, road: Ints, away: Floats) -> Ints:
    """For points in a lane, the larger street it opens on and the lane's own name, as 桃花坞大街河西巷."""
    small = np.isin(streets.classes, ("lane", "pedestrian")) & (streets.names != "")
    large = ~small & (streets.names != "")
    big = np.flatnonzero(large)
    told = np.full(len(streets.names), NONE, np.int64)
    if len(big):
        tree = shapely.STRtree(streets.lines[big])
        for at in np.flatnonzero(small):
            near = big[tree.nearest(streets.lines[at])]
            if shapely.distance(streets.lines[at], streets.lines[near]) < 120:
                told[at] = len(names)
                own = str(streets.names[at])
                names.append(own if own.startswith(streets.names[near]) else f"{streets.names[near]}{own}")
    return np.where(away < 40, told[road], NONE)


def _side(aside: Floats) -> Ints:
    east = np.abs(aside[:, 0]) >= np.abs(aside[:, 1])
    return np.where(east, np.where(aside[:, 0] >= 0, 0, 1), np.where(aside[:, 1] >= 0, 3, 2)).astype(np.int64)


def _distance(frame: gpd.GeoDataFrame, metric: int, points: Floats) -> NDArray[np.float64]:
    """Distance to the nearest of the polygons, m, from points every 12 m along their edges; beyond 60 m infinite."""
    ground = shapely.union_all(frame.to_crs(metric).geometry.to_numpy())
    edges = shapely.get_coordinates(shapely.segmentize(shapely.boundary(ground), 12.0))
    away, _ = cKDTree(edges).query(points, distance_upper_bound=60.0)
    return np.asarray(away)
