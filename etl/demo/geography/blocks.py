"""Street blocks: the faces between streets, canals and the outline, each in a sub-district."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography.graph import Adjacency, adjacency, components
from etl.demo.geography.junctions import loose_ends

_GRID_M = 0.1
_TINY = 0.3  # of the wanted area
_SLIVER_M2 = 600.0
_THIN = 0.16  # 4πA/P²: a strip ten times as long as wide has 0.26
_LARGE = 8.0  # of the wanted area: larger ones are cut, however thin

AreaWanted = Callable[[Point], float]


@dataclass
class Block:
    """One street block, EPSG:4549, and the number of its sub-district."""

    polygon: Polygon
    label: int


def blocks(
    outline: Polygon, lines: Sequence[LineString], rings: Sequence[Polygon], wanted_m2: AreaWanted
) -> list[Block]:
    """Faces of at least a fair part of the wanted size, none crossing a line unless the line ends in it."""
    faces = _faces(outline, lines)
    graph = adjacency(faces, least_m=0.0)  # a sliver may touch by less than a metre
    labels = _labels(faces, rings, graph)
    groups = _absorbed(faces, labels, graph, wanted_m2)
    whole = (cast("Polygon", shapely.union_all([faces[i] for i in group])) for group in groups)
    return [Block(polygon, labels[group[0]]) for polygon, group in zip(whole, groups, strict=True)]


def _faces(outline: Polygon, lines: Sequence[LineString]) -> list[Polygon]:
    ends = [
        LineString([lines[i].coords[-1 if last else 0], spot.coords[0]])
        for i, last, _, spot in loose_ends(lines)
    ]
    noded = shapely.union_all([*lines, *ends, outline.exterior], grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize([noded])).tolist()
    inside = [f for f in faces if outline.contains(f.representative_point())]
    return sorted(inside, key=lambda f: (round(f.centroid.x, 1), round(f.centroid.y, 1)))


def _labels(faces: list[Polygon], rings: Sequence[Polygon], graph: Adjacency) -> list[int]:
    """The ring each face lies in (else the nearest); stray pieces go to the neighbour they lean on most."""
    spots = [face.representative_point() for face in faces]
    labels = [min(range(len(rings)), key=lambda r, p=spot: (rings[r].distance(p), r)) for spot in spots]  # type: ignore[misc]
    for i, face in enumerate(faces):
        if face.area < _SLIVER_M2 and graph[i]:
            labels[i] = labels[max(graph[i], key=lambda j, i=i: (graph[i][j], -j))]  # type: ignore[misc]
    for label in range(len(rings)):
        members = {i for i, own in enumerate(labels) if own == label}
        for stray in components(members, graph)[1:]:
            _give_away(stray, label, labels, graph)
    return labels


def _give_away(stray: set[int], label: int, labels: list[int], graph: Adjacency) -> None:
    leaning: dict[int, float] = {}
    for face in stray:
        for other, metres in graph[face].items():
            if labels[other] != label:
                leaning[labels[other]] = leaning.get(labels[other], 0.0) + metres
    if leaning:
        taker = max(leaning, key=lambda key: (leaning[key], -key))
        for face in stray:
            labels[face] = taker


def _absorbed(
    faces: list[Polygon], labels: list[int], graph: Adjacency, wanted_m2: AreaWanted
) -> list[list[int]]:
    """Groups of faces: a tiny or thin face joins the neighbour in its sub-district it shares most border with."""
    areas = [face.area for face in faces]
    rims = [face.length for face in faces]
    wanted = [wanted_m2(face.centroid) for face in faces]
    links = [dict(n) for n in graph]
    groups: dict[int, list[int]] = {i: [i] for i in range(len(faces))}

    def weak(i: int) -> bool:
        round_ = 12.566 * areas[i] / rims[i] ** 2
        return areas[i] < _TINY * wanted[i] or (round_ < _THIN and areas[i] < _LARGE * wanted[i])

    todo = sorted((i for i in groups if weak(i)), key=lambda i: (areas[i], i))
    for i in todo:
        if not weak(i):
            continue
        same = {j: m for j, m in links[i].items() if labels[j] == labels[i]}
        if not same:
            continue
        j = max(same, key=lambda key: (same[key], -key))
        groups[j].extend(groups.pop(i))
        areas[j] += areas[i]
        rims[j] += rims[i] - 2 * same[j]
        for k, metres in links[i].items():
            del links[k][i]
            if k != j:
                links[j][k] = links[k][j] = links[j].get(k, 0.0) + metres
    return list(groups.values())


def edges(polygons: Sequence[BaseGeometry]) -> BaseGeometry:
    """All borders of the polygons as one noded line work."""
    return shapely.union_all([p.boundary for p in polygons], grid_size=_GRID_M)
