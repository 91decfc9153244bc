"""The district's tickets handed on from PostGIS: to our cube, and to the peers as Parquet files."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlalchemy import Engine, text

from geodata.cube.arrays import EPOCH, Tickets
from geodata.cube.build import build_from
from geodata.cube.store import Cube, warm
from geodata.profile import Profile
from geodata.store.cluster import Cluster, private_cluster
from geodata.store.settings import Settings

COPY_HEAD_BYTES, COPY_TAIL_BYTES = 19, 2
FIELDS = {
    "r9": ">i8",
    "r10": ">i8",
    "r11": ">i8",
    "category": ">i2",
    "day": ">i2",
    "hour": ">i2",
    "place": ">i4",
}
ROW = np.dtype([
    ("fields", ">i2"), *((f"{part}{name}", ">i4" if part else kind) for name, kind in FIELDS.items() for part in ("size_", "")),
])  # fmt: skip
FOR_PEERS = ("r9", "r10", "r11", "category", "day")
TENTH = 10
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Exported:
    """What left the database: the first day, from which days are counted, and the tickets that heat counts."""

    first: date
    tickets: Columns
    parents: Mapping[int, int | None]


def export(engine: Engine, profile: Profile, cluster: Cluster, folder: Path) -> Exported:
    """Read the tickets, and write tickets.parquet and cells.parquet for the peers."""
    with engine.connect() as c:
        first = c.execute(text("select min(received_at at time zone :zone)::date from tickets"),
                          {"zone": profile.time_zone}).scalar_one()  # fmt: skip
        cells = c.execute(text("select cell, centre_lon, centre_lat, resolution from hexes")).all()
        parents = {int(key): above for key, above in c.execute(text("select id, parent_id from categories"))}
    kinds = (("cell", np.int64), ("lon", np.float64), ("lat", np.float64), ("r", np.int8))
    _parquet(folder / "cells.parquet",
             {name: np.array([row[at] for row in cells], kind) for at, (name, kind) in enumerate(kinds)})  # fmt: skip
    found = Exported(first, tickets(profile, cluster, first), parents)
    _parquet(folder / "tickets.parquet", {name: found.tickets[name] for name in FOR_PEERS})
    return found


def tickets(profile: Profile, cluster: Cluster, first: date) -> Columns:
    """Cells, category, day, hour and sub-district of every ticket that heat counts, by one binary COPY."""
    local = f"(received_at at time zone '{profile.time_zone}')"
    sql = f"""copy (select hex_r9, hex_r10, hex_r11, category_id::smallint, ({local}::date - date '{first}')::smallint,
                           extract(hour from {local})::smallint, coalesce(u.id, 0)::int
                    from tickets t left join (
                        select x.area_id, min(a.id) as id from area_ancestors x
                        join areas a on a.code = x.ancestor_code and a.level = 'subdistrict' group by 1) u on u.area_id = t.area_id
                    where location_quality in ('given', 'address', 'road', 'landmark') and not is_default_point)
              to stdout (format binary)"""
    words = [
        str(cluster.binaries / "psql"),
        "-h",
        str(cluster.socket),
        "-U",
        "yiping",
        "-d",
        "yiping",
        "-XqAtc",
        sql,
    ]
    told = subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
    count = (len(told) - COPY_HEAD_BYTES - COPY_TAIL_BYTES) // ROW.itemsize
    rows = np.frombuffer(told, ROW, offset=COPY_HEAD_BYTES, count=count)
    return {name: rows[name].astype(kind.replace(">", "<")) for name, kind in FIELDS.items()}


def build_cube(found: Exported, folder: Path, every: int = 1) -> float:
    """Build a cube of every so many-th ticket; seconds it took, the compiler's not counted."""
    part = {name: column[::every] for name, column in found.tickets.items()}
    arrays = Tickets(
        cells={r: part[f"r{r}"] for r in (9, 10, 11)}, places=part["place"], categories=part["category"].astype(np.int64),
        days=part["day"].astype(np.int64) + found.first.toordinal() - EPOCH, hours=part["hour"], parents=dict(found.parents),
    )  # fmt: skip
    began = time.perf_counter()
    build_from(arrays, folder)
    taken = time.perf_counter() - began
    warm(Cube.open(folder))
    return taken


def _parquet(file: Path, columns: Columns) -> None:
    pq.write_table(pa.table(columns), file, row_group_size=500_000)


def told_to(name: str, settings: Settings, profile: Profile, folder: Path, first: date) -> dict[str, str]:
    """What a peer is told to load from."""
    if name != "postgis":
        return {"folder": str(folder)}
    address = f"dbname=yiping user=yiping host={private_cluster(settings.home).socket}"
    return {"address": address, "zone": profile.time_zone, "first": first.isoformat()}
