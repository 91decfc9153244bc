"""A large export loaded into a store that already holds as many tickets, in a home of its own with a durable database."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, text

from app.setup import open_home
from geodata.profile import Profile
from geodata.store.cluster import private_cluster
from geodata.store.settings import CHECKOUT, Settings
from tests.benchmarks.load_export import MAPPING, Streets, write

NEEDS_HOME = False
ROWS = 1_000_000
GROUND_TICKETS = 2_000  # a year of the demo's own, beside which ours lie
SEED = 1229
LOAD = """
import resource, sys, time
from pathlib import Path
from app.setup import open_home
from tests.loading import load_tickets
from geodata.store.settings import Settings
with open_home(Settings()) as (engine, profile):
    began = time.perf_counter()
    load_tickets(engine, profile, Path(sys.argv[1]), mapping=sys.argv[2])
    print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def run(_: None, rows: int = ROWS) -> dict[str, float]:
    """Rows a second from the first byte read until all of them are committed, located and countable."""
    settings = Settings()
    home = settings.home.resolve() / "bench" / f"load-{rows}"
    mine = settings.model_copy(update={"home": home, "database_url": None, "profile": "gusu"})
    home.mkdir(parents=True, exist_ok=True)
    for folder in (home.parent, home):
        folder.chmod(0o755)  # the account that runs PostgreSQL must reach it
    cluster = private_cluster(home)
    try:
        with open_home(mine) as (engine, profile):
            return _measured(engine, profile, home, rows)
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
        if home not in cluster.data.parents:
            shutil.rmtree(cluster.data.parent, ignore_errors=True)


def _measured(engine: Engine, profile: Profile, home: Path, rows: int) -> dict[str, float]:
    from etl.demo.build import build  # noqa: PLC0415 - slow to import

    build(engine, profile, seed=SEED, last=profile.today(), tickets_per_year=GROUND_TICKETS)
    mapping = home / "bench.toml"
    mapping.write_text(MAPPING, "utf-8")
    files = [home / f"{name}.csv" for name in ("there", "new")]
    with engine.connect() as c:
        durable = c.execute(
            text("select current_setting('fsync') || ' ' || current_setting('synchronous_commit')")
        ).scalar()
        streets = Streets(c)
    for number, file in enumerate(files):
        write(file, streets, rows=rows, first=number * rows)
    (into_empty, _), (into_full, memory) = (_load(home, file, mapping) for file in files)
    (again, _) = _load(home, files[1], mapping)
    with engine.connect() as c:
        found = c.execute(text(
            "select count(*), count(hex_r11), count(area_id), count(road_id) from tickets where origin = 'bench'"
        )).one()  # fmt: skip
    if found[0] != 2 * rows:
        raise AssertionError(f"{found[0]} tickets of {2 * rows} are there")
    return {
        "rows": float(rows), "durable": float(durable == "on on"), "rows_per_s": rows / into_full,
        "rows_per_s_into_an_empty_store": rows / into_empty, "same_rows_again_per_s": rows / again,
        "loader_memory_mib": memory, "share_in_a_hexagon": found[1] / found[0], "share_in_a_cell": found[2] / found[0],
        "share_on_a_road": found[3] / found[0],
    }  # fmt: skip


def _load(home: Path, file: Path, mapping: Path) -> tuple[float, float]:
    """Seconds and peak memory, MiB, of a process of its own, its start not counted."""
    environment = {"YIPING_HOME": str(home), "YIPING_PROFILE": "gusu", "PATH": "/usr/bin:/bin"}
    began = time.perf_counter()
    told = subprocess.run(
        [sys.executable, "-c", LOAD, str(file), str(mapping)],
        cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, check=True,
    ).stdout.split()  # fmt: skip
    print(
        f"  {file.stem}: {float(told[0]):.1f} s of {time.perf_counter() - began:.1f}",
        file=sys.stderr,
        flush=True,
    )
    return float(told[0]), float(told[1])
