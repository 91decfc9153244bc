# ruff: noqa: PLR0917 - loops take arrays, not options
"""The inner loops of the cube, plain functions over arrays; `compiled()` gives them as machine code.

They are compiled when first asked for, once a machine: numba keeps what it made beside this file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from numpy.typing import NDArray

A = NDArray[Any]


def number_cells(cells: A, slots: A, numbers: A, found: A, known: int) -> int:
    """Give each cell its number, a new one the next; open addressing, `slots` holds 0 where free."""
    mask = len(slots) - 1
    for i in range(len(cells)):
        cell = cells[i]
        at = ((cell ^ (cell >> 29) ^ (cell >> 13)) * 0x9E3779B1 >> 7) & mask
        while slots[at] != cell:
            if slots[at] == 0:
                slots[at] = cell
                numbers[at] = known
                known += 1
                break
            at = (at + 1) & mask
        found[i] = numbers[at]
    return known


def sort_by_row(row_of: A, codes: A, places: A, wide: int, by: tuple[A, ...]) -> None:
    """Where each row begins, and (category, hour, day) of `by` moved there; `wide` places stand below each code."""
    rows = 0
    for key in range(len(row_of)):
        rows = max(rows, row_of[key] + 1)
    begins = by[3]
    for i in range(len(codes)):
        begins[row_of[codes[i] * wide + places[i]] + 1] += 1
    for row in range(rows):
        begins[row + 1] += begins[row]
    at = begins[:-1].copy()
    categories, hours, days, _, to_categories, to_hours, to_days = by
    for i in range(len(codes)):
        row = row_of[codes[i] * wide + places[i]]
        to = at[row]
        to_categories[to] = categories[i]
        to_hours[to] = hours[i]
        to_days[to] = days[i]
        at[row] = to + 1


def histogram(categories: A, hours: A, days: A, table: A, found: A) -> None:
    """Tickets per plane and day."""
    for i in range(len(days)):
        plane = table[categories[i], hours[i]]
        if plane >= 0:
            found[plane, days[i]] += 1


def cut(found: A, limit: int, plane_ptr: A, seg_day: A, seg_size: A) -> int:
    """Cut each plane's days into segments of at least `limit` tickets; `found` becomes the segment of each day."""
    segments = 0
    for plane in range(found.shape[0]):
        plane_ptr[plane] = segments
        size, opens = limit, 0
        for day in range(found.shape[1]):
            count = found[plane, day]
            if count > 0:
                if size >= limit:
                    seg_day[segments] = opens
                    seg_size[segments] = 0
                    segments += 1
                    size = 0
                size += count
                seg_size[segments - 1] += count
                if size >= limit:
                    opens = day + 1
            found[plane, day] = segments - 1
    plane_ptr[found.shape[0]] = segments
    return segments


def scatter(
    begins: A, categories: A, hours: A, days: A, table: A, seg_of: A, at: A, entry_row: A, entry_day: A
) -> None:
    """Lay every ticket into its segment; tickets come by row, so each segment is in the order of rows."""
    for row in range(len(begins) - 1):
        for i in range(begins[row], begins[row + 1]):
            plane = table[categories[i], hours[i]]
            if plane >= 0:
                segment = seg_of[plane, days[i]]
                to = at[segment]
                entry_row[to] = row
                entry_day[to] = days[i]
                at[segment] = to + 1


def run_up(plane_ptr: A, seg_ptr: A, seg_cum: A, entry_row: A, totals: A) -> None:
    """Running totals before each segment of a plane but its first."""
    for plane in range(len(plane_ptr) - 1):
        for segment in range(plane_ptr[plane] + 1, plane_ptr[plane + 1]):
            here = totals[seg_cum[segment]]
            if seg_cum[segment - 1] >= 0:
                here[:] = totals[seg_cum[segment - 1]]
            for i in range(seg_ptr[segment - 1], seg_ptr[segment]):
                here[entry_row[i]] += 1


