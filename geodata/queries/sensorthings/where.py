"""A filter's tree as a condition on tables; values are always bound, names are looked up, never passed on."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import shapely
from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.errors import BadArgument
from geodata.queries.sensorthings.entities import ENTITIES, WHEN, Entity, Link
from geodata.queries.sensorthings.words import Tree

Sort = Literal["text", "number", "time", "bool", "json", "result", "null", "geometry", "id"]
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
COUNT: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "mod": operator.mod,
}  # fmt: skip
PARTS = ("year", "month", "day", "hour", "minute", "second")
ROUND = {"round": func.round, "floor": func.floor, "ceiling": func.ceiling}
TEXT_IN: dict[str, Callable[[Any, Any], Any]] = {
    "substringof": lambda part, whole: func.strpos(whole, part) > 0,
    "contains": lambda whole, part: func.strpos(whole, part) > 0,
    "startswith": func.starts_with,
    "endswith": lambda whole, part: func.right(whole, func.length(part)) == part,
}
RELATIONS = {
    "geo.intersects": func.ST_Intersects, "st_intersects": func.ST_Intersects, "st_within": func.ST_Within,
    "st_contains": func.ST_Contains, "st_disjoint": func.ST_Disjoint, "st_equals": func.ST_Equals,
    "st_overlaps": func.ST_Overlaps, "st_touches": func.ST_Touches, "st_crosses": func.ST_Crosses,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path begins: an entity and the table's alias in this statement."""

    entity: Entity
    table: Any


@dataclass(frozen=True, slots=True)
class Worth:
    """An expression and what sort of thing it is."""

    sql: Any
    sort: Sort


def condition(tree: Tree, place: Place) -> ColumnElement[bool]:
    """The condition that a tree means; refused when it compares what cannot be compared."""
    kind = tree[0]
    if kind in {"and", "or"}:
        joined = and_ if kind == "and" else or_
        return joined(condition(tree[1], place), condition(tree[2], place))
    if kind == "not":
        return not_(func.coalesce(condition(tree[1], place), false()))
    return _leaf(tree, place)


def order_of(path: str, place: Place) -> Any:
    """What to order by; the path may lead over links to one."""
    table, entity, steps = place.table, place.entity, path.split("/")
    if steps[0] in entity.links:
        link = entity.links[steps[0]]
        if link.many:
            raise BadArgument("$orderby", f"“{path}” leads to many; order by something of one.")
        there = Place(ENTITIES[link.target], ENTITIES[link.target].table.alias())
        inner = order_of("/".join(steps[1:]), there)
        return select(inner).where(joined(link, table, there.table)).scalar_subquery()
    worth = _field(steps, place)
    return place.table.c.result_number if worth.sort == "result" else worth.sql


def joined(link: Link, here: FromClause, there: FromClause) -> ColumnElement[bool]:
    """How two tables hang together by a link."""
    if link.between is None:
        return here.c[link.here] == there.c[link.there]
    between = link.between.alias()
    found = select(literal(1)).select_from(between).where(
        between.c[link.between_here] == here.c.id, between.c[link.between_there] == there.c.id
    )  # fmt: skip
    return exists(found.correlate(here, there))


def _leaf(tree: Tree, place: Place) -> ColumnElement[bool]:
    """A comparison or a call; where a path leads over a link it holds when it does for any there."""
    step = _first_step(tree, place)
    if step is None:
        return _truth(tree, place)
    link, begun = step
    there = Place(ENTITIES[link.target], ENTITIES[link.target].table.alias())
    inner = _bound(tree, begun, there)
    return exists(
        select(literal(1))
        .select_from(there.table)
        .where(joined(link, begun.table, there.table), _leaf(inner, place))
    )


