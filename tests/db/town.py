"""A small chequered town of known rows: every level a rectangle of cells, tickets of every state, quality and day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import h3.api.basic_int as h3
import numpy as np
from sqlalchemy import Connection, Engine, text

from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine

COLUMNS, ROWS = 32, 48  # cells; every level above is a rectangle of them
LEVELS = {
    "district": (32, 48),
    "subdistrict": (16, 12),
    "station": (8, 4),
    "community": (4, 2),
    "grid_cell": (1, 1),
}
STATES = (
    "received",
    "transferred",
    "signed",
    "handling",
    "resolved_online",
    "closed",
    "followed_up",
    "merged",
)
QUALITIES = ("given", "address", "road", "landmark", "area", "none")
CATEGORIES = [
    ("hotline", "H1", "市容管理", None), ("hotline", "H2", "物业管理", None), ("city", "C1", "市容环境", None),
    ("hotline", "H1.1", "占道", "H1"), ("hotline", "H1.2", "噪声", "H1"), ("hotline", "H2.1", "电梯", "H2"),
    ("city", "C1.1", "垃圾", "C1"), ("hotline", "H1.1.1", "占道经营", "H1.1"), ("hotline", "H1.1.2", "乱停车", "H1.1"),
    ("city", "C1.1.1", "暴露垃圾", "C1.1"),
]  # fmt: skip
CENTRE = (120.596, 31.318)


@dataclass(frozen=True)
class Town:
    """Where its rows stand and on which days."""

    first: datetime
    last: datetime
    tickets: int


def build_town(
    engine: Engine, profile: Profile, *, tickets: int, days: int, last: datetime, seed: int = 7
) -> Town:
    """Fill an empty migrated database; `last` is the instant after the last ticket, in UTC."""
    with engine.begin() as c:
        _areas(c, profile)
        _names(c)
        _ground(c)
        _devices(c)
        _tickets(c, profile, count=tickets, days=days, last=last, seed=seed)
        c.execute(text("insert into facts values ('data_version', '1'), ('profile', to_jsonb(cast(:key as text)))"),
                  {"key": profile.key})  # fmt: skip
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
        c.execute(text("vacuum analyze"))
    return Town(last - timedelta(days=days), last, tickets)


def _areas(c: Connection, profile: Profile) -> None:
    box = dict(zip(("west", "south", "east", "north"), profile.bbox, strict=True)) | {
        "nx": COLUMNS,
        "ny": ROWS,
    }
    above: str | None = None
    for number, (level, (wide, high)) in enumerate(LEVELS.items()):
        code = (
            f"'{profile.code}'" if level == "district" else f"'{number}-' || i / {wide} || '-' || j / {high}"
        )
        parent = "null" if above is None else above
        c.execute(
            text(f"""
            insert into areas (scheme, level, code, name, parent_code, valid_from, area_km2, geom)
            select 'grid', '{level}', code, '名' || code, parent, date '2020-01-01', ST_Area(geom::geography) / 1e6, geom
            from (select {code} as code, {parent} as parent, ST_Multi(ST_MakeEnvelope(
                      :west + (:east - :west) * i / :nx, :south + (:north - :south) * j / :ny,
                      :west + (:east - :west) * (i + {wide}) / :nx, :south + (:north - :south) * (j + {high}) / :ny,
                      4326)) as geom
                  from generate_series(0, :nx - 1, {wide}) i, generate_series(0, :ny - 1, {high}) j) s"""),
            box,
        )
        above = code
    c.execute(
        text("""
        insert into area_ancestors (area_id, ancestor_code, steps)
        with recursive up as (
            select id, code, parent_code, 0 as steps from areas
            union all select up.id, a.code, a.parent_code, steps + 1 from up join areas a on a.code = up.parent_code)
        select id, code, steps from up""")
    )


def _names(c: Connection) -> None:
    for scheme, code, name, parent in CATEGORIES:
        c.execute(text("""
            insert into categories (scheme, code, name, parent_id, level)
            select :scheme, :code, :name, (select id from categories where code = :parent),
                   coalesce((select level from categories where code = :parent), 0) + 1"""),
            {"scheme": scheme, "code": code, "name": name, "parent": parent})  # fmt: skip
    c.execute(
        text("""insert into ticket_sources (key, name)
        values ('12345', '12345便民服务热线'), ('city', '数字城管'), ('patrol', '网格员上报')""")
    )
    c.execute(text("insert into units (code, name, kind) values ('u1', '城管局', 'department')"))


def _ground(c: Connection) -> None:
    c.execute(
        text("""
        insert into roads (code, name, name_en, class, geom) values
        ('r1', '人民路', 'Renmin Road', 'primary',
         ST_GeomFromText('MULTILINESTRING((120.617 31.28, 120.617 31.37))', 4326)),
        ('r2', '平江路', 'Pingjiang Road', 'lane',
         ST_GeomFromText('MULTILINESTRING((120.63 31.31, 120.63 31.325))', 4326))""")
    )
    c.execute(
        text("""
        insert into places (code, kind, name, name_en, geom) values
        ('p1', 'garden', '拙政园', 'Humble Administrator''s Garden', ST_Point(120.6253, 31.3258, 4326)),
        ('p2', 'station', '苏州站', 'Suzhou Station', ST_Point(120.6044, 31.3328, 4326))""")
    )
    c.execute(
        text("""
        insert into heritage_objects (code, name, name_en, grade, condition, geom) values
        ('h1', '云岩寺塔', 'Yunyan Pagoda', 'national', 'fair', ST_Point(120.5745, 31.3385, 4326))""")
    )


def _devices(c: Connection) -> None:
    spot = "ST_Point(120.524 + 0.127 * ((n * 37) % 499 + 0.5) / 499, 31.257 + 0.124 * ((n * 91) % 503 + 0.5) / 503, 4326)"
    c.execute(
        text(f"""
        insert into cameras (code, name, kind, state, area_id, geom)
        select distinct on (n) 'cam' || n, '监控' || n, 'dome', (array['online', 'offline', 'fault'])[1 + n % 3], a.id, g
        from (select n, {spot} g from generate_series(1, 900) n) s
        join areas a on a.level = 'grid_cell' and ST_Covers(a.geom, g)""")
    )
    c.execute(
        text(f"""
        insert into sensors (code, name, kind, unit, state, interval_s, area_id, geom)
        select distinct on (n) 'sen' || n, '感知' || n, 'water_level', 'm', (array['normal', 'warning', 'silent'])[1 + n % 3], 60, a.id, g
        from (select n, {spot} g from generate_series(1, 60) n) s
        join areas a on a.level = 'grid_cell' and ST_Covers(a.geom, g)""")
    )
    c.execute(text("insert into sensor_latest select id, now(), 1.5 from sensors where id % 2 = 0"))


def _tickets(c: Connection, profile: Profile, *, count: int, days: int, last: datetime, seed: int) -> None:
    rng = np.random.default_rng(seed)
    west, south, east, north = profile.bbox
    around = rng.choice(40, count)
    centres = np.column_stack([rng.uniform(west, east, 40), rng.uniform(south, north, 40)])
    points = centres[around] + rng.normal(0, 0.006, (count, 2))
    points = np.clip(points, (west + 1e-6, south + 1e-6), (east - 1e-6, north - 1e-6))
    at = np.sort(rng.uniform(0, days * 86400, count))[::-1]
    cells = {
        (r[0], r[1]): r[2]
        for r in c.execute(
            text(
                "select split_part(code, '-', 2)::int, split_part(code, '-', 3)::int, id from areas where level = 'grid_cell'"
            )
        )
    }
    leaves = list(c.execute(text("select id from categories where level = 3 order by id")).scalars())
    sources = list(c.execute(text("select id from ticket_sources order by id")).scalars())
    draw = {
        name: rng.integers(0, top, count)
        for name, top in {
            "leaf": len(leaves),
            "source": len(sources),
            "state": len(STATES),
            "quality": 100,
            "hours": 400,
        }.items()
    }
    seen: set[int] = set()
    columns = [
        "origin",
        "number",
        "source_id",
        "family",
        "category_id",
        "address",
        "received_at",
        "due_at",
        "closed_at",
        "state",
        "geom",
        "location_quality",
        "is_default_point",
        "area_id",
        "hex_r9",
        "hex_r10",
        "hex_r11",
    ]
    driver = c.connection.driver_connection
    with driver.cursor().copy(f"copy tickets ({', '.join(columns)}) from stdin") as copy:  # type: ignore[union-attr]
        for n in range(count):
            lon, lat = points[n].tolist()
            quality = QUALITIES[0 if (v := draw["quality"][n]) < 60 else 1 if v < 84 else 2 if v < 88 else 3 if v < 90
                                else 4 if v < 98 else 5]  # fmt: skip
            located = quality not in ("area", "none")
            default = located and draw["quality"][n] == 0
            if default:
                lon, lat = profile.default_points[0]
            column = min(int((lon - west) / (east - west) * COLUMNS), COLUMNS - 1)
            row = min(int((lat - south) / (north - south) * ROWS), ROWS - 1)
            hexes = [h3.latlng_to_cell(lat, lon, r) for r in (9, 10, 11)] if located else [None] * 3
            seen.update(cell for cell in hexes if cell)
            received = (last - timedelta(seconds=float(at[n]) + 0.001)).astimezone(UTC)
            state = STATES[draw["state"][n]]
            closed = None if state in STATES[:4] else received + timedelta(hours=float(draw["hours"][n]))
            due = None if n % 17 == 0 else received + timedelta(hours=200)
            copy.write_row((
                "demo", f"T{n:07d}", sources[draw["source"][n]], "service" if n % 3 else "city", leaves[draw["leaf"][n]],
                f"人民路{n % 900}号", received, due, closed, state,
                f"SRID=4326;POINT({lon!r} {lat!r})" if located else None, quality, default,
                None if quality == "none" else cells[column, row], *hexes,
            ))  # fmt: skip
    _hexes(c, seen)


def _hexes(c: Connection, seen: set[int]) -> None:
    rows = []
    for cell in sorted(seen):
        lat, lon = h3.cell_to_latlng(cell)
        ring = [f"{x!r} {y!r}" for y, x in h3.cell_to_boundary(cell)]
        rows.append({"cell": cell, "r": h3.get_resolution(cell), "lon": lon, "lat": lat,
                     "a": h3.cell_area(cell, "m^2"), "g": f"POLYGON(({', '.join([*ring, ring[0]])}))"})  # fmt: skip
    c.execute(
        text("""insert into hexes values (:cell, :r, :lon, :lat, :a,
                      ST_Transform(ST_GeomFromText(:g, 4326), 3857))"""),
        rows,
    )


LAST_DAY = date(2026, 3, 1)
DAYS = 120


def town_database(cluster: Cluster, profile: Profile, name: str) -> Iterator[Engine]:
    """A database with 9,000 tickets of the 120 days up to LAST_DAY (Asia/Shanghai), removed at the end."""
    cluster.drop_database(name)
    cluster.create_database(name, "template_empty")
    engine = make_engine(cluster.url(name))
    build_town(engine, profile, tickets=9000, days=DAYS, last=profile.window(LAST_DAY, LAST_DAY).end)
    yield engine
    engine.dispose()
    cluster.drop_database(name)
