"""What came while a load stood, placed in the ground as it is without that load."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from geodata.commands.boundaries import BEGINNING, DEVICES, PLACED_BY_POINT, Placed, place_anew
from geodata.commands.locating import Ground, read_ground
from geodata.profile import Profile

# Rows written after the load's transaction, by any but this one; a transaction's number runs round at 2^32.
LATER = """(mod(cast(cast(xmin as text) as bigint) - {xid} + 4294967296, 4294967296) between 1 and 2147483647
            and xmin <> cast(pg_current_xact_id() as xid))"""
FREED = "id in (select id from let_go where table_name = '{table}')"
BY_CODE = """
    update {table} r set area_id = a.id {more} from let_go g join areas a on a.scheme = g.scheme and a.code = g.code
    where g.table_name = '{table}' and g.place = r.ctid and {valid}"""
VALID_NOW = "a.valid_to is null"
VALID_THEN = """r.geom is null and a.valid_from <= cast(r.received_at at time zone :zone as date)
    and (a.valid_to is null or a.valid_to > cast(r.received_at at time zone :zone as date))"""
BY_AREA = ", location_quality = 'area'"


# The first day on which a load changed where areas lie; before it nothing can lie elsewhere now.
FIRST_DAY = """
    select least(
        (select min(x.valid_from) from load_undo u, unnest(u.ids) span join areas x on x.id >= lower(span) and x.id < upper(span)
         where u.load_id = :load and u.table_name = 'areas' and not (u.kind = 'changed' and u.columns = '{id,valid_to}')),
        (select min(cast(day as date)) from load_undo u, unnest((u.was || u.became)) with ordinality told (day, place)
         where u.load_id = :load and u.table_name = 'areas' and u.kind = 'changed' and u.columns = '{id,valid_to}'
           and (place - 1) / u.row_count % 2 = 1))"""
GONE = "select exists (select from load_undo where load_id = :load and table_name = 'areas' and kind = 'deleted')"


def first_day(c: Connection, load: int) -> date:
    """From which day on a load, still in place, changed where areas lie."""
    found: date | None = c.execute(text(FIRST_DAY), {"load": load}).scalar()
    gone = c.execute(text(GONE), {"load": load}).scalar()
    return BEGINNING if gone or found is None else found


def follow(c: Connection, profile: Profile, xid: int, written: set[str], since: date) -> int:
    """Place anew what lay in rows that went, and what came later for a day from `since` on; gives the tickets that moved."""
    if not written & {"areas", "roads"}:
        return 0
    freed = set(c.execute(text("select distinct table_name from let_go")).scalars())
    ground, moved = read_ground(c, profile), 0
    if "areas" in written:
        _by_code(c, profile, freed)
        moved = _by_point(c, profile, ground, LATER.format(xid=xid), since)
    if "roads" in written and "tickets" in freed:
        _roads(c, ground)
    return moved


def _by_code(c: Connection, profile: Profile, freed: set[str]) -> None:
    """What lies in an area, but not where in it, goes to that area as it is now."""
    for table in sorted(freed):
        of_tickets = table == "tickets"
        statement = BY_CODE.format(
            table=table, more=BY_AREA if of_tickets else "", valid=VALID_THEN if of_tickets else VALID_NOW
        )
        c.execute(text(statement), {"zone": profile.time_zone} if of_tickets else {})


def _by_point(c: Connection, profile: Profile, ground: Ground, later: str, since: date) -> int:
    moved = 0
    for table, at, which in (
        *((device, "current_timestamp", "geom is not null") for device in DEVICES),
        ("tickets", "received_at", PLACED_BY_POINT),
    ):
        free = FREED.format(table=table)
        moved = place_anew(c, profile, ground, Placed(table, at, BEGINNING, f"{which} and {free}"))
        moved += place_anew(
            c, profile, ground, Placed(table, at, since, f"{which} and not ({free}) and {later}")
        )
    return moved


def _roads(c: Connection, ground: Ground) -> None:
    rows: list[Any] = list(
        c.execute(text(f"""select id, st_x(geom), st_y(geom) from tickets
                           where {PLACED_BY_POINT} and road_id is null and {FREED.format(table="tickets")}"""))
    )  # fmt: skip
    if not rows:
        return
    ids, lon, lat = (np.array(column) for column in zip(*rows, strict=True))
    road, offset = ground.road_of(lon, lat)
    near = road > 0
    c.execute(
        text("""update tickets t set road_id = n.road, road_offset_m = n.offset_m
                from unnest(cast(:ids as bigint[]), cast(:roads as bigint[]), cast(:offsets as real[]))
                     n (id, road, offset_m) where t.id = n.id"""),
        {"ids": ids[near].tolist(), "roads": road[near].tolist(), "offsets": offset[near].tolist()},
    )
