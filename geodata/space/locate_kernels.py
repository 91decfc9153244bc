# ruff: noqa: C901, PLR0912, PLR0124, PLR0917, SIM102 - loops take arrays, not options, and call nothing
"""The inner loops of locating many points, plain functions over arrays; `compiled()` gives them as machine code.

They say themselves where rounding could matter, and whoever calls asks shapely there: so the answers are shapely's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from numpy.typing import NDArray

A = NDArray[Any]
NOWHERE, UNSURE = -1, -2
MEASURE, COUNT, LIST = range(3)


def find_areas(
    x: A, y: A, day: A, grid: A, lists: A, whole: A, areas: tuple[A, ...], rings: tuple[A, ...], found: A
) -> None:
    """The first area in each point's pixel that is valid on its day and holds it; UNSURE close to an outline.

    `grid` is (west, south, pixels a degree, columns, rows); `lists` where each pixel's list of areas begins in areas[0];
    `whole` which of them cover the pixel; areas = (of the lists, first day, end); rings = (x, y, start of each area).
    """
    of, first, end = areas
    px, py, starts = rings
    for i in range(len(x)):
        found[i] = NOWHERE
        column, row = int((x[i] - grid[0]) * grid[2]), int((y[i] - grid[1]) * grid[2])
        if not (x[i] >= grid[0] and y[i] >= grid[1] and column < grid[3] and row < grid[4]):
            continue
        pixel = row * int(grid[3]) + column
        for k in range(lists[pixel], lists[pixel + 1]):
            area = of[k]
            if not (first[area] <= day[i] < end[area]):
                continue
            if whole[k]:
                found[i] = area
                break
            inside = False
            unsure = False
            for s in range(starts[area], starts[area + 1] - 1):
                ax, ay, bx, by = px[s] - x[i], py[s] - y[i], px[s + 1] - x[i], py[s + 1] - y[i]
                if not (ax == ax and bx == bx):  # between two rings stands a NaN
                    continue
                if (ay > 0) != (by > 0):
                    turn = ax * by - bx * ay
                    if abs(turn) <= 1e-14 * (abs(ax) + abs(bx)):
                        unsure = True
                        break
                    if (turn > 0) == (by > ay):
                        inside = not inside
                elif abs(ay) < 1e-13 or abs(by) < 1e-13:
                    if (ax <= 1e-13) != (bx <= -1e-13) or abs(ax) < 1e-12 or abs(bx) < 1e-12:
                        unsure = True
                        break
            if unsure:
                found[i] = UNSURE
                break
            if inside:
                found[i] = area
                break


def list_segments(
    segments: A, grid: A, reach: float, slack: float, nearest: A, lists: A, of: A, step: int
) -> None:
    """Three steps over each segment and the pixels within `reach` of it; grid as in find_areas, in metres.

    MEASURE the distance from each pixel's centre to the nearest segment; COUNT, into lists[pixel + 1], the segments that may
    be nearest to some point of it; LIST these in `of`, moving lists[pixel] on.
    """
    side, wide, high = 1.0 / grid[2], int(grid[3]), int(grid[4])
    for s in range(len(segments)):
        ax, ay, bx, by = segments[s, 0], segments[s, 1], segments[s, 2], segments[s, 3]
        for row in range(
            max(0, int((min(ay, by) - reach - grid[1]) * grid[2])),
            min(high, int((max(ay, by) + reach - grid[1]) * grid[2]) + 1),
        ):
            for column in range(
                max(0, int((min(ax, bx) - reach - grid[0]) * grid[2])),
                min(wide, int((max(ax, bx) + reach - grid[0]) * grid[2]) + 1),
            ):
                x, y = grid[0] + (column + 0.5) * side, grid[1] + (row + 0.5) * side
                lx, ly = bx - ax, by - ay
                length = lx * lx + ly * ly
                t = 0.0 if length == 0.0 else min(1.0, max(0.0, ((x - ax) * lx + (y - ay) * ly) / length))
                d = ((x - ax - t * lx) ** 2 + (y - ay - t * ly) ** 2) ** 0.5
                pixel = row * wide + column
                if step == MEASURE:
                    nearest[pixel] = min(nearest[pixel], d)
                elif d <= reach and d <= nearest[pixel] + slack:
                    if step == COUNT:
                        lists[pixel + 1] += 1
                    else:
                        of[lists[pixel]] = s
                        lists[pixel] += 1


def find_roads(
    x: A, y: A, grid: A, lists: A, of: A, segments: A, road: A, begins: A, within: float, found: A, offset: A
) -> None:
    """The nearest road within some metres and the distance along it; UNSURE where two roads are as near, or at the limit.

    `road` and `begins` say of each segment whose it is and at what distance along it begins.
    """
    for i in range(len(x)):
        found[i] = NOWHERE
        if not (x[i] >= grid[0] and y[i] >= grid[1]):
            continue
        column, row = int((x[i] - grid[0]) * grid[2]), int((y[i] - grid[1]) * grid[2])
        if column >= grid[3] or row >= grid[4]:
            continue
        pixel = row * int(grid[3]) + column
        best, at, other = 1e300, -1.0, 1e300
        mine = -1
        for k in range(lists[pixel], lists[pixel + 1]):
            s = of[k]
            ax, ay = segments[s, 0], segments[s, 1]
            lx, ly = segments[s, 2] - ax, segments[s, 3] - ay
            length = lx * lx + ly * ly
            t = 0.0 if length == 0.0 else min(1.0, max(0.0, ((x[i] - ax) * lx + (y[i] - ay) * ly) / length))
            d = ((x[i] - ax - t * lx) ** 2 + (y[i] - ay - t * ly) ** 2) ** 0.5
            along = begins[s] + t * length**0.5
            if road[s] != mine:
                if d < best:
                    other = best
                    best, at, mine = d, along, road[s]
                elif d < other:
                    other = d
            elif d < best - 1e-7:
                best, at = d, along
            elif d < best + 1e-7 and abs(along - at) > 1e-6:  # as near on two stretches of one road
                at = -1.0
                best = min(best, d)
        if mine < 0 or best > within + 1e-6:
            continue
        if best > within - 1e-6 or other - best < 1e-6 or at < 0.0:
            found[i] = UNSURE
        else:
            found[i], offset[i] = mine, at


class Kernels(NamedTuple):
    """The compiled loops."""

    find_areas: Callable[..., None]
    list_segments: Callable[..., None]
    find_roads: Callable[..., None]


@cache
def compiled() -> Kernels:
    """Compile them, or take them from numba's memory; some seconds on a new machine."""
    from numba import njit  # noqa: PLC0415 - slow to import, and only who locates many points needs it

    loops = (find_areas, list_segments, find_roads)
    return Kernels(*(njit(cache=True, nogil=True)(loop) for loop in loops))
