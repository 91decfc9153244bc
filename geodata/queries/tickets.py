"""Tickets themselves: the list behind a figure, one ticket with its history, and how many came when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, text

from geodata.cube import dossier_answers
from geodata.errors import BadArgument, NotFound
from geodata.profile import Profile
from geodata.queries import categories
from geodata.queries.categories import Category
from geodata.queries.question import Condition, category_ids, condition, span
from geodata.queries.relations import LOCATED_SQL
from geodata.queries.stretch_keys import on_stretch
from geodata.queries.summary import Figures, Named, Summary, summary
from geodata.space.hexes import RESOLUTIONS, resolution_of
from geodata.types import Question

__all__ = ["Event", "Figures", "Filters", "Named", "Summary", "TicketCard", "TicketPage", "TicketRow", "card", "export",
           "page", "per_day", "per_hour", "summary"]  # fmt: skip

MOST_ROWS = 500
SORTS = {
    "received_at": "t.received_at", "due_at": "t.due_at", "closed_at": "t.closed_at", "number": "t.number",
    "state": "t.state", "source": "s.name", "category": "t.category_id", "address": "t.address", "unit": "u.name",
}  # fmt: skip
ABSENT = ("due_at", "closed_at", "address", "unit")
PLACES = {
    "located": LOCATED_SQL,
    "default_point": "t.is_default_point",
    "unlocated": "t.location_quality in ('area', 'none')",
}
ROW_SQL = """
    select t.id, t.number, s.key as source, s.name as source_name, t.family::text, t.category_id, t.title, t.address,
           t.received_at, t.due_at, t.closed_at, t.state::text, t.outcome, t.location_quality::text, t.is_default_point,
           ST_X(t.geom) as lon, ST_Y(t.geom) as lat, a.code as area_code, a.name as area_name, u.name as unit
    from tickets t join ticket_sources s on s.id = t.source_id
    left join units u on u.id = t.unit_id left join areas a on a.id = t.area_id"""


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list beyond the question; overdue lists what is open and late now, whatever the window.

    `categories` (codes of any level) are met together with those of the question. `due` takes tickets by their
    deadline in the window instead of their receipt: those closed by it, or those not. `cell` is an H3 cell of resolution
    9 to 11; `slot` a weekday (Monday is 0) and an hour of the district's day; `stretch` the key of a stretch of road.
    """

    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    place: str | None = None
    categories: tuple[str, ...] = ()
    overdue: bool = False
    due: Literal["on_time", "late"] | None = None
    open: bool = False
    cell: int | None = None
    slot: tuple[int, int] | None = None
    stretch: str | None = None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket in a list; position in EPSG:4326, category names from the top down."""

    id: int
    number: str
    source: str
    source_name: str
    family: str
    category: str
    category_names: tuple[str, ...]
    category_names_en: tuple[str, ...]
    title: str | None
    address: str | None
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    state: str
    outcome: str | None
    location_quality: str
    is_default_point: bool
    lon: float | None
    lat: float | None
    area_code: str | None
    area_name: str | None
    unit: str | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A part of a list and how long the whole is."""

    total: int
    offset: int
    tickets: list[TicketRow]


@dataclass(frozen=True, slots=True)
class Event:
    """Something done about a ticket."""

    seq: int
    at: datetime
    kind: str
    unit: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class TicketCard:
    """One ticket with all that is known and was done."""

    ticket: TicketRow
    description: str | None
    satisfaction: str | None
    road: str | None
    events: list[Event] = field(default_factory=list)