def _first_step(tree: Any, place: Place) -> tuple[Link, Place] | None:
    """The first link that a path of this leaf leads over, and from where."""
    if isinstance(tree, tuple) and tree and tree[0] in {"path", "bound"}:
        begun = place if tree[0] == "path" else tree[2]
        return (
            (begun.entity.links[tree[1][0]], begun) if tree[1] and tree[1][0] in begun.entity.links else None
        )
    if isinstance(tree, (tuple, list)):
        for part in tree[1:] if isinstance(tree, tuple) else tree:
            if found := _first_step(part, place):
                return found
    return None


def _bound(tree: Any, begun: Place, there: Place) -> Any:
    """The same leaf with every path over this link taken one step on."""
    if isinstance(tree, tuple) and tree and tree[0] in {"path", "bound"}:
        starts = begun.entity.links if tree[0] == "path" or tree[2] is begun else {}
        link = starts.get(tree[1][0])
        return ("bound", tree[1][1:], there) if link and link.target == there.entity.name else tree
    if isinstance(tree, tuple):
        return (tree[0], *(_bound(part, begun, there) for part in tree[1:]))
    return [_bound(part, begun, there) for part in tree] if isinstance(tree, list) else tree


def _truth(tree: Tree, place: Place) -> ColumnElement[bool]:
    if tree[0] in COMPARE:
        return _compared(tree[0], _worth(tree[1], place), _worth(tree[2], place))
    worth = _worth(tree, place)
    if worth.sort != "bool":
        raise BadArgument("$filter", "The filter is a value where a condition should stand.")
    return worth.sql  # type: ignore[no-any-return]


def _compared(word: str, left: Worth, right: Worth) -> ColumnElement[bool]:
    if "null" in {left.sort, right.sort}:
        told = left if right.sort == "null" else right
        return told.sql.is_(None) if word == "eq" else told.sql.is_not(None)  # type: ignore[no-any-return]
    sort = next(
        (x.sort for x in (left, right) if x.sort not in {"json", "result", "id"}),
        "number" if "result" in {left.sort, right.sort} else "text",
    )
    return COMPARE[word](_as(left, sort), _as(right, sort))  # type: ignore[no-any-return]


def _worth(tree: Tree, place: Place) -> Worth:
    make = WORTH.get(tree[0])
    if make is not None:
        return make(tree, place)
    if tree[0] in COUNT:
        left, right = (_as(_worth(part, place), "number") for part in tree[1:])
        return Worth(
            COUNT[tree[0]](left, func.nullif(right, 0) if tree[0] in {"div", "mod"} else right), "number"
        )
    return Worth(condition(tree, place), "bool")


def _field(steps: list[str], place: Place) -> Worth:
    if not steps:
        raise BadArgument("$filter", "A path ends at a link; name a field of it.")
    name, table = steps[0], place.table
    if name in {"id", "@iot.id"}:
        return Worth(table.c.id, "id")
    if name not in place.entity.fields:
        raise BadArgument("$filter", f"{place.entity.name} has no “{name[:60]}”.")
    column, kind = place.entity.fields[name]
    if kind == "span":
        return Worth(table.c[f"{column}_start"], "time")
    if kind == "result":
        return Worth(table.c[column], "result")
    if kind == "json" and len(steps) > 1:
        return Worth(table.c[column][tuple(steps[1:])], "json")
    return Worth(table.c[column], "json" if kind == "json" else kind)


def _value(value: Any) -> Worth:
    if value is None:
        return Worth(null(), "null")
    if isinstance(value, bool):
        return Worth(literal(value), "bool")
    if isinstance(value, datetime):
        return Worth(literal(value), "time")
    return Worth(literal(value), "text" if isinstance(value, str) else "number")


def _as(worth: Worth, sort: str) -> Any:
    """An expression as the sort that its other side has."""
    if worth.sort == sort:
        return worth.sql
    if worth.sort == "id":
        return (
            cast(worth.sql, String)
            if sort == "text"
            else worth.sql
            if sort == "number" and _is_number(worth.sql)
            else cast(worth.sql, String)
        )
    if worth.sort in {"json", "result"}:
        return _unpacked(worth.sql, sort)
    if worth.sort == "number" and sort == "text":
        return cast(worth.sql, String)
    raise BadArgument("$filter", f"A {worth.sort} cannot be compared with a {sort}.")


