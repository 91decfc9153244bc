"""Which polygons lie side by side, and groups grown over that graph."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

Adjacency = list[dict[int, float]]

_UNEVEN = 2  # a group this much larger than its neighbour gives one away


def adjacency(polygons: Sequence[BaseGeometry], least_m: float = 1.0) -> Adjacency:
    """For each polygon its neighbours and the metres of border shared, where they share more than `least_m`."""
    shapes = np.array(polygons, dtype=object)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="touches")
    keep = left < right
    left, right = left[keep], right[keep]
    shared = shapely.length(shapely.intersection(shapes[left], shapes[right]))
    result: Adjacency = [{} for _ in polygons]
    for a, b, metres in zip(left.tolist(), right.tolist(), shared.tolist(), strict=True):
        if metres > least_m:
            result[a][b] = result[b][a] = metres
    return result


def components(members: set[int], graph: Adjacency) -> list[set[int]]:
    """Connected parts of `members`, the largest first."""
    rest, parts = set(members), []
    while rest:
        part, todo = set(), [min(rest)]
        while todo:
            node = todo.pop()
            if node in rest:
                rest.discard(node)
                part.add(node)
                todo.extend(n for n in graph[node] if n in rest)
        parts.append(part)
    return sorted(parts, key=lambda part: (-len(part), min(part)))


def grow(
    members: set[int], graph: Adjacency, centres: Sequence[Point], seeds: Sequence[Point]
) -> dict[int, int]:
    """Member → number of its group: connected groups of nearly equal size, one around each seed.

    The smallest group always takes the free neighbour nearest to its seed.
    """
    owner: dict[int, int] = {}
    fronts: list[list[tuple[float, int]]] = [[] for _ in seeds]
    sizes = [0] * len(seeds)

    def take(node: int, group: int) -> None:
        owner[node] = group
        sizes[group] += 1
        for other in graph[node]:
            if other in members and other not in owner:
                heapq.heappush(fronts[group], (centres[other].distance(seeds[group]), other))

    for group, seed in enumerate(seeds):
        free = sorted(members - owner.keys(), key=lambda n: (centres[n].distance(seed), n))
        take(free[0], group)
    while len(owner) < len(members):
        group = min((g for g in range(len(seeds)) if fronts[g]), key=lambda g: (sizes[g], g))
        node = heapq.heappop(fronts[group])[1]
        if node not in owner:
            take(node, group)
    return _balanced(owner, graph, centres, seeds)


def _balanced(
    owner: dict[int, int], graph: Adjacency, centres: Sequence[Point], seeds: Sequence[Point]
) -> dict[int, int]:
    """Moves border members from large to small neighbouring groups while no group falls apart."""
    sizes = Counter(owner.values())
    moved = True
    while moved:
        moved = False
        for node in sorted(owner, key=lambda n: (-sizes[owner[n]], n)):
            here = owner[node]
            others = {
                owner[n] for n in graph[node] if n in owner and sizes[owner[n]] + _UNEVEN <= sizes[here]
            }
            if others and _holds_without(node, owner, graph):
                there = min(others, key=lambda g: (sizes[g], centres[node].distance(seeds[g])))
                owner[node] = there
                sizes[here] -= 1
                sizes[there] += 1
                moved = True
    return owner


def _holds_without(node: int, owner: dict[int, int], graph: Adjacency) -> bool:
    rest = {n for n, group in owner.items() if group == owner[node] and n != node}
    return len(components(rest, graph)) == 1