def page(
    c: Connection, profile: Profile, q: Question, filters: Filters = Filters(), *, now: datetime | None = None,
    sort: str = "-received_at", offset: int = 0, limit: int = 50,
) -> TicketPage:  # fmt: skip
    """A part of the tickets of a question; sort is a column of SORTS, with a minus the other way round."""
    if not 1 <= limit <= MOST_ROWS:
        raise BadArgument("limit", f"limit must be from 1 to {MOST_ROWS}, not {limit}.")
    if offset < 0:
        raise BadArgument("offset", f"offset must not be negative, and is {offset}.")
    now = now or datetime.now(UTC)
    where = _where(c, profile, q, filters, now)
    ready = dossier_answers.hours(c, profile, q) if filters == Filters() else None
    counted = f"select count(*) from tickets t where {where.sql}"
    total = c.execute(text(counted), where.parameters).scalar_one() if ready is None else int(ready.sum())
    rows = c.execute(
        text(f"{ROW_SQL} where {where.sql} order by {_order(sort)} offset :offset limit :limit"),
        where.parameters | {"offset": offset, "limit": limit},
    ).all()
    paths = categories.paths(categories.tree(c))
    return TicketPage(total, offset, [_row(row, paths, now) for row in rows])


def export(c: Connection, profile: Profile, q: Question, filters: Filters = Filters()) -> Iterator[TicketRow]:
    """All tickets of a list in order of receipt, read a few thousand at a time."""
    now = datetime.now(UTC)
    where = _where(c, profile, q, filters, now)
    paths = categories.paths(categories.tree(c))
    streaming = c.execution_options(stream_results=True, yield_per=2000)
    for row in streaming.execute(
        text(f"{ROW_SQL} where {where.sql} order by t.received_at, t.id"), where.parameters
    ):
        yield _row(row, paths, now)


def card(c: Connection, key: str | int) -> TicketCard:
    """One ticket by its number, or by its key as a whole number."""
    named = "t.id = :key" if isinstance(key, int) else "t.number = :key"
    row = c.execute(text(f"{ROW_SQL} where {named} order by t.id desc limit 1"), {"key": key}).one_or_none()
    if row is None:
        raise NotFound(f"There is no ticket “{str(key)[:60]}”.")
    more = c.execute(
        text("""select t.description, t.satisfaction::text, r.name as road
                from tickets t left join roads r on r.id = t.road_id where t.id = :id"""),
        {"id": row.id},
    ).one()
    events = c.execute(
        text("""select e.seq, e.at, e.kind::text, u.name, e.note from ticket_events e
                left join units u on u.id = e.unit_id where e.ticket_id = :id order by e.seq"""),
        {"id": row.id},
    )
    ticket = _row(row, categories.paths(categories.tree(c)), datetime.now(UTC))
    return TicketCard(
        ticket, more.description, more.satisfaction, more.road, [Event(*event) for event in events]
    )


