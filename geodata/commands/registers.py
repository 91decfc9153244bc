"""Writing registers: roads, places, devices and whatever else is a list of things with a code, all rows at once.

New codes come in, known ones are changed where something differs, what a file leaves out stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql

from geodata.commands.bulk import raw
from geodata.store.schema import metadata

Row = Sequence[Any]
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Register:
    """A table of things, each told apart by its `key`.

    `columns` are what a file may say, `otherwise` what a new row holds where the file says nothing.
    """

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ("code",)
    otherwise: Mapping[str, Any] = field(default_factory=dict)


class Written(NamedTuple):
    """Keys in the database of rows that are new and changed, and how many are just as they were.

    `farthest_m` is how far, m, the one went that moved farthest; of lines, their middles.
    """

    new: list[int]
    changed: list[int]
    unchanged: int
    farthest_m: float = 0.0


MAKE = """
create temporary table incoming on commit drop as
select row_number() over () as place, {columns} from {table} with no data"""
MOVED = """
select coalesce(max(ST_Distance(ST_Centroid(i.geom)::geography, ST_Centroid(o.geom)::geography)), 0)
from incoming i join {table} o on ({o_key}) = ({i_key}) where not o.geom = i.geom"""
UPSERT = """
with written as (
    insert into {table} as t ({key}, {columns}, load_id)
    select {i_key}, {values}, :load from incoming i left join {table} o on ({o_key}) = ({i_key}) order by i.place
    on conflict ({key}) do update set {settings}, load_id = excluded.load_id
    where ({stored}) is distinct from ({incoming})
    returning t.id, xmax = 0 as fresh
)
select id, fresh from written order by id"""


def write_register(
    c: Connection, register: Register, rows: Sequence[Row], *, told: Collection[str], load_id: int | None
) -> Written:
    """Write rows, each the key, then `register.columns` in order; a geometry is EWKB in hexadecimal.

    `told` are the columns of which the file says something: a known row keeps what it has in the others.
    """
    if not rows:
        return Written([], [], 0)
    key, columns = register.key, register.columns
    c.execute(text("drop table if exists incoming"))
    c.execute(text(MAKE.format(columns=_names((*key, *columns)), table=register.table)))
    statement = f"copy incoming (place, {_names((*key, *columns))}) from stdin"
    with raw(c).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for place, row in enumerate(rows, 1):
            copy.write_row((place, *row))
    where = {"table": register.table, "i_key": _names(key, "i."), "o_key": _names(key, "o.")}
    farthest_m = float(c.execute(text(MOVED.format(**where))).scalar_one()) if "geom" in columns else 0.0
    changing = [column for column in columns if column in told]
    made = c.execute(text(UPSERT.format(
        **where, key=_names(key), columns=_names(columns), values=_values(register),
        settings=", ".join(f'"{column}" = excluded."{column}"' for column in changing),
        stored=", ".join(f't."{column}"' for column in changing),
        incoming=", ".join(f'excluded."{column}"' for column in changing),
    )), {"load": load_id, **{f"otherwise_{name}": value for name, value in register.otherwise.items()}}).all()  # fmt: skip
    new = [row.id for row in made if row.fresh]
    changed = [row.id for row in made if not row.fresh]
    return Written(new, changed, len(rows) - len(made), farthest_m)


def _names(columns: Sequence[str], of: str = "") -> str:
    return ", ".join(f'{of}"{column}"' for column in columns)


def _values(register: Register) -> str:
    types = {column.name: column.type.compile(DIALECT) for column in metadata.tables[register.table].columns}
    return ", ".join(
        f'coalesce(i."{name}", o."{name}", cast(:otherwise_{name} as {types[name]}))'
        if name in register.otherwise
        else f'i."{name}"'
        for name in register.columns
    )
