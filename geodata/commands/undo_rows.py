"""The rows that a load wrote, put back as they were: what triggers kept (geodata/store/sql/load_undo.py), read backwards."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.errors import Refused

KEPT = (
    "select seq, table_name, kind, row_count, columns from load_undo where load_id = :load order by seq desc"
)
TYPES = """
    select attname, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped"""
KEY = """
    select array_agg(a.attname order by k.place)
    from pg_index i cross join unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = cast(:table as regclass) and i.indisprimary"""
# The rows of a record whose key is one number, as `x` beside the table.
SPANS = """(select lower(span) as low, upper(span) as high from load_undo, unnest(ids) span where seq = :seq) spans
    where x.{key} >= low and x.{key} < high"""
CHANGED_SINCE = (
    "Rows of {table} that load {load} wrote were changed since by something that was no load; they would be lost,"
    " so it cannot be taken back."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One statement of a load: what it did to how many rows of a table; `columns` as in the table load_undo."""

    seq: int
    table: str
    kind: str
    rows: int
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's columns with their types, and its key."""

    types: dict[str, str]
    key: list[str]

    @property
    def has_load(self) -> bool:
        """Whether its rows name the load that wrote them last."""
        return "load_id" in self.types


def kept_of(c: Connection, load: int) -> list[Kept]:
    """What a load did, the last first."""
    rows = c.execute(text(KEPT), {"load": load})
    return [Kept(row.seq, row.table_name, row.kind, row.row_count, row.columns or []) for row in rows]


def shape_of(c: Connection, table: str) -> Shape:
    """The columns and the key of a table."""
    types = {row.attname: row.type for row in c.execute(text(TYPES), {"table": table})}
    return Shape(types, list(c.execute(text(KEY), {"table": table}).scalar_one()))


def rows_of(kept: Kept, shape: Shape) -> str:
    """What to say after `from {table} x,` (or `using`) to mean the rows that a record inserted; binds :seq."""
    if not kept.columns:
        return SPANS.format(key=shape.key[0])
    return f"({_values(kept, ['became'])}) u where {_same_key(shape)}"


def check_untouched(c: Connection, load: int, kept: Kept, shape: Shape) -> None:
    """Refused when a row that the load inserted was written since by something else."""
    if not shape.has_load:
        return
    other = f"select exists (select from {kept.table} x, {rows_of(kept, shape)} and x.load_id is distinct from :load)"
    if c.execute(text(other), {"seq": kept.seq, "load": load}).scalar():
        raise Refused(CHANGED_SINCE.format(table=kept.table, load=load))


def remove(c: Connection, kept: Kept, shape: Shape, but: str = "") -> int:
    """Delete what a record inserted; `but` is a further condition on `x`."""
    statement = f"delete from {kept.table} x using {rows_of(kept, shape)} {but}"
    return c.execute(text(statement), {"seq": kept.seq}).rowcount


def restore(c: Connection, load: int, kept: Kept, shape: Shape) -> None:
    """Give changed rows back the values they had; Refused when they hold other ones than the load wrote."""
    changed = [name for name in kept.columns if name not in shape.key]
    settings = ", ".join(f'"{name}" = cast("was {name}" as {shape.types[name]})' for name in changed)
    same = " and ".join(f'cast(x."{name}" as text) is not distinct from "became {name}"' for name in changed)
    statement = f"""
        update {kept.table} x set {settings} from ({_values(kept, ["was", "became"])}) u
        where {_same_key(shape, "was")} and {same}"""
    if c.execute(text(statement), {"seq": kept.seq}).rowcount != kept.rows:
        raise Refused(CHANGED_SINCE.format(table=kept.table, load=load))


def bring_back(c: Connection, kept: Kept, shape: Shape) -> None:
    """Insert deleted rows again."""
    names = ", ".join(f'"{name}"' for name in kept.columns)
    values = ", ".join(f'cast("was {name}" as {shape.types[name]})' for name in kept.columns)
    statement = f"insert into {kept.table} ({names}) select {values} from ({_values(kept, ['was'])}) u"
    c.execute(text(statement), {"seq": kept.seq})


def _values(kept: Kept, which: list[str]) -> str:
    """The values of a record as rows: “was name” and “became name” as text."""
    taken = [
        f'unnest({side}[{place * kept.rows + 1}:{(place + 1) * kept.rows}]) as "{side} {name}"'
        for side in which
        for place, name in enumerate(kept.columns)
    ]
    return f"select {', '.join(taken)} from load_undo where seq = :seq"


def _same_key(shape: Shape, side: str = "became") -> str:
    return " and ".join(f'x."{key}" = cast("{side} {key}" as {shape.types[key]})' for key in shape.key)
