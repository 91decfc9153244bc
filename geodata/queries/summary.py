"""The figures of one area and window: the dossier, the wall and the reports all read them here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries import cameras, categories, freshness, sensors
from geodata.queries.areas import get_area
from geodata.queries.categories import Category
from geodata.queries.devices import DeviceCount
from geodata.queries.question import Condition, condition, span
from geodata.types import LOCATED, Question

TOP_TYPES = 10
NOW = "{0} >= :start and {0} < :end"
# One pass over the covering index, in parallel workers where it is long; the few thousand groups are then summed twice.
RECEIVED = """
    select now, category_id, source_id, family::text, state::text, is_default_point, location_quality::text as quality,
           sum(n)::bigint as n
    from (select {now} as now, t.category_id, t.source_id, t.family, t.state, t.is_default_point, t.location_quality,
                 count(*) as n
          from tickets t where {where} group by 1, 2, 3, 4, 5, 6, 7) groups
    group by grouping sets (
        (now, category_id), (now, source_id, family, state, is_default_point, location_quality))"""
DUE = """
    select {now} as now, count(*) as due, count(*) filter (where t.closed_at <= t.due_at) as on_time
    from tickets t where {where} group by 1"""
IN_ALL = "{0} >= :before and {0} < :end"
IN_EITHER = IN_ALL + " and ({0} >= :start or {0} < :before_end)"


@dataclass(frozen=True, slots=True)
class Named:
    """A count with what it counts, for a list or a chart."""

    code: str
    name: str
    name_en: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Tickets of one window; total = located + default_point + unlocated.

    `on_time_rate` is closed by the deadline / due in the window, None when none was due; `per_km2` is total / area.
    `overdue` is as of now, whatever the window, and so None for a window before.
    """

    total: int
    located: int
    default_point: int
    unlocated: int
    by_state: dict[str, int]
    by_source: dict[str, int]
    by_category: dict[str, int]
    by_family: dict[str, int]
    due: int
    closed_on_time: int
    on_time_rate: float | None
    per_km2: float | None
    overdue: int | None = None
    sources: list[Named] = field(default_factory=list)
    categories: list[Named] = field(default_factory=list)
    top_types: list[Named] = field(default_factory=list)
    previous: Figures | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """One area in one window; `residents` None when no population raster covers it."""

    code: str
    name: str
    name_en: str | None
    level: str
    area_km2: float | None
    window: dict[str, str]
    tickets: Figures
    cameras: DeviceCount
    sensors: DeviceCount
    people: dict[str, int | None]
    as_of: dict[str, datetime | None]

    def as_json(self) -> dict[str, Any]:
        """As the HTTP door answers it; a window before carries no figure that is only true now."""
        answer = asdict(self)
        if answer["tickets"]["previous"]:
            for now_only in ("overdue", "previous"):
                del answer["tickets"]["previous"][now_only]
        return answer


def summary(
    c: Connection, profile: Profile, q: Question, now: datetime, residents: int | None = None
) -> Summary:
    """Every figure of an area in a window and in the window of equal length before it."""
    area = get_area(c, profile, q.area or profile.code, q.scheme if q.area else None, q.window.last)
    figures = tickets(c, profile, q, now, area.area_km2)
    return Summary(
        code=area.code, name=area.name, name_en=area.name_en, level=area.level, area_km2=area.area_km2,
        window={"from": q.window.first.isoformat(), "to": q.window.last.isoformat()},
        tickets=figures,
        cameras=cameras.summary(c, profile, q),
        sensors=sensors.summary(c, profile, q),
        people={"residents": residents, "staff": None},
        as_of={"now": now, **freshness.data_as_of(c)},
    )  # fmt: skip


def tickets(c: Connection, profile: Profile, q: Question, now: datetime, area_km2: float | None) -> Figures:
    """The ticket figures of a question, with those of the window before."""
    where, names = condition(c, profile, q, timed=False), _Names(c)
    now_and_before = dossier_answers.groups(c, profile, q) or _groups(c, where, q)
    this, before = (_figures(names, received, due, area_km2) for received, due in now_and_before)
    return replace(this, overdue=overdue(c, where, now), previous=before)


