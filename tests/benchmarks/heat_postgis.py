"""PostGIS as a peer: roll-ups with covering indexes for every way in, vacuumed so that an index alone answers."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import psycopg

from tests.benchmarks.heat_runner import Answer, Ask, serve

RESOLUTIONS = (9, 10, 11)
OPTIONS = "-c statement_timeout=0 -c work_mem=256MB -c jit=off -c plan_cache_mode=force_custom_plan"


class PostGIS:
    """Roll-ups in the database that holds the tickets; clients are connections in processes."""

    clients: Literal["processes"] = "processes"

    def load(self, *, address: str, zone: str, first: str) -> dict[str, float]:
        """Sum the tickets at each resolution and index the sums."""
        self.address = address
        with psycopg.connect(address, options=OPTIONS, autocommit=True) as c:
            c.execute("set maintenance_work_mem = '1GB'")
            c.execute("drop schema if exists heat cascade")
            c.execute("create schema heat")
            c.execute(
                """create table heat.cells as select resolution as r, cell, centre_lon as lon, centre_lat as lat from hexes"""
            )
            c.execute("create index on heat.cells (r, lon, lat) include (cell)")
            for r in RESOLUTIONS:
                self._roll_up(c, r, zone, first)
            c.execute("vacuum analyze heat.cells")
            size = c.execute("""select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace s on s.oid = relnamespace
                                where nspname = 'heat' and relkind = 'r'""").fetchone()
        return {"disk_mb": float(size[0]) / 1e6 if size else 0.0}

    @staticmethod
    def _roll_up(c: psycopg.Connection[Any], r: int, zone: str, first: str) -> None:
        table = f"heat.r{r}"
        c.execute(f"""create unlogged table {table} as
            select category_id::smallint as category, ((received_at at time zone '{zone}')::date - date '{first}')::smallint as day,
                   hex_r{r} as cell, count(*)::int as n
            from tickets where location_quality in ('given', 'address', 'road', 'landmark') and not is_default_point
            group by 1, 2, 3 order by 1, 2, 3""")  # fmt: skip
        c.execute(f"create index on {table} (category, day, cell) include (n)")
        c.execute(f"create index on {table} (day, cell) include (n)")
        c.execute(f"create index on {table} (cell, category, day) include (n)")
        c.execute(f"vacuum analyze {table}")

    def client(self) -> Ask:
        """A connection; cells and sums come as two packed columns, which is quicker than rows."""
        cursor = psycopg.connect(self.address, options=OPTIONS, autocommit=True).cursor(binary=True)

        def ask(q: dict[str, Any]) -> Answer:
            where = ["day between %(first)s and %(last)s"]
            if q["category"] is not None:
                where.append("category = %(category)s")
            if q["box"]:
                where.append("""cell = any(array(select cell from heat.cells where r = %(resolution)s
                    and lon between %(west)s and %(east)s and lat between %(south)s and %(north)s))""")
            names = zip(("west", "south", "east", "north"), q["box"] or (), strict=False)
            row = cursor.execute(
                f"""select string_agg(int8send(cell), ''), string_agg(int8send(n), '') from (
                        select cell, sum(n)::bigint as n from heat.r{q["resolution"]} where {" and ".join(where)}
                        group by cell) counted""".encode(),
                q | dict(names),
                prepare=False,
            ).fetchone()
            cells, counts = (
                np.frombuffer(column or b"", ">i8").astype(np.int64) for column in row or (b"", b"")
            )
            return cells, counts

        return ask


if __name__ == "__main__":
    serve(PostGIS())
