"""Writing tickets: new ones in, known ones changed where something differs, each with the hexagons that show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, text

from geodata.commands.bulk import copy_rows, raw
from geodata.commands.loads import kept_for_undo, references_unchecked
from geodata.commands.ticket_columns import Columns, as_fields, copy_new
from geodata.space import hexes


class TicketRow(NamedTuple):
    """A ticket as a load writes it; lon and lat in degrees, EPSG:4326."""

    number: str
    source_id: int
    family: str
    category_id: int
    unit_id: int | None
    title: str | None
    description: str | None
    address: str | None
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    state: str
    outcome: str | None
    lon: float | None
    lat: float | None
    location_quality: str
    is_default_point: bool
    area_id: int | None
    road_id: int | None
    road_offset_m: float | None
    hex_r9: int | None
    hex_r10: int | None
    hex_r11: int | None
    row_number: int
    repaired: bool


PROBED = 200  # numbers of a batch that are looked up before it is written as new


class Written(NamedTuple):
    """How many tickets were new and how many had something new."""

    new: int
    changed: int


DESK = """
create temporary table incoming_tickets (
    number text, source_id smallint, family ticket_family, category_id bigint, unit_id bigint, title text,
    description text, address text, received_at timestamptz, due_at timestamptz, closed_at timestamptz,
    state ticket_state, outcome text, lon double precision, lat double precision, location_quality location_quality,
    is_default_point boolean, area_id bigint, road_id bigint, road_offset_m real, hex_r9 bigint, hex_r10 bigint,
    hex_r11 bigint, row_number integer, repaired boolean
) on commit drop;
create temporary table written_tickets (id bigint, fresh boolean) on commit drop
"""
COMPARED = (
    "source_id", "family", "category_id", "unit_id", "title", "description", "address", "received_at", "due_at",
    "closed_at", "state", "outcome", "geom", "location_quality", "is_default_point", "area_id", "road_id",
    "road_offset_m", "hex_r9", "hex_r10", "hex_r11",
)  # fmt: skip
TAKEN = tuple(column for column in COMPARED if column != "geom")
# The order of the rows is the order of the file, so that two loads of one file write the same pages.
UPSERT = """
with written as (
    insert into tickets as t (origin, number, {taken}, geom, load_id, row_number, repaired)
    select :origin, number, {taken}, st_setsrid(st_makepoint(lon, lat), 4326), :load, row_number, repaired
    from incoming_tickets
    order by row_number
    on conflict (origin, number) do update
    set {settings}, load_id = excluded.load_id, row_number = excluded.row_number, repaired = excluded.repaired
    where ({stored}) is distinct from ({incoming})
    returning id, xmax = 0
)
insert into written_tickets select * from written
"""
FIRST_EVENTS = """
insert into ticket_events (ticket_id, seq, at, kind)
select t.id, happened.seq, happened.at, happened.kind
from written_tickets w join tickets t on t.id = w.id
cross join lateral (values
    (1, t.received_at, cast('received' as ticket_event_kind)),
    (2, t.closed_at, cast(case when t.state in ('resolved_online', 'merged') then t.state::text else 'closed' end
                          as ticket_event_kind))
) happened (seq, at, kind)
where w.fresh and happened.at is not null
"""
# An export tells two things of a ticket's life; what the log has already, perhaps more exactly, is not told twice.
EVENTS = """
with told as (
    select t.id, happened.at, happened.kind, happened.place
    from written_tickets w join tickets t on t.id = w.id
    cross join lateral (values
        (t.received_at, cast('received' as ticket_event_kind), 1),
        (t.closed_at, cast(case when t.state in ('resolved_online', 'merged') then t.state::text else 'closed' end
                           as ticket_event_kind), 2)
    ) happened (at, kind, place)
    where not w.fresh and happened.at is not null
      and not exists (select from ticket_events e
                      where e.ticket_id = t.id and e.at = happened.at
                        and (e.kind = happened.kind or e.kind in ('closed', 'resolved_online', 'merged')
                             and happened.place = 2))
)
insert into ticket_events (ticket_id, seq, at, kind)
select told.id,
       coalesce((select max(e.seq) from ticket_events e where e.ticket_id = told.id), 0)
         + row_number() over (partition by told.id order by told.place),
       told.at, told.kind