Groups = tuple[Sequence[Any], Sequence[Any]]


def _groups(c: Connection, where: Condition, q: Question) -> tuple[Groups, Groups]:
    """Groups of tickets received, and what was due, in the window and in the one before: from ticket rows."""
    spans = where.parameters | _spans(q)

    def read(statement: str, column: str) -> dict[bool, list[Any]]:
        either = (IN_EITHER if q.hours else IN_ALL).format(column)
        found = c.execute(
            text(statement.format(now=NOW.format(column), where=f"{where.sql} and {either}")), spans
        ).all()
        return {when: [row for row in found if row.now is when] for when in (True, False)}

    received, due = read(RECEIVED, "t.received_at"), read(DUE, "t.due_at")
    return (received[True], due[True]), (received[False], due[False])


def overdue(c: Connection, where: Condition, now: datetime) -> int:
    """Tickets open now whose deadline has passed, of an untimed condition."""
    counted = text(
        f"select count(*) from tickets t where {where.sql} and t.closed_at is null and t.due_at < :now"
    )
    return int(c.execute(counted, where.parameters | {"now": now}).scalar_one())


def _spans(q: Question) -> dict[str, datetime]:
    """The instants of the question and of the window before; chosen hours move back by as many days."""
    start, end = span(q)
    if q.hours:
        back = timedelta(days=q.window.days)
        return {"start": start, "end": end, "before": start - back, "before_end": end - back}
    previous = q.window.previous()
    return {"start": start, "end": end, "before": previous.start, "before_end": previous.end}


class _Names:
    """Names of sources and categories, read once."""

    def __init__(self, c: Connection) -> None:
        self.sources = {
            row.id: row for row in c.execute(text("select id, key, name, name_en from ticket_sources"))
        }
        entries = categories.tree(c)
        self.categories = {entry.id: entry for entry in entries}
        self.tops = {key: path[0] for key, path in categories.paths(entries).items()}

    def source(self, key: int, count: int) -> Named:
        """A source with its count."""
        row = self.sources[key]
        return Named(row.key, row.name, row.name_en, count)


def _figures(names: _Names, received: Sequence[Any], due: Sequence[Any], area_km2: float | None) -> Figures:
    counts = {kind: Counter[Any]() for kind in ("source_id", "family", "state", "place")}
    tops, leaves = Counter[Category](), Counter[Category]()
    for row in received:
        if row.category_id is not None:
            tops[names.tops[row.category_id]] += row.n
            leaves[names.categories[row.category_id]] += row.n
            continue
        counts["place"][_place(row)] += row.n
        for kind in ("source_id", "family", "state"):
            counts[kind][getattr(row, kind)] += row.n
    sources = [names.source(key, number) for key, number in _ranked(counts["source_id"])]
    total = counts["place"].total()
    were_due, on_time = (due[0].due, due[0].on_time) if due else (0, 0)
    return Figures(
        total=total,
        located=counts["place"]["located"],
        default_point=counts["place"]["default_point"],
        unlocated=counts["place"]["unlocated"],
        by_state=dict(_ranked(counts["state"])),
        by_source={source.code: source.count for source in sources},
        by_category=_merged(_listed(tops)),
        by_family=dict(_ranked(counts["family"])),
        due=were_due,
        closed_on_time=on_time,
        on_time_rate=on_time / were_due if were_due else None,
        per_km2=total / area_km2 if area_km2 else None,
        sources=sources,
        categories=_listed(tops),
        top_types=_listed(leaves)[:TOP_TYPES],
    )


def _place(row: Any) -> str:
    if row.is_default_point:
        return "default_point"
    return "located" if row.quality in LOCATED else "unlocated"


def _ranked(counter: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counter.items(), key=lambda item: (-item[1], str(item[0])))


def _listed(counter: Counter[Category]) -> list[Named]:
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0].code, item[0].scheme))
    return [Named(entry.code, entry.name, entry.name_en, number) for entry, number in ordered]


def _merged(listed: list[Named]) -> dict[str, int]:
    """Counts by code; equal codes of two trees are added up, so that the sum stays the total."""
    merged = Counter[str]()
    for named in listed:
        merged[named.code] += named.count
    return dict(merged)
