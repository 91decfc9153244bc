"""Loading an export of a shape that cities publish into a database of its own: new rows, then the same file again."""

from __future__ import annotations

import csv
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from etl.loading import load_tickets
from geodata.errors import Refused
from geodata.profile import load_profile
from geodata.store.cluster import private_cluster
from geodata.store.db import make_engine, migrate
from tests.benchmarks.served import Served

ROWS = 40_000
NAME = "bench_load"
HEADER = (
    "case_enquiry_id", "open_dt", "sla_target_dt", "closed_dt", "on_time", "case_status", "closure_reason",
    "case_title", "subject", "reason", "type", "queue", "department", "location", "latitude", "longitude", "source",
)  # fmt: skip


def run(served: Served) -> dict[str, float]:
    """Rows a second, durable and located."""
    if served.settings.database_url:
        raise Refused(
            "This bench makes a database of its own in the private cluster; unset YIPING_DATABASE_URL."
        )
    cluster = private_cluster(served.settings.home)
    cluster.drop_database(NAME)
    cluster.create_database(NAME)
    migrate(cluster.url(NAME))
    engine = make_engine(cluster.url(NAME))
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "export.csv"
            write(file)
            return {
                "rows": float(ROWS),
                "new_rows_per_s": pace(engine, file),
                "same_rows_per_s": pace(engine, file),
            }
    finally:
        engine.dispose()
        cluster.drop_database(NAME)


def pace(engine: Engine, file: Path) -> float:
    """Load the file once; rows a second."""
    began = time.perf_counter()
    load_tickets(engine, load_profile("boston"), file, mapping="boston_311")
    return ROWS / (time.perf_counter() - began)


def write(file: Path) -> None:
    """Rows on a lattice over the city, a minute apart, every tenth still open."""
    first = datetime(2024, 1, 1)  # noqa: DTZ001 - the export writes local times without a zone
    with file.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(HEADER)
        for n in range(ROWS):
            opened = first + timedelta(minutes=n)
            done = "" if n % 10 == 0 else opened + timedelta(hours=5)
            rows.writerow((
                9_000_000_000 + n, opened, opened + timedelta(days=1), done, "ONTIME", "Closed" if done else "Open",
                "", "Pick up Dead Animal", "Public Works Department", "Street Cleaning", "Pick up Dead Animal", "PWDx",
                "PWDx", f"{n} Washington St", 42.28 + (n % 200) * 3e-4, -71.12 + (n // 200) * 3e-4, "Constituent Call",
            ))  # fmt: skip
