"""How a question (when, which categories, where) becomes conditions on ticket rows; every figure uses these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.types import Question

IN_AREA = "t.area_id = any(:area_ids)"  # keys, not a subquery: the planner then knows how many
IN_OTHER_SCHEME = """exists (select from areas o where o.scheme = :scheme and o.code = :area
    and o.valid_from <= (t.received_at at time zone :zone)::date
    and (o.valid_to is null or o.valid_to > (t.received_at at time zone :zone)::date) and ST_Covers(o.geom, t.geom))"""
IN_CATEGORY = "t.category_id = any(:category_ids)"
IN_AREAS = "t.area_id = any(:areas_ids)"
IN_SHAPE = "ST_Covers(ST_GeomFromText(:shape, 4326), t.geom)"
IN_BAND = "extract(hour from t.received_at at time zone :band_zone) = any(:band_hours)"
IN_SPAN = "t.received_at >= :start and t.received_at < :end"


@dataclass(frozen=True, slots=True)
class Condition:
    """A WHERE clause on `tickets t` with its parameters."""

    sql: str
    parameters: dict[str, Any]


def span(q: Question) -> tuple[datetime, datetime]:
    """The half-open instants asked about: the window, narrowed by the hours chosen in it."""
    start, end = q.window.start, q.window.end
    if q.hours:
        start, end = max(start, q.hours[0]), min(end, q.hours[1])
    return start, max(start, end)


def condition(c: Connection, profile: Profile, q: Question, *, timed: bool = True) -> Condition:
    """Which tickets a question is about; untimed leaves the window out."""
    parts, parameters = ["true"], dict[str, Any]()
    if timed:
        parts.append(IN_SPAN)
        parameters["start"], parameters["end"] = span(q)
    if q.categories is not None:
        parts.append(IN_CATEGORY)
        parameters["category_ids"] = category_ids(c, q.categories)
    if q.area and q.area != profile.code:
        if q.scheme == profile.scheme:
            parts.append(IN_AREA)
            parameters["area_ids"] = area_ids(c, q.area)
        else:
            parts.append(IN_OTHER_SCHEME)
            parameters |= {"area": q.area, "scheme": q.scheme, "zone": profile.time_zone}
    for sql, known in _narrower(c, profile, q):
        parts.append(sql)
        parameters |= known
    return Condition(" and ".join(parts), parameters)


def _narrower(c: Connection, profile: Profile, q: Question) -> Iterator[tuple[str, dict[str, Any]]]:
    if q.areas is not None:
        yield IN_AREAS, {"areas_ids": sorted({key for code in q.areas for key in area_ids(c, code)})}
    if q.shape is not None:
        yield IN_SHAPE, {"shape": q.shape}
    if q.band is not None:
        yield IN_BAND, {"band_hours": band_hours(q.band), "band_zone": profile.time_zone}


def band_hours(band: tuple[int, int]) -> list[int]:
    """The hours of the day in a band; past midnight when it ends before it begins, all day when both are equal."""
    first, last = band
    return [hour % 24 for hour in range(first, last if last > first else last + 24)]


def device_condition(c: Connection, profile: Profile, q: Question) -> Condition:
    """Which devices (alias t) stand in the area of a question, as it was on the window's last day."""
    if not q.area or q.area == profile.code:
        return Condition("true", {})
    if q.scheme == profile.scheme:
        return Condition(IN_AREA, {"area_ids": area_ids(c, q.area)})
    inside = """exists (select from areas o where o.scheme = :scheme and o.code = :area and o.valid_from <= :on
                        and (o.valid_to is null or o.valid_to > :on) and ST_Covers(o.geom, t.geom))"""
    return Condition(inside, {"area": q.area, "scheme": q.scheme, "on": q.window.last})


def area_ids(c: Connection, code: str) -> list[int]:
    """Keys of all versions of an area and of all areas below it."""
    found = text("select area_id from area_ancestors where ancestor_code = :code order by area_id")
    return list(c.execute(found, {"code": code}).scalars())


def category_ids(c: Connection, codes: tuple[str, ...]) -> list[int]:
    """Keys of the categories with these codes, of any scheme, and of all below them."""
    known = set(
        c.execute(
            text("select code from categories where code = any(:codes)"), {"codes": list(codes)}
        ).scalars()
    )
    for code in codes:
        if code not in known:
            raise BadArgument("category", f"There is no category with the code “{code}”.")
    tree = """with recursive tree as (
        select id from categories where code = any(:codes)
        union select k.id from categories k join tree on k.parent_id = tree.id) select id from tree"""
    return list(c.execute(text(tree), {"codes": list(codes)}).scalars())