from told
"""


# PostgreSQL checks references row by row, which is three quarters of the work of writing a ticket (six references,
# 100 µs). A batch checks them by one join a table, and what they refer to is locked against change for as long.
REFERENCES = {
    "source_id": "ticket_sources", "category_id": "categories", "unit_id": "units", "area_id": "areas",
    "road_id": "roads",
}  # fmt: skip


def open_desk(connection: Connection, *, hold: bool = True) -> None:
    """Make the tables that incoming rows pass through, and hold still what they refer to, until the transaction ends.

    A few rows at a time need nothing held: they must not wait for a load, nor a load for them.
    """
    if hold:
        connection.execute(text(f"lock table {', '.join(REFERENCES.values())} in share row exclusive mode"))
    for statement in DESK.split(";"):
        connection.execute(text(statement))


def write_tickets(
    connection: Connection,
    rows: Iterable[TicketRow],
    *,
    origin: str,
    load_id: int | None,
    silent: Collection[str] = (),
    held: bool = True,
) -> Written:
    """Write a batch of tickets, each number at most once in it, after `open_desk` in the same transaction.

    `silent` are columns of which this export says nothing: a known ticket keeps what it has there. Without `held`, which
    is as the desk was opened, PostgreSQL checks what the rows refer to.
    """
    connection.execute(text("truncate incoming_tickets, written_tickets"))
    columns = ", ".join(TicketRow._fields)
    statement = f"copy incoming_tickets ({columns}) from stdin"
    with raw(connection).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row(row)
    return _upsert_incoming(connection, origin=origin, load_id=load_id, silent=silent, held=held)


def _upsert_incoming(
    connection: Connection, *, origin: str, load_id: int | None, silent: Collection[str], held: bool
) -> Written:
    with _references_checked(connection) if held else nullcontext():
        connection.execute(text(_upsert(silent)), {"origin": origin, "load": load_id})
        with kept_for_undo(connection, None):  # they go with their tickets
            connection.execute(text(FIRST_EVENTS))
        connection.execute(text(EVENTS))
    _draw_hexes(connection)
    counted = connection.execute(
        text("select count(*) filter (where fresh), count(*) filter (where not fresh) from written_tickets")
    ).one()
    return Written(*counted)


@contextmanager
def _little_memory(connection: Connection) -> Iterator[None]:
    """Let the server keep what triggers see on disk: the memory of a savepoint is given back only with the transaction."""
    connection.execute(text("set local work_mem = '1MB'"))
    yield
    connection.execute(text("set local work_mem to default"))


def write_columns(
    connection: Connection,
    columns: Columns,
    *,
    origin: str,
    load_id: int | None,
    silent: Collection[str] = (),
) -> Written:
    """Write a large batch as `write_tickets` does; quickly when all of it is new."""
    rows = len(columns["number"])
    _check_keys(connection, columns)
    if not _any_known(connection, origin, columns["number"]):
        try:
            with connection.begin_nested(), _little_memory(connection), references_unchecked(connection):
                copy_new(connection, columns, origin=origin, load_id=load_id)
        except UniqueViolation:
            pass  # one is known: all of the batch is compared
        else:
            add_hexes(connection, _new_cells(connection, columns))
            return Written(rows, 0)
    connection.execute(text("truncate incoming_tickets, written_tickets"))
    copy_rows(connection, "incoming_tickets", TicketRow._fields, as_fields(columns, TicketRow._fields))
    return _upsert_incoming(connection, origin=origin, load_id=load_id, silent=silent, held=True)


def _any_known(connection: Connection, origin: str, numbers: NDArray[np.object_]) -> bool:
    """Whether some of a few numbers out of many are known."""
    some = numbers[np.unique(np.linspace(0, len(numbers) - 1, PROBED).astype(int))].tolist()
    known = text("select exists (select from tickets where origin = :origin and number = any(:numbers))")
    return bool(connection.execute(known, {"origin": origin, "numbers": some}).scalar())


def _check_keys(connection: Connection, columns: Columns) -> None:
    for column, table in REFERENCES.items():
        keys = np.unique(columns[column][columns[column] != 0]).tolist()
        there = f"select count(*) from {table} where id = any(:keys)"
        if connection.execute(text(there), {"keys": keys}).scalar() != len(keys):
            raise LookupError(f"a ticket refers to a row of {table} that is not there")


def _new_cells(connection: Connection, columns: Columns) -> list[int]:
    cells = np.unique(np.concatenate([columns[name] for name in ("hex_r9", "hex_r10", "hex_r11")]))
    unknown = """select cell from unnest(cast(:cells as bigint[])) c (cell)
                 where cell <> 0 and not exists (select from hexes h where h.cell = c.cell) order by cell"""
    return list(connection.execute(text(unknown), {"cells": cells.tolist()}).scalars())


def settle(connection: Connection) -> None:
    """Tell the planner what the tables hold now; after many rows it would else plan for those before."""
    connection.execute(text("analyze tickets, ticket_events, hexes"))


@contextmanager
def _references_checked(connection: Connection) -> Iterator[None]:
    # Only a superuser, as in the private cluster, may tell PostgreSQL that this is done; any other is checked twice.
    for column, table in REFERENCES.items():
        missing = f"""
            select i.{column} from incoming_tickets i
            where i.{column} is not null and not exists (select from {table} r where r.id = i.{column}) limit 1"""
        if (key := connection.execute(text(missing)).scalar()) is not None:
            raise LookupError(f"a ticket refers to row {key} of {table}, which is not there")
    with references_unchecked(connection):
        yield


def _upsert(silent: Collection[str]) -> str:
    told = [column for column in COMPARED if column not in silent]
    return UPSERT.format(
        taken=", ".join(TAKEN),
        settings=", ".join(f"{column} = excluded.{column}" for column in told),
        stored=", ".join(f"t.{column}" for column in told),
        incoming=", ".join(f"excluded.{column}" for column in told),
    )


def _draw_hexes(connection: Connection) -> None:
    statement = """
        select distinct cell
        from incoming_tickets cross join lateral (values (hex_r9), (hex_r10), (hex_r11)) c (cell)
        where cell is not null and not exists (select from hexes h where h.cell = c.cell)
        order by cell"""
    add_hexes(connection, connection.execute(text(statement)).scalars().all())


def add_hexes(connection: Connection, cells: Sequence[int]) -> None:
    """Write H3 cells that the table has not, with centre, true area and outline."""
    if not cells:
        return
    numbers = np.array(cells, np.int64)
    lon, lat = hexes.centres(numbers)
    rows = [
        {"cell": cell, "resolution": hexes.resolution_of(cell), "lon": x, "lat": y, "area": area,
         "outline": hexes.outline(cell).wkb}
        for cell, x, y, area in zip(cells, lon.tolist(), lat.tolist(), hexes.areas_m2(numbers).tolist(), strict=True)
    ]  # fmt: skip
    statement = """
        insert into hexes (cell, resolution, centre_lon, centre_lat, area_m2, geom_3857)
        values (:cell, :resolution, :lon, :lat, :area, st_transform(st_geomfromwkb(:outline, 4326), 3857))
        on conflict do nothing"""
    connection.execute(text(statement), rows)
