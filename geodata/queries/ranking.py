"""The areas of one level ranked by the tickets of a question, with all that a planner compares them by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.profile import Profile
from geodata.queries.compared import (
    DUE_NOW,
    RECEIVED_BEFORE,
    RECEIVED_EITHER,
    RECEIVED_NOW,
    RESPONSE_H,
    change_pct,
    compared,
)
from geodata.queries.ranking_ready import counted_by_area
from geodata.queries.residents import residents_by_area
from geodata.types import Question, Window

RANKED = """
    with named as (
        select distinct on (a.code) a.code, a.name, a.name_en, a.area_km2,
               a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on) as valid,
               {whole} as whole
        from areas a where a.scheme = :own_scheme and a.level = :level
        order by a.code, 5 desc, a.valid_from desc),
    {counted}
    select n.code, n.name, n.name_en, n.area_km2, n.whole, r.n, r.before, r.median_h, d.due, d.on_time
    from named n full join received r on r.code = n.code left join due d on d.code = n.code
    where r.n > 0 or r.before > 0 or d.due > 0 or (n.valid and n.whole)"""
MEMBER = (
    "select u.area_id, u.ancestor_code as code from area_ancestors u join named n on n.code = u.ancestor_code"
)
COUNTED = f"""
    member as materialized ({MEMBER}),
    received as (
        select m.code, count(*) filter (where {RECEIVED_NOW}) as n, count(*) filter (where {RECEIVED_BEFORE}) as before,
               percentile_cont(0.5) within group (order by {RESPONSE_H})
                   filter (where {RECEIVED_NOW} and t.closed_at is not null) as median_h
        from tickets t left join member m on m.area_id = t.area_id
        where {{where}} and {RECEIVED_EITHER} group by 1),
    due as (
        select m.code, count(*) as due, count(*) filter (where t.closed_at <= t.due_at) as on_time
        from tickets t join member m on m.area_id = t.area_id where {{where}} and {DUE_NOW} group by 1)"""
READY = """
    received as (select * from unnest(cast(:codes as text[]), cast(:counts as bigint[]), cast(:earlier as bigint[]),
        cast(:medians as double precision[])) as r (code, n, before, median_h)),
    due as (select * from unnest(cast(:codes as text[]), cast(:dues as bigint[]), cast(:timely as bigint[]))
        as d (code, due, on_time) where code is not null)"""


@dataclass(frozen=True, slots=True)
class RankRow:
    """One area. Rates are None where nothing can be divided; `share` is of all tickets of the question.

    `per_km2` and `per_1000` (residents) are None unless the whole area is asked about. `response_median_h` is receipt to
    closing of what was received in the window and is closed, hours; `on_time_rate` is closed by the deadline / `due`.
    `hidden` and `before_hidden` are set at the door where a small count is not shown (`shown.py`).
    """

    code: str
    name_zh: str
    name_en: str | None
    count: int | None
    before: int | None
    change_pct: float | None
    per_km2: float | None
    per_1000: float | None
    on_time_rate: float | None
    response_median_h: float | None
    share: float | None
    due: int | None = None
    area_km2: float | None = None
    residents: int | None = None
    hidden: bool = False
    before_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """The areas, most tickets first; `elsewhere` counts the tickets that no area of this level is known for."""

    level: str
    rows: list[RankRow]
    total: int | None
    before_total: int | None
    elsewhere: int | None
    elsewhere_before: int | None = None


def ranking(
    c: Connection, profile: Profile, q: Question, before: Window | None, level: str, *, rasters: Path | None = None
) -> Ranking:  # fmt: skip
    """Rank the areas of a level of the district's own scheme; residents come from the raster in the folder, if any."""
    profile.level(level)
    where = compared(c, profile, q, before)
    ready = counted_by_area(c, profile, q, before, level)
    counted = READY if ready is not None else COUNTED.format(where=where.sql)
    found = c.execute(
        text(RANKED.format(counted=counted, whole=whole_area(q, profile))),
        where.parameters
        | (ready or {})
        | {"own_scheme": profile.scheme, "level": level, "on": q.window.last},
    ).all()
    total, total_before = sum(row.n or 0 for row in found), sum(row.before or 0 for row in found)
    people = residents_by_area(c, profile, rasters, level, q.window.last)
    rows = [_row(row, total, people.get(row.code), before) for row in found if row.code is not None]
    outside = next((row for row in found if row.code is None), None)
    return Ranking(
        level=level,
        rows=sorted(rows, key=lambda row: (-(row.count or 0), row.code)),
        total=total,
        before_total=total_before if before else None,
        elsewhere=outside.n if outside else 0,
        elsewhere_before=(outside.before if outside else 0) if before else None,
    )


def whole_area(q: Question, profile: Profile) -> str:
    """Whether all of an area (alias a) is asked about, as SQL on the keys that the question's condition binds."""
    if q.shape is not None or (q.area and q.area != profile.code and q.scheme != profile.scheme):
        return "false"
    parts = []
    if q.area and q.area != profile.code:
        parts.append("a.id = any(:area_ids)")
    if q.areas is not None:
        parts.append("a.id = any(:areas_ids)")
    return " and ".join(parts) or "true"


def _row(row: Row[Any], total: int, people: int | None, before: Window | None) -> RankRow:
    count, earlier = row.n or 0, (row.before or 0) if before else None
    return RankRow(
        code=row.code, name_zh=row.name, name_en=row.name_en, count=count, before=earlier,
        change_pct=change_pct(count, earlier),
        per_km2=count / row.area_km2 if row.whole and row.area_km2 else None,
        per_1000=count / people * 1000 if row.whole and people else None,
        on_time_rate=row.on_time / row.due if row.due else None,
        response_median_h=row.median_h,
        share=count / total if total else None,
        due=row.due or 0, area_km2=row.area_km2, residents=people,
    )  # fmt: skip