def _is_number(sql: Any) -> bool:
    return not isinstance(sql.type, String)


def _unpacked(sql: Any, sort: str) -> Any:
    told = func.jsonb_extract_path_text(func.jsonb_build_object("x", sql), "x")
    if sort == "number":
        return case((func.jsonb_typeof(sql) == "number", cast(told, Double)), else_=null())
    if sort == "bool":
        return sql == cast(literal(True), JSONB)  # noqa: FBT003 - the value itself
    if sort == "time":
        return case((told.regexp_match(r"^\d{4}-\d\d-\d\d"), cast(told, WHEN)), else_=null())
    return told


def _call(name: str, told: list[Worth]) -> Worth:
    make = CALLS.get((name, len(told)))
    if make is None:
        raise BadArgument("$filter", f"There is no function “{name[:40]}” of {len(told)} values here.")
    return make(*told)


def _of_text(made: Callable[..., Any], sort: Sort) -> Callable[..., Worth]:
    return lambda *told: Worth(made(*(_as(one, "text") for one in told)), sort)


def _of_number(made: Callable[..., Any]) -> Callable[..., Worth]:
    return lambda one: Worth(made(_as(one, "number")), "number")


def _of_time(part: str) -> Callable[..., Worth]:
    return lambda one: Worth(func.date_part(part, func.timezone("UTC", _as(one, "time"))), "number")


def _of_shapes(made: Callable[..., Any], sort: Sort) -> Callable[..., Worth]:
    return lambda left, right: Worth(made(_shape(left), _shape(right)), sort)


def _shape(worth: Worth) -> Any:
    if worth.sort == "geometry":
        return worth.sql
    if worth.sort != "json":
        raise BadArgument("$filter", "A function of places needs location, feature or geography'…'.")
    known = (
        worth.sql["type"]
        .as_string()
        .in_(("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"))
    )
    return case((known, func.ST_GeomFromGeoJSON(cast(worth.sql, JSONB))), else_=null())


def _wkt(text: str) -> str:
    try:
        return str(shapely.to_wkt(shapely.from_wkt(text), rounding_precision=-1))
    except shapely.errors.GEOSException:
        raise BadArgument("$filter", f"“{text[:60]}” is no WKT.") from None


WORTH: dict[str, Callable[[Tree, Place], Worth]] = {
    "path": lambda tree, place: _field(tree[1], place),
    "bound": lambda tree, _: _field(tree[1], tree[2]),
    "value": lambda tree, _: _value(tree[1]),
    "geometry": lambda tree, _: Worth(func.ST_GeomFromText(_wkt(tree[1]), 4326), "geometry"),
    "minus": lambda tree, place: Worth(-_as(_worth(tree[1], place), "number"), "number"),
    "call": lambda tree, place: _call(tree[1], [_worth(part, place) for part in tree[2]]),
}
CALLS: dict[tuple[str, int], Callable[..., Worth]] = {
    ("now", 0): lambda: Worth(literal(datetime.now(UTC)), "time"),
    ("tolower", 1): _of_text(func.lower, "text"),
    ("toupper", 1): _of_text(func.upper, "text"),
    ("trim", 1): _of_text(func.trim, "text"),
    ("length", 1): _of_text(func.length, "number"),
    ("concat", 2): _of_text(operator.add, "text"),
    ("geo.distance", 2): _of_shapes(func.ST_Distance, "number"),
    **{(name, 2): _of_text(made, "bool") for name, made in TEXT_IN.items()},
    **{(part, 1): _of_time(part) for part in PARTS},
    **{(name, 1): _of_number(made) for name, made in ROUND.items()},
    **{(name, 2): _of_shapes(made, "bool") for name, made in RELATIONS.items()},
}