def per_hour(c: Connection, profile: Profile, q: Question) -> list[tuple[datetime, int]]:
    """Tickets received in each hour (UTC) of the question's span, hours without any included."""
    ready = _by_the_clock(c, profile, q)
    if ready is not None:
        begin = q.window.start.astimezone(UTC)
        return [(begin + timedelta(hours=n), count) for n, count in enumerate(ready.ravel().tolist())]
    where = condition(c, profile, q)
    rows = c.execute(
        text(
            f"select date_trunc('hour', t.received_at) as at, count(*) from tickets t where {where.sql} group by 1"
        ),
        where.parameters,
    )
    found = {row[0]: row[1] for row in rows}
    start, end = (instant.astimezone(UTC) for instant in span(q))
    first = start.replace(minute=0, second=0, microsecond=0)
    hours = -(-(end - first) // timedelta(hours=1))
    return [(at, found.get(at, 0)) for at in (first + timedelta(hours=n) for n in range(hours))]


def _by_the_clock(c: Connection, profile: Profile, q: Question) -> NDArray[np.int64] | None:
    """Counts by day and local hour, where local hours are hours of UTC: not when the clock is put forward or back."""
    days = (q.window.first + timedelta(days=n) for n in range(q.window.days + 1))
    offsets = {datetime.combine(day, time.min, profile.zone).utcoffset() for day in days}
    whole = all(offset is not None and offset % timedelta(hours=1) == timedelta() for offset in offsets)
    return dossier_answers.hours(c, profile, q) if len(offsets) == 1 and whole else None


def per_day(c: Connection, profile: Profile, q: Question) -> list[tuple[date, int]]:
    """Tickets received on each day (of the district's zone) of the window, days without any included."""
    ready = dossier_answers.hours(c, profile, q)
    if ready is not None:
        return [
            (q.window.first + timedelta(days=n), count) for n, count in enumerate(ready.sum(axis=1).tolist())
        ]
    where = condition(c, profile, q)
    rows = c.execute(
        text(f"""select (t.received_at at time zone :day_zone)::date as day, count(*)
                 from tickets t where {where.sql} group by 1"""),
        where.parameters | {"day_zone": profile.time_zone},
    )
    found = {row[0]: row[1] for row in rows}
    days = (q.window.first + timedelta(days=n) for n in range(q.window.days))
    return [(day, found.get(day, 0)) for day in days]


def _where(c: Connection, profile: Profile, q: Question, filters: Filters, now: datetime) -> Condition:
    base = condition(c, profile, q, timed=not (filters.overdue or filters.due))
    parts, parameters = [base.sql], dict(base.parameters)
    if filters.overdue:
        parts.append("t.closed_at is null and t.due_at < :now")
        parameters["now"] = now
    if filters.due:
        on_time = "coalesce(t.closed_at <= t.due_at, false)"
        parts.append(
            f"t.due_at >= :start and t.due_at < :end and {'' if filters.due == 'on_time' else 'not '}{on_time}"
        )
        parameters["start"], parameters["end"] = span(q)
    if filters.place:
        if filters.place not in PLACES:
            raise BadArgument("place", f"place must be one of {', '.join(PLACES)}.")
        parts.append(f"({PLACES[filters.place]})")
    for column, kind, values in (
        ("state", "ticket_state", filters.states),
        ("family", "ticket_family", filters.families),
    ):
        if values:
            parts.append(f"t.{column} = any(cast(:{column} as {kind}[]))")
            parameters[column] = list(values)
    if filters.categories:
        parts.append("t.category_id = any(:within)")
        parameters["within"] = category_ids(c, filters.categories)
    if filters.sources:
        parts.append("t.source_id in (select id from ticket_sources where key = any(:sources))")
        parameters["sources"] = list(filters.sources)
    for sql, known in _narrower(profile, filters):
        parts.append(sql)
        parameters |= known
    return Condition(" and ".join(parts), parameters)


def _narrower(profile: Profile, filters: Filters) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the marks of maps and charts narrow a list by."""
    if filters.open:
        yield "t.closed_at is null", {}
    if filters.cell is not None:
        resolution = resolution_of(filters.cell)
        if resolution not in RESOLUTIONS:
            raise BadArgument("cell", "The cell must have resolution 9, 10 or 11.")
        yield f"t.hex_r{resolution} = :cell and {LOCATED_SQL}", {"cell": filters.cell}
    if filters.slot:
        local = "t.received_at at time zone :slot_zone"
        yield (
            f"extract(isodow from {local}) = :slot_day and extract(hour from {local}) = :slot_hour",
            {"slot_zone": profile.time_zone, "slot_day": filters.slot[0] + 1, "slot_hour": filters.slot[1]},
        )
    if filters.stretch:
        yield on_stretch(filters.stretch)
    if filters.numbers:
        yield "t.number = any(:numbers)", {"numbers": list(filters.numbers)}


def _order(sort: str) -> str:
    name, down = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        raise BadArgument("sort", f"sort must be one of {', '.join(SORTS)}, with a minus for descending.")
    way = "desc" if down else "asc"
    last = " nulls last" if name in ABSENT else ""  # where nothing is absent the index gives the order
    return f"{SORTS[name]} {way}{last}, t.id {way}"


def _row(row: Row[Any], paths: dict[int, tuple[Category, ...]], now: datetime) -> TicketRow:
    path = paths[row.category_id]
    facts = {name: value for name, value in row._mapping.items() if name != "category_id"}  # noqa: SLF001 - the row's public mapping
    return TicketRow(
        category=path[-1].code,
        category_names=tuple(entry.name for entry in path),
        category_names_en=tuple(entry.name_en or entry.name for entry in path),
        overdue=row.closed_at is None and row.due_at is not None and row.due_at < now,
        **facts,
    )
