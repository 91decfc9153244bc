"""Entity sets as the JSON of the standard, expanded where asked; one statement a level of expansion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Select, column, func, select, true, values
from sqlalchemy.types import BigInteger, String

from geodata.errors import BadArgument, NotFound
from geodata.queries.sensorthings.entities import ENTITIES, Entity, Link
from geodata.queries.sensorthings.options import Options
from geodata.queries.sensorthings.where import Place, condition, joined, order_of

DEEPEST = 6
ALWAYS = frozenset({"resultTime", "result", "name", "description"})  # told even when there is nothing


@dataclass(frozen=True, slots=True)
class Found:
    """A part of an entity set."""

    items: list[dict[str, Any]]
    more: bool
    count: int | None


def read_set(
    c: Connection, root: str, name: str, options: Options, *, above: tuple[str, str, str] | None = None
) -> Found:
    """What an entity set holds; `above` = (set, key, link) narrows it to what hangs on one entity."""
    place = Place(ENTITIES[name], ENTITIES[name].table.alias())
    statement = _asked(place, options)
    if above:
        statement = statement.where(_hangs_on(place, *above))
    rows = c.execute(statement.limit(options.top + 1).offset(options.skip)).all()
    count = (
        c.execute(select(func.count()).select_from(statement.order_by(None).subquery())).scalar()
        if options.count
        else None
    )
    items = [told(root, place.entity, row, options) for row in rows[: options.top]]
    _Asker(c, root).expand(place.entity, rows[: options.top], items, options)
    return Found(items, len(rows) > options.top, count)


def read_one(c: Connection, root: str, name: str, key: str, options: Options) -> dict[str, Any]:
    """One entity by its key; NotFound when there is none."""
    place = Place(ENTITIES[name], ENTITIES[name].table.alias())
    row = c.execute(select(place.table).where(place.table.c.id == as_key(name, key))).one_or_none()
    if row is None:
        raise NotFound(f"There is no {name}({key[:40]}).")
    items = [told(root, place.entity, row, options)]
    _Asker(c, root).expand(place.entity, [row], items, options)
    return items[0]


def key_at(c: Connection, name: str, key: str, link: str) -> str:
    """The key of the one entity that a link to one leads to."""
    entity = ENTITIES[name]
    way = entity.links[link]
    found = c.execute(select(entity.table.c[way.here]).where(entity.table.c.id == as_key(name, key))).scalar()
    if found is None:
        raise NotFound(f"{name}({key[:40]}) has no {link}.")
    return str(found)


def as_key(name: str, key: str) -> Any:
    """A key as its column keeps it."""
    if name == "Observations":
        return key.strip("'")
    if not key.isdecimal() or len(key) > 18:
        raise NotFound(f"There is no {name}({key[:40]}).")
    return int(key)


def told(root: str, entity: Entity, row: Any, options: Options) -> dict[str, Any]:
    """One row in the words of the standard."""
    here = address(root, entity.name, row.id)
    body: dict[str, Any] = {"@iot.id": shown_key(row.id), "@iot.selfLink": here}
    for name, (col, kind) in entity.fields.items():
        if options.select and name not in options.select:
            continue
        value = _span(row, col) if kind == "span" else _plain(getattr(row, col))
        if value is not None or name in ALWAYS:
            body[name] = value
    for link in entity.links:
        if not options.select or link in options.select:
            body[f"{link}@iot.navigationLink"] = f"{here}/{link}"
    if options.select and not {"id", "@iot.id"} & set(options.select):
        body.pop("@iot.id")
        body.pop("@iot.selfLink")
    return body


def address(root: str, name: str, key: Any) -> str:
    """Where an entity stands."""
    shown = shown_key(key)
    return f"{root}/{name}({shown})" if isinstance(shown, int) else f"{root}/{name}('{shown}')"


def shown_key(key: Any) -> int | str:
    """A key as JSON tells it: a number where it is one."""
    return int(key) if str(key).isdecimal() else str(key)


def next_link(at: str, query: dict[str, str], options: Options) -> str:
    """Where the rest of an entity set is."""
    return f"{at}?{urlencode(query | {'$top': str(options.top), '$skip': str(options.skip + options.top)}, safe='$(),;=/')}"


def _asked(place: Place, options: Options) -> Select[Any]:
    statement = select(place.table)
    if options.filter is not None:
        statement = statement.where(condition(options.filter, place))
    for path, down in options.orderby:
        key = order_of(path, place)
        statement = statement.order_by(key.desc().nulls_last() if down else key.asc().nulls_last())
    return statement.order_by(place.table.c.id)


def _hangs_on(place: Place, above: str, key: str, link: str) -> Any:
    upper = ENTITIES[above]
    way = upper.links[link]
    if way.between is None:
        return place.table.c[way.there] == as_key(above, key)
    between = way.between
    inside = select(between.c[way.between_there]).where(between.c[way.between_here] == as_key(above, key))
    return place.table.c.id.in_(inside)


@dataclass(frozen=True, slots=True)
class _Asker:
    """Where expansions are asked and told."""

    c: Connection
    root: str

    def expand(
        self,
        entity: Entity,
        rows: Sequence[Any],
        items: list[dict[str, Any]],
        options: Options,
        depth: int = 1,
    ) -> None:
        """Put what hangs on some entities into them, by one statement a link."""
        if depth > DEEPEST:
            raise BadArgument("$expand", f"Expanding goes {DEEPEST} levels deep at most.")
        for name, inner in options.expand.items():
            link = entity.links.get(name)
            if link is None:
                raise BadArgument("$expand", f"{entity.name} has no link “{name[:60]}”.")
            below = self._below(entity, link, [row.id for row in rows], inner)
            for row, item in zip(rows, items, strict=True):
                self._put(item, name, link, rows=below.get(row.id, []), options=inner, depth=depth)

    def _put(
        self, item: dict[str, Any], name: str, link: Link, *, rows: list[Any], options: Options, depth: int
    ) -> None:
        target = ENTITIES[link.target]
        kept = rows[: options.top]
        told_of = [told(self.root, target, row, options) for row in kept]
        self.expand(target, kept, told_of, options, depth + 1)
        at = item.pop(f"{name}@iot.navigationLink", None)
        if not link.many:
            item[name] = told_of[0] if told_of else None
            return
        item[name] = told_of
        if len(rows) > options.top and at:
            item[f"{name}@iot.nextLink"] = next_link(at, {}, options)

    def _below(self, entity: Entity, link: Link, keys: list[Any], options: Options) -> dict[Any, list[Any]]:
        """The rows that hang on each of some entities by a link, so many for each."""
        if not keys:
            return {}
        target = ENTITIES[link.target]
        there, upper = Place(target, target.table.alias()), entity.table.alias()
        kind = String if isinstance(keys[0], str) else BigInteger
        wanted = values(column("id", kind), name="wanted").data([(key,) for key in keys])
        inner = (
            _asked(there, options)
            .where(joined(link, upper, there.table))
            .limit(options.top + 1)
            .offset(options.skip)
        )
        near = inner.correlate(upper).lateral("near")
        joined_up = wanted.join(upper, upper.c.id == wanted.c.id).join(near, true())
        groups: dict[Any, list[Any]] = {}
        for row in self.c.execute(select(wanted.c.id.label("of_key"), *near.c).select_from(joined_up)):
            groups.setdefault(row.of_key, []).append(row)
        return groups


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _span(row: Any, col: str) -> str | None:
    start, end = getattr(row, f"{col}_start"), getattr(row, f"{col}_end")
    if start is None:
        return None
    return f"{_plain(start)}/{_plain(end)}" if end else str(_plain(start))