def find_runs(
    blocks: A, lon: A, lat: A, box: tuple[float, ...], size: int, gap: int, starts: A, stops: A
) -> int:
    """Runs of rows that hold every cell centre in the box; rows apart by less than `gap` share one."""
    west, south, east, north = box
    runs = 0
    for block in range(len(blocks)):
        if (
            blocks[block, 0] > east
            or blocks[block, 2] < west
            or blocks[block, 1] > north
            or blocks[block, 3] < south
        ):
            continue
        for row in range(block * size, min(block * size + size, len(lon))):
            if west <= lon[row] <= east and south <= lat[row] <= north:
                if runs > 0 and row - stops[runs - 1] < gap:
                    stops[runs - 1] = row + 1
                else:
                    starts[runs] = row
                    stops[runs] = row + 1
                    runs += 1
    return runs


def _lower(rows: A, begin: int, end: int, row: int) -> int:
    while begin < end:
        middle = (begin + end) >> 1
        if rows[middle] < row:
            begin = middle + 1
        else:
            end = middle
    return begin


def _scan(
    level: tuple[A, ...], segment: int, days: tuple[int, int], sign: int, starts: A, stops: A, out: A
) -> None:
    _, _, seg_ptr, _, entry_row, entry_day, _ = level
    first, end = days
    begin, last = seg_ptr[segment], seg_ptr[segment + 1]
    offset = 0
    for run in range(len(starts)):
        start, stop = starts[run], stops[run]
        begin = lower(entry_row, begin, last, start)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        i, shift = begin, offset - start
        while i < last and entry_row[i] < stop:
            # without a branch: whether a day is meant cannot be foreseen, and a wrong guess costs more than adding 0
            out[entry_row[i] + shift] += sign * ((entry_day[i] >= first) & (entry_day[i] < end))
            i += 1
        begin = i
        offset += stop - start


def _segment(seg_day: A, begin: int, end: int, day: int) -> int:
    low, high = begin, end
    while high - low > 1:
        middle = (low + high) >> 1
        if seg_day[middle] <= day:
            low = middle
        else:
            high = middle
    return low


def accumulate(
    level: tuple[A, ...], planes: A, days: tuple[int, int], sign: int, starts: A, stops: A, out: A
) -> None:
    """Add the tickets of some planes on days [first, end) to `out`, whose rows are those of the runs, one after another."""
    plane_ptr, seg_day, _, seg_cum, _, _, totals = level
    first, end = days
    for plane in planes:
        begin, stop_at = plane_ptr[plane], plane_ptr[plane + 1]
        if begin == stop_at:
            continue
        here = segment_of(seg_day, begin, stop_at, first)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        there = segment_of(seg_day, begin, stop_at, end)  # type: ignore[name-defined]  # noqa: F821 - as above
        if here == there:
            scan(level, here, (first, end), sign, starts, stops, out)  # type: ignore[name-defined]  # noqa: F821 - as above
            continue
        offset = 0
        after, before = totals[seg_cum[there]], seg_cum[here]
        for run in range(len(starts)):
            start, stop = starts[run], stops[run]
            for row in range(start, stop):
                out[offset + row - start] += sign * after[row]
            if before >= 0:
                for row in range(start, stop):
                    out[offset + row - start] -= sign * totals[before, row]
            offset += stop - start
        if seg_day[here] < first:
            scan(level, here, (0, first), -sign, starts, stops, out)  # type: ignore[name-defined]  # noqa: F821 - as above
        if seg_day[there] < end:
            scan(level, there, (0, end), sign, starts, stops, out)  # type: ignore[name-defined]  # noqa: F821 - as above


def gather(
    rows: tuple[A, ...], box: tuple[float, ...], wanted: A, starts: A, stops: A, out: A, cells: A, counts: A
) -> int:
    """Cells in the box that hold something and their counts; the rows of one cell are summed."""
    cell_of, place_of, lon, lat = rows
    west, south, east, north = box
    found, offset = 0, 0
    for run in range(len(starts)):
        for row in range(starts[run], stops[run]):
            count = out[offset]
            offset += 1
            if count == 0 or not wanted[place_of[row]]:
                continue
            if not (west <= lon[row] <= east and south <= lat[row] <= north):
                continue
            if found > 0 and cells[found - 1] == cell_of[row]:
                counts[found - 1] += count
            else:
                cells[found] = cell_of[row]
                counts[found] = count
                found += 1
    return found


