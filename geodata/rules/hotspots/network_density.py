"""Density of tickets along roads: a kernel over distance along the network, so that lines show, not blobs.

Okabe, A., Satoh, T. and Sugihara, K. (2009), A kernel density estimation method for networks, its computational method and
a GIS-based tool, International Journal of Geographical Information Science 23(1), 7–32; Okabe and Sugihara (2012), Spatial
Analysis along Networks, chapter 9: the equal-split discontinuous kernel. Along a road it falls off with distance, here
quartic, k(d) ∝ (1 − (d / h)²)²; at a crossing of n roads each of the n − 1 others gets an equal part; at a dead end it
turns back (the book lets it fall off the network), so that every ticket weighs exactly one.

Roads are cut into lixels of nearly one length (Xie, Z. and Yan, J. 2008, Kernel density estimation of traffic accidents in
a network space, Computers, Environment and Urban Systems 32(5), 396–406). A kernel that splits equally is a walk that
never turns round on the road, so one sparse matrix that moves mass from lixel to lixel, applied h / lixel times to all
tickets at once, gives the sum of all kernels. Distances are whole lixels: they are off by as much as a lixel's length
differs from the nominal one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.rules.hotspots.getis_ord import Floats
from geodata.rules.hotspots.neighbours import Ints, Weights

LIXEL_M = 15.0
BANDWIDTH_M = 150.0


@dataclass(frozen=True, slots=True)
class Network:
    """Lixels, edge after edge: their ends (numbers of points, equal where lixels meet), lengths, and edges.

    `first` is the number of each edge's first lixel, with one entry more at the end; lixels of an edge are equally long.
    """

    tail: Ints
    head: Ints
    length_m: Floats
    first: Ints

    def lixel_at(self, edge: Ints, along_m: Floats) -> Ints:
        """The lixel that holds a place on an edge, given by its distance from the edge's start; ends are kept within."""
        first, count = self.first[edge], np.diff(self.first)[edge]
        step = np.floor(along_m / self.length_m[first]).astype(np.int64)
        found: Ints = first + np.clip(step, 0, count - 1)
        return found


def cut(start: Ints, end: Ints, length_m: Floats, lixel_m: float = LIXEL_M) -> Network:
    """Cut edges between numbered crossings into equal lixels as near to the wanted length as they can be, at least one."""
    count = np.maximum(1, np.rint(length_m / lixel_m)).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(count)])
    edge = np.repeat(np.arange(len(count)), count)
    step = np.arange(first[-1]) - first[edge]
    inner = int(max(start.max(initial=-1), end.max(initial=-1))) + 1 + first[edge] - edge + step
    tail = np.where(step == 0, start[edge], inner - 1)
    head = np.where(step == count[edge] - 1, end[edge], inner)
    return Network(tail, head, (length_m / count)[edge], first)


def moves(network: Network) -> Weights:
    """How mass moves on by one lixel: a square matrix over directed lixels, the forward ones first; columns sum to 1."""
    lixels = len(network.tail)
    leaves = np.concatenate([network.tail, network.head])  # the point each directed lixel starts from
    reaches = np.concatenate([network.head, network.tail])
    back = np.concatenate([np.arange(lixels) + lixels, np.arange(lixels)])
    by_point = np.argsort(leaves, kind="stable")
    begins = np.searchsorted(leaves[by_point], np.arange(leaves.max(initial=-1) + 2))
    ways = np.diff(begins)[reaches]  # how many lixels start where each one ends, itself reversed among them
    source = np.repeat(np.arange(2 * lixels), ways)
    nth = np.arange(len(source)) - np.repeat(np.cumsum(ways) - ways, ways)
    target = by_point[begins[reaches[source]] + nth]
    on = (target != back[source]) | (ways[source] == 1)
    source, target = source[on], target[on]
    share = 1 / np.maximum(ways[source] - 1, 1)
    return csr_array((share, (target, source)), shape=(2 * lixels, 2 * lixels))


def kernel(bandwidth_m: float, lixel_m: float) -> Floats:
    """Weight of being so many lixels away, in one direction; own lixel once and both directions together weigh 1."""
    away = np.arange(max(1, int(np.ceil(bandwidth_m / lixel_m)))) * lixel_m
    weight = (1 - (away / bandwidth_m) ** 2) ** 2
    weight[0] /= 2  # half of the own lixel belongs to each direction
    found: Floats = weight / (2 * weight.sum())
    return found


def density(
    network: Network, tickets: NDArray[np.float64], *, bandwidth_m: float = BANDWIDTH_M, lixel_m: float = LIXEL_M,
    onward: Weights | None = None,
) -> Floats:  # fmt: skip
    """Tickets per metre on each lixel, from the tickets counted on each; its integral is their number.

    `onward` is `moves(network)` where the caller keeps it.
    """
    step = moves(network) if onward is None else onward
    mass = np.concatenate([tickets, tickets]).astype(np.float64)
    total = np.zeros(2 * len(tickets))
    for number, weight in enumerate(kernel(bandwidth_m, lixel_m)):
        if number:
            mass = step @ mass
        total += weight * mass
    lixels = len(tickets)
    found: Floats = (total[:lixels] + total[lixels:]) / network.length_m
    return found
