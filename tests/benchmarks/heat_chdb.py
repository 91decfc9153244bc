"""chDB as a peer: ClickHouse's MergeTree ordered by category, day and cell, summed beforehand."""

from __future__ import annotations

import importlib
from typing import Any, Literal

import numpy as np

from tests.benchmarks.heat_runner import Answer, Ask, serve

RESOLUTIONS = (9, 10, 11)
ROW = np.dtype([("cell", "<i8"), ("n", "<i8")])


class ChDB:
    """One session; clients are threads that share it, as the library allows one session a process and folder."""

    clients: Literal["threads"] = "threads"

    def load(self, *, folder: str) -> dict[str, float]:
        """Sum the tickets of a Parquet file at each resolution."""
        self.session = importlib.import_module("chdb.session").Session(f"{folder}/chdb")
        do = self.session.query
        do("create database heat engine = Atomic")
        do(
            "create table heat.cells (r UInt8, cell Int64, lon Float64, lat Float64) engine = MergeTree order by (r, lon, lat)"
        )
        do(f"insert into heat.cells select r, cell, lon, lat from file('{folder}/cells.parquet')")
        for r in RESOLUTIONS:
            do(f"""create table heat.r{r} (category UInt16, day UInt16, cell Int64, n UInt32) engine = MergeTree
                   order by (category, day, cell)""")
            do(f"""insert into heat.r{r} select category, day, r{r} as cell, count() from file('{folder}/tickets.parquet')
                   group by category, day, cell""")
            do(f"optimize table heat.r{r} final")
        return {}

    def client(self) -> Ask:
        """The shared session."""
        query = self.session.query

        def ask(q: dict[str, Any]) -> Answer:
            where = [f"day between {q['first']} and {q['last']}"]
            if q["category"] is not None:
                where.append(f"category = {q['category']}")
            if q["box"]:
                west, south, east, north = q["box"]
                where.append(f"""cell in (select cell from heat.cells where r = {q["resolution"]}
                    and lon between {west!r} and {east!r} and lat between {south!r} and {north!r})""")
            sql = f"""select cell, toInt64(sum(n)) from heat.r{q["resolution"]} where {" and ".join(where)} group by cell"""
            found = np.frombuffer(query(sql, "RowBinary").bytes(), ROW)
            return found["cell"], found["n"]

        return ask


if __name__ == "__main__":
    serve(ChDB())