def tally(
    columns: tuple[A, ...],
    areas: A,
    days: tuple[int, int, int],
    wanted: A,
    hours: A,
    categories: A,
    combinations: A,
) -> None:
    """Count by category and by combination; row 0 of the results the span before, row 1 the span asked about."""
    area_ptr, day, category, combination, hour = columns
    before, first, end = days
    for area in areas:
        last = area_ptr[area + 1]
        begin = lower(day, area_ptr[area], last, before)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        for i in range(begin, last):
            if day[i] >= end:
                break
            if wanted[category[i]] and hours[hour[i]]:
                now = 1 if day[i] >= first else 0
                categories[now, category[i]] += 1
                combinations[now, combination[i]] += 1


def tally_due(
    columns: tuple[A, ...], areas: A, days: tuple[int, int, int], wanted: A, hours: A, due: A
) -> None:
    """Count what was due, closed late (column 0) and in time (column 1), rows as above."""
    area_ptr, day, category, on_time, hour = columns
    before, first, end = days
    for area in areas:
        last = area_ptr[area + 1]
        begin = lower(day, area_ptr[area], last, before)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        for i in range(begin, last):
            if day[i] >= end:
                break
            if wanted[category[i]] and hours[hour[i]]:
                due[1 if day[i] >= first else 0, on_time[i]] += 1


def tally_hours(
    columns: tuple[A, ...], areas: A, days: tuple[int, int, int], wanted: A, hours: A, found: A
) -> None:
    """Count by day (from the first of the span asked about) and local hour."""
    area_ptr, day, category, _, hour = columns
    _, first, end = days
    for area in areas:
        last = area_ptr[area + 1]
        begin = lower(day, area_ptr[area], last, first)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        for i in range(begin, last):
            if day[i] >= end:
                break
            if wanted[category[i]] and hours[hour[i]]:
                found[day[i] - first, hour[i]] += 1


def tally_areas(
    columns: tuple[A, ...], areas: A, days: tuple[int, int, int], wanted: A, hours: A, found: A
) -> None:
    """Count by span (as of `tally`), by what the fourth column says where `found` has more than one place for it, by area."""
    area_ptr, day, category, kind, hour = columns
    before, first, end = days
    kinds = found.shape[1]
    for at in range(len(areas)):
        last = area_ptr[areas[at] + 1]
        begin = lower(day, area_ptr[areas[at]], last, before)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        for i in range(begin, last):
            if day[i] >= end:
                break
            if wanted[category[i]] and hours[hour[i]]:
                found[1 if day[i] >= first else 0, kind[i] if kinds > 1 else 0, at] += 1


def gather_took(
    columns: tuple[A, ...], took: A, areas: A, days: tuple[int, int, int], wanted: A, hours: A, group_at: A, at: A, out: A
) -> None:  # fmt: skip
    """Move what closed tickets took to where their group goes on (`at`); with an empty `out` only count."""
    area_ptr, day, category, _, hour = columns
    _, first, end = days
    for area in areas:
        group = group_at[area]
        if group < 0:
            continue
        last = area_ptr[area + 1]
        begin = lower(day, area_ptr[area], last, first)  # type: ignore[name-defined]  # noqa: F821 - bound by compiled()
        for i in range(begin, last):
            if day[i] >= end:
                break
            if took[i] >= 0 and wanted[category[i]] and hours[hour[i]]:
                if len(out) > 0:
                    out[at[group]] = took[i]
                at[group] += 1


class Kernels(NamedTuple):
    """The loops as machine code."""

    number_cells: Callable[..., Any]
    sort_by_row: Callable[..., Any]
    histogram: Callable[..., Any]
    cut: Callable[..., Any]
    scatter: Callable[..., Any]
    run_up: Callable[..., Any]
    find_runs: Callable[..., Any]
    accumulate: Callable[..., Any]
    gather: Callable[..., Any]
    tally: Callable[..., Any]
    tally_due: Callable[..., Any]
    tally_hours: Callable[..., Any]
    tally_areas: Callable[..., Any]
    gather_took: Callable[..., Any]


@cache
def compiled() -> Kernels:
    """Compile them, or take them from numba's memory; a second in a new process, some ten on a new machine."""
    from numba import njit  # noqa: PLC0415 - slow to import, and only who counts needs it

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        return njit(cache=True, nogil=True)(function)

    own = globals()
    own["lower"], own["segment_of"] = made(_lower), made(_segment)
    own["scan"] = made(_scan)
    return Kernels(*(made(own[name]) for name in Kernels._fields))
