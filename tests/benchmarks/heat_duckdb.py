"""DuckDB as a peer: tickets summed beforehand by category, day and cell, kept in that order so that its zones help."""

from __future__ import annotations

import importlib
from typing import Any, Literal

import numpy as np

from tests.benchmarks.heat_runner import Answer, Ask, serve

RESOLUTIONS = (9, 10, 11)


class DuckDB:
    """One database file; clients are cursors in threads."""

    clients: Literal["threads"] = "threads"

    def load(self, *, folder: str) -> dict[str, float]:
        """Sum the tickets of a Parquet file at each resolution."""
        self.db = importlib.import_module("duckdb").connect(f"{folder}/heat.duckdb")
        self.db.execute(f"create table cells as select * from read_parquet('{folder}/cells.parquet')")
        for r in RESOLUTIONS:
            self.db.execute(f"""create table heat_r{r} as
                select category, day, r{r} as cell, count(*)::integer as n from read_parquet('{folder}/tickets.parquet')
                group by all order by category, day, cell""")
        self.db.execute("checkpoint")
        return {}

    def client(self) -> Ask:
        """A cursor."""
        cursor = self.db.cursor()

        def ask(q: dict[str, Any]) -> Answer:
            where, values = ["day between ? and ?"], [q["first"], q["last"]]
            if q["category"] is not None:
                where.append("category = ?")
                values.append(q["category"])
            if q["box"]:
                where.append(
                    "cell in (select cell from cells where lon between ? and ? and lat between ? and ?)"
                )
                west, south, east, north = q["box"]
                values += [west, east, south, north]
            found = cursor.execute(
                f"select cell, sum(n)::bigint as n from heat_r{q['resolution']} where {' and '.join(where)} group by cell",
                values,
            ).fetchnumpy()
            return np.asarray(found["cell"], np.int64), np.asarray(found["n"], np.int64)

        return ask


if __name__ == "__main__":
    serve(DuckDB())
