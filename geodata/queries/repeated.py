"""Repeated demand 连续诉求热点事件 in a window: each event with its tickets and a sentence that stands for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from shapely import Point
from sqlalchemy import Connection, Row, text

from geodata.profile import Profile
from geodata.queries import categories
from geodata.queries.categories import Category
from geodata.queries.question import Condition, condition, span
from geodata.queries.relations import LOCATED_SQL
from geodata.queries.road_network import RoadNetwork, road_network
from geodata.rules.hotspots import naming, repeated as rule
from geodata.rules.hotspots.repeated import Demands, Event
from geodata.rules.scrub import scrub
from geodata.space import crs
from geodata.types import Bilingual, Question, Window

LOOK_BACK = timedelta(days=28)  # before the window, so that a place's usual pace is known
DEMANDS = "t.family = 'service'"  # what staff find on their rounds is nobody's demand


@dataclass(frozen=True, slots=True)
class RepeatedRow:
    """One event; lon and lat are the middle of its tickets (EPSG:4326), instants are UTC."""

    key: str
    sentence: str
    category: Bilingual
    category_code: str
    place: Bilingual
    area_code: str | None
    area_name: str | None
    area_name_en: str | None
    count: int
    first_at: datetime
    last_at: datetime
    lon: float
    lat: float
    ticket_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The events, most tickets first, and what was left out: total = located + default_points + unlocated."""

    total: int
    located: int
    default_points: int
    unlocated: int
    in_events: int
    rows: list[RepeatedRow]


def repeated(c: Connection, profile: Profile, q: Question, *, least: int = rule.LEAST) -> Repeated:
    """The events of at least so many demands of citizens in the window; what came before tells only the usual pace."""
    where = condition(c, profile, q)
    earlier = Window(q.window.first - LOOK_BACK, q.window.last, q.window.zone)
    whole = condition(c, profile, replace(q, window=earlier, hours=None))
    counted = c.execute(text(f"""
        select count(*), count(*) filter (where {LOCATED_SQL}), count(*) filter (where t.is_default_point)
        from tickets t where {where.sql} and {DEMANDS}"""), where.parameters).one()  # fmt: skip
    paths = categories.paths(categories.tree(c))
    ids, demands = _demands(c, profile, whole, paths)
    found = rule.candidates(demands, least)
    told = _told(c, ids[found.rows].tolist())
    texts = [_words(told[key]) for key in ids[found.rows].tolist()]
    made = [_within(event, demands, q) for event in rule.events(demands, found, texts, least)]
    made = [event for event in made if len(event.rows) >= least]
    writer = _Writer(road_network(c, profile), profile, paths, told, ids)
    areas = _areas(c, profile, [told[key].area_id for key in ids[found.rows].tolist()])
    rows = sorted(
        (writer.row(event, areas) for event in made), key=lambda row: (-row.count, row.first_at, row.key)
    )
    total, located, default_points = counted
    return Repeated(total, located, default_points, total - located - default_points,
                    sum(row.count for row in rows), rows)  # fmt: skip


def _demands(
    c: Connection, profile: Profile, where: Condition, paths: dict[int, tuple[Category, ...]]
) -> tuple[np.ndarray[Any, np.dtype[np.int64]], Demands]:
    columns = ("int8send(t.id)", "int8send(t.category_id)", "float8send(extract(epoch from t.received_at)::float8)",
               "float8send(ST_X(t.geom))", "float8send(ST_Y(t.geom))")  # fmt: skip
    packed = ", ".join(f"string_agg({sql}, '')" for sql in columns)
    row = c.execute(
        text(f"select {packed} from tickets t where {where.sql} and {LOCATED_SQL} and {DEMANDS}"),
        where.parameters,
    ).one()
    ids, category = (np.frombuffer(body or b"", ">i8").astype(np.int64) for body in row[:2])
    at_s, lon, lat = (np.frombuffer(body or b"", ">f8").astype(np.float64) for body in row[2:])
    x, y = crs.to_metric(lon, lat, profile.metric_srid) if len(lon) else (lon, lat)
    group_of = {key: path[-2].id if len(path) > 1 else key for key, path in paths.items()}
    group = np.array([group_of[key] for key in category.tolist()], np.int64)
    return ids, Demands(x, y, at_s, category, group)


