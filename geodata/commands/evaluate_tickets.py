"""Tickets judged by the clock: bursts against what is usual, and deadlines that are near or past."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text

from geodata.commands.desk import Desk
from geodata.commands.finding import Finding
from geodata.commands.findings import refresh
from geodata.rules import tickets as rule
from geodata.rules.levels import Change, Holding, Limits, Watch, step, step_level
from geodata.rules.tickets import Burst, BurstNumbers, Usual, deadline, pressing, usual_of
from geodata.rules.workdays import WorkCalendar, calendar_of
from geodata.types import Level

BURST, DEADLINE = "ticket_burst", "ticket_deadline"
HOLDING = Holding(hold_s=0.0, release_share=0.8, release_s=1800.0, reopen_s=7200.0)
LEARN_AGAIN = timedelta(hours=6)
NEAR_DAYS = 3  # working hours left are only reckoned for deadlines that can be near


class Group(NamedTuple):
    """A top category in an area below the district: what a burst is counted in."""

    category_id: int
    category: str
    name: str
    name_en: str | None
    area_id: int
    area_code: str
    area_name: str
    area_name_en: str | None


@dataclass(slots=True)
class TicketMemory:
    """What is usual in each group, learnt now and then."""

    calendar: WorkCalendar
    usual: dict[tuple[int, str], tuple[datetime, Usual]] = field(default_factory=dict)


def ticket_memory(desk: Desk) -> TicketMemory:
    """A memory that knows nothing usual yet."""
    return TicketMemory(calendar_of(desk.profile.zone))


def judge_bursts(desk: Desk, memory: TicketMemory, now: datetime) -> None:
    """Judge every group that had enough tickets lately, and those that stand at a level."""
    numbers = BurstNumbers.from_dict(desk.thresholds.numbers(BURST))
    since = now - timedelta(hours=numbers.window_h)
    seen: set[tuple[str, int]] = set()
    for drill, group, count, lon, lat in _counts(desk, since, now):
        own = BurstNumbers.from_dict(desk.thresholds.numbers(BURST, group.category))
        key = (f"{BURST}:{group.category}@{group.area_code}", drill)
        seen.add(key)
        if count < own.least_tickets and desk.watches.get(key, Watch) is None:
            continue
        usual = _usual(desk, memory, group, own.weeks, now).expected(since, now, memory.calendar)
        found = rule.burst(count, usual, own)
        _burst(
            desk, key, found, replace(_of_group(group, own, now), lon=lon, lat=lat, drill_id=drill or None)
        )
    for key in desk.watches.keys(BURST):
        if key not in seen:
            _no_more(desk, key, now)


def _of_group(group: Group, numbers: BurstNumbers, now: datetime) -> Finding:
    return Finding(
        cause=f"{BURST}:{group.category}@{group.area_code}", rule=BURST, level="notice", subject_kind="category",
        subject_key=group.category, subject_name=f"{group.area_name}{group.name}",
        subject_name_en=f"{group.name_en or group.name}, {group.area_name_en or group.area_name}",
        kind=group.category, area_id=group.area_id, area_code=group.area_code, unit="tickets", observed_at=now,
        accepted_at=now, reopen_s=HOLDING.reopen_s, facts={"window_h": numbers.window_h, "category": group.category},
    )  # fmt: skip


def _burst(desk: Desk, key: tuple[str, int], found: Burst, finding: Finding) -> None:
    before = desk.watches.get(key, Watch) or Watch()
    watch, change = step_level(before, found.level, found.level, finding.observed_at, HOLDING)
    desk.remember_level(key, watch, before)
    more = {"usual": round(found.usual, 1), "surprise": round(found.surprise, 2)}
    finding = replace(finding, level=watch.level or before.level or "notice", value=float(found.tickets),
                      facts={**finding.facts, **more})  # fmt: skip
    _write(desk, change, finding, watch)


def _no_more(desk: Desk, key: tuple[str, int], now: datetime) -> None:
    """A group without tickets lately is back to normal."""
    before = desk.watches.get(key, Watch) or Watch()
    watch, change = step_level(before, None, None, now, HOLDING)
    if change == "cleared":
        _clear(desk, key, now)
    if watch.level is None and watch.easing_since is None:
        desk.watches.drop(key)
    else:
        desk.remember_level(key, watch, before)


def _clear(desk: Desk, key: tuple[str, int], now: datetime) -> None:
    rule_name = key[0].partition(":")[0]
    desk.decide("cleared", Finding(
        cause=key[0], rule=rule_name, level="notice", subject_kind="area", subject_key="", subject_name="",
        observed_at=now, drill_id=key[1] or None, reopen_s=HOLDING.reopen_s,
    ))  # fmt: skip


def _write(desk: Desk, change: Change, finding: Finding, watch: Watch) -> None:
    if change != "none":
        desk.decide(change, finding)
    elif watch.level:
        refresh(desk.c, finding)


TOP = """with recursive tops as (
        select id as leaf, id as top from categories where parent_id is null
        union all select k.id, t.top from categories k join tops t on k.parent_id = t.leaf)"""


def _counts(
    desk: Desk, since: datetime, now: datetime
) -> list[tuple[int, Group, int, float | None, float | None]]:
    """Tickets received in a span by group, true ones and those of running drills; with the middle of their places."""
    rows = desk.c.execute(
        text(f"""{TOP}, lately as (
                select 0::bigint as drill, category_id, area_id, st_x(geom) as lon, st_y(geom) as lat from tickets
                where received_at > :since and received_at <= :now and area_id is not null
                union all
                select d.drill_id, d.category_id, d.area_id, d.lon, d.lat from drill_tickets d
                join drills r on r.id = d.drill_id and r.state = 'running'
                where d.received_at > :since and d.received_at <= :now and d.category_id is not null)
            select l.drill, k.id, k.code, k.name, k.name_en, a.id as area_id, a.code as area_code, a.name as area_name,
                   a.name_en as area_name_en, count(*), avg(l.lon), avg(l.lat)
            from lately l join tops t on t.leaf = l.category_id join categories k on k.id = t.top
            join area_ancestors x on x.area_id = l.area_id
            join areas a on a.code = x.ancestor_code and a.scheme = :scheme and a.level = :level and a.valid_to is null
            group by l.drill, k.id, a.id"""),
        {"since": since, "now": now, "scheme": desk.profile.scheme, "level": _level(desk)},
    )
    return [(row[0], Group(*row[1:9]), row[9], row[10], row[11]) for row in rows]


def _usual(desk: Desk, memory: TicketMemory, group: Group, weeks: int, now: datetime) -> Usual:
    known = memory.usual.get((group.category_id, group.area_code))
    if known and now - known[0] < LEARN_AGAIN:
        return known[1]
    last = now.astimezone(desk.profile.zone).date() - timedelta(days=1)
    first = max(last - timedelta(days=7 * weeks - 1), _first_day(desk, last))
    rows = desk.c.execute(
        text(f"""{TOP}, hours as (
                select (k.received_at at time zone :zone) as at from tickets k join tops t on t.leaf = k.category_id
                join area_ancestors x on x.area_id = k.area_id and x.ancestor_code = :area
                where t.top = :category and k.received_at >= :start and k.received_at < :end)
            select at::date, extract(hour from at)::int, count(*)::float8 from hours group by 1, 2"""),
        {"zone": desk.profile.time_zone, "area": group.area_code, "category": group.category_id,
         "start": desk.profile.window(first, last).start, "end": desk.profile.window(first, last).end},
    ).all()  # fmt: skip
    learnt = usual_of([(row[0], row[1], row[2]) for row in rows], first, last, memory.calendar)
    memory.usual[group.category_id, group.area_code] = (now, learnt)
    return learnt


def _first_day(desk: Desk, last: date) -> date:
    first = desk.c.execute(text("select min(received_at) from tickets")).scalar()
    return min(first.astimezone(desk.profile.zone).date(), last) if first else last


def _level(desk: Desk) -> str:
    levels = desk.profile.levels
    return levels[min(1, len(levels) - 1)].key


def judge_deadlines(desk: Desk, memory: TicketMemory, now: datetime) -> None:
    """Judge the open tickets of every area below the district by how many are past their deadline."""
    rows = desk.c.execute(
        text("""select a.id, a.code, a.name, a.name_en, st_x(st_pointonsurface(a.geom)), st_y(st_pointonsurface(a.geom)),
                       array_agg(t.due_at) as due
                from tickets t join area_ancestors x on x.area_id = t.area_id
                join areas a on a.code = x.ancestor_code and a.scheme = :scheme and a.level = :level and a.valid_to is null
                where t.closed_at is null and t.due_at < :soon group by a.id"""),
        {"scheme": desk.profile.scheme, "level": _level(desk), "soon": now + timedelta(days=NEAR_DAYS)},
    ).all()
    seen = set()
    for area_id, code, name, name_en, lon, lat, due in rows:
        key = (f"{DEADLINE}:{code}", 0)
        seen.add(key)
        area = Finding(cause=key[0], rule=DEADLINE, level="notice", subject_kind="area", subject_key=code,
                       subject_name=name, subject_name_en=name_en, area_id=area_id, area_code=code, lon=lon, lat=lat,
                       unit="tickets", observed_at=now, accepted_at=now, reopen_s=HOLDING.reopen_s)  # fmt: skip
        _deadlines(desk, memory, area, due, now)
    for key in desk.watches.keys(DEADLINE):
        if key not in seen:
            _no_more(desk, key, now)


def _deadlines(desk: Desk, memory: TicketMemory, area: Finding, due: list[datetime], now: datetime) -> None:
    numbers = desk.thresholds.numbers(DEADLINE, area.subject_key)
    near_h = float(numbers["near_h"])
    found = pressing(deadline(at, now, memory.calendar, near_h) for at in due)
    limits = Limits.from_dict(numbers)
    key = (area.cause, 0)
    before = desk.watches.get(key, Watch) or Watch()
    watch, change = step(before, float(found.past), now, limits, HOLDING)
    desk.remember_level(key, watch, before)
    level: Level = watch.level or before.level or "notice"
    finding = replace(
        area, level=level, value=float(found.past), threshold=limits.limit(level),
        facts={"near": found.near, "latest_h": round(found.latest_h, 1), "near_h": near_h},
    )  # fmt: skip
    _write(desk, change, finding, watch)
