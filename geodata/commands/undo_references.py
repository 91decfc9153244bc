"""What refers to rows that a load brought, when these are to go: it goes along, lets go, keeps them, or forbids it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.commands.undo_rows import Kept, Shape, rows_of
from geodata.errors import Refused

REFERENCES = """
    select c.conrelid::regclass::text, a.attname, k.attname
    from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    join pg_attribute k on k.attrelid = c.confrelid and k.attnum = c.confkey[1]
    where c.contype = 'f' and c.confrelid = cast(:table as regclass) and cardinality(c.conkey) = 1"""
GO_ALONG = ("ticket_events", "area_ancestors")  # parts of the row itself
LET_GO = ("areas", "roads")  # whatever lies in these is placed anew
# Words and cells that any ticket may use: they stay as long as one does.
STAY_WHILE_USED = ("categories", "ticket_sources", "units", "hexes")
CELLS_USED = (
    "select hex_r9 from tickets union all select hex_r10 from tickets union all select hex_r11 from tickets"
)
LET_GO_TABLE = "create temporary table let_go (table_name text, place tid, id bigint, scheme text, code text) on commit drop"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of another table that refers to a column of this one."""

    table: str
    column: str
    target: str


def references_to(c: Connection, table: str) -> list[Reference]:
    """Every column that refers to a table."""
    return [Reference(*row) for row in c.execute(text(REFERENCES), {"table": table})]


def unused(c: Connection, table: str) -> str:
    """The condition that nothing refers to a row `x` of a table of words."""
    if table == "hexes":
        return f"and x.cell not in (select u.hex_r9 from ({CELLS_USED}) u where u.hex_r9 is not null)"
    found = [
        f"not exists (select from {it.table} r where r.{it.column} = x.{it.target})"
        for it in references_to(c, table)
    ]
    return "".join(f" and {condition}" for condition in found)


def check_later_loads(c: Connection, load: int, kept: Kept, shape: Shape) -> None:
    """Refused when another load refers to what this one inserted: it must be taken back first."""
    for it in references_to(c, kept.table):
        named = text("""select exists (select from pg_attribute where attrelid = cast(:table as regclass)
                        and attname = 'load_id' and not attisdropped)""")
        if it.table in GO_ALONG or not c.execute(named, {"table": it.table}).scalar():
            continue
        later = f"""
            select l.id, l.file_name from loads l where l.state = 'done' and l.id <> :load
              and l.xid > (select xid from loads where id = :load)
              and l.id in (select r.load_id from {it.table} r join {kept.table} x on r.{it.column} = x.{it.target},
                           {rows_of(kept, shape)})
            order by l.xid desc limit 1"""
        found = c.execute(text(later), {"load": load, "seq": kept.seq}).one_or_none()
        if found:
            raise Refused(
                f"Load {found.id} (“{found.file_name}”) came later and refers to what load {load} brought;"
                f" take it back first: ./yiping rollback {found.id}."
            )


def settle_references(c: Connection, kept: Kept, shape: Shape) -> None:
    """Free the rows that are to go from whatever refers to them; Refused when that would lose something."""
    for it in references_to(c, kept.table):
        referring = f"r.{it.column} = x.{it.target}"
        rows = rows_of(kept, shape)
        if it.table in GO_ALONG:
            _go_along(c, it, kept, shape)
        elif kept.table in LET_GO:
            _let_go(c, it, kept, rows)
        elif c.execute(
            text(f"select exists (select from {it.table} r join {kept.table} x on {referring}, {rows})"),
            {"seq": kept.seq},
        ).scalar():
            raise Refused(
                f"Rows of {it.table} that came later belong to what this load brought and would be lost;"
                " it cannot be taken back."
            )


def _go_along(c: Connection, it: Reference, kept: Kept, shape: Shape) -> None:
    spans = rows_of(kept, shape).replace(f"x.{it.target} ", f"r.{it.column} ")
    c.execute(text(f"delete from {it.table} r using {spans}"), {"seq": kept.seq})


def _let_go(c: Connection, it: Reference, kept: Kept, rows: str) -> None:
    """Take out what lies there, and remember it by the code of where it lay."""
    code = "x.scheme, x.code" if kept.table == "areas" else "cast(null as text), cast(null as text)"
    key = "r.id" if it.table in ("tickets", "cameras", "sensors") else "cast(null as bigint)"
    settings = f"{it.column} = null"
    if it.table == "tickets" and kept.table == "areas":
        settings += (
            ", location_quality = case location_quality when 'area' then 'none' else location_quality end"
        )
    if it.table == "tickets" and kept.table == "roads":
        settings += ", road_offset_m = null"
    by_index = it.table == "tickets" and kept.table == "areas"
    if by_index:  # the planner would read every ticket, because it takes these areas for as full as any
        _plans(c, "off")
    c.execute(
        text(f"""
            with freed as (
                update {it.table} r set {settings} from {kept.table} x
                where r.{it.column} = x.{it.target} and exists (select from {rows}) returning r.ctid, {key}, {code})
            insert into let_go select '{it.table}', * from freed"""),
        {"seq": kept.seq},
    )
    if by_index:
        _plans(c, "on")


def _plans(c: Connection, may: str) -> None:
    for way in ("seqscan", "hashjoin", "mergejoin"):
        c.execute(text(f"set local enable_{way} = {may}"))