def _within(event: Event, demands: Demands, q: Question) -> Event:
    """The event as far as it lies in the window."""
    first_s, end_s = (instant.timestamp() for instant in span(q))
    rows = tuple(row for row in event.rows if first_s <= demands.at_s[row] < end_s)
    return Event(rows, event.medoid)


def _told(c: Connection, ids: list[int]) -> dict[int, Row[Any]]:
    rows = c.execute(text("""
        select id, number, category_id, area_id, road_id, title, description, address, received_at,
               ST_X(geom) as lon, ST_Y(geom) as lat from tickets where id = any(:ids)"""), {"ids": ids})  # fmt: skip
    return {row.id: row for row in rows}


def _words(row: Row[Any]) -> str:
    """What a ticket says of its matter; the place stands in the address and is taken out."""
    said = " ".join(part for part in (row.title, row.description) if part)
    return rule.without_place(said, row.address)


def _areas(c: Connection, profile: Profile, ids: list[int | None]) -> dict[int, Row[Any]]:
    """The area one below the district that each of these areas lies in."""
    level = profile.levels[min(1, len(profile.levels) - 1)].key
    rows = c.execute(
        text("""select distinct on (u.area_id) u.area_id, a.code, a.name, a.name_en
                from area_ancestors u join areas a on a.code = u.ancestor_code and a.scheme = :scheme
                where u.area_id = any(:ids) and a.level = :level order by u.area_id, a.valid_from desc"""),
        {"ids": sorted({key for key in ids if key}), "scheme": profile.scheme, "level": level},
    )
    return {row.area_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class _Writer:
    roads: RoadNetwork
    profile: Profile
    paths: dict[int, tuple[Category, ...]]
    told: dict[int, Row[Any]]
    ids: np.ndarray[Any, np.dtype[np.int64]]

    def row(self, event: Event, areas: dict[int, Row[Any]]) -> RepeatedRow:
        tickets = [self.told[key] for key in self.ids[list(event.rows)].tolist()]
        medoid = self.told[int(self.ids[event.medoid])]
        path = self.paths[_most(ticket.category_id for ticket in tickets)]
        public = naming.may_tell_a_door(*(step.name for step in path))
        title = Bilingual(path[-1].name, path[-1].name_en or path[-1].name)
        area = areas.get(_most(ticket.area_id for ticket in tickets if ticket.area_id) or 0)
        lon, lat = (float(np.mean([getattr(ticket, axis) for ticket in tickets])) for axis in ("lon", "lat"))
        sentence = scrub(medoid.description or medoid.title or title.zh) if public else title.zh
        return RepeatedRow(
            f"{medoid.number}", sentence, title, path[-1].code, self._place(tickets, lon, lat, public=public),
            area and area.code, area and area.name, area and area.name_en, len(tickets),
            tickets[0].received_at.astimezone(UTC), tickets[-1].received_at.astimezone(UTC), lon, lat,
            tuple(ticket.number for ticket in tickets),
        )  # fmt: skip

    def _place(self, tickets: list[Row[Any]], lon: float, lat: float, *, public: bool) -> Bilingual:
        x, y = crs.to_metric(np.array([lon]), np.array([lat]), self.profile.metric_srid)
        road = _most(ticket.road_id for ticket in tickets if ticket.road_id)
        at = int(self.roads.rows_of(np.array([road or 0]))[0])
        street = self.roads.road_names[at] if at >= 0 else None
        addresses = [ticket.address for ticket in tickets if ticket.address] if public else []
        return naming.named(street, addresses, self.roads.places_near(Point(x[0], y[0])))


def _most(values: Iterable[int]) -> int:
    """The most frequent value, the first of equals; 0 of none."""
    return next((value for value, _ in Counter(values).most_common(1)), 0)
