"""Loading twenty thousand boundary polygons into a database of its own: checked, mended, fitted, written and placed."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from geodata.errors import Refused
from geodata.profile import load_profile
from geodata.store.cluster import private_cluster
from geodata.store.db import make_engine, migrate
from tests.benchmarks.served import Served
from tests.loading import load_boundaries

COLUMNS, ROWS = 160, 125
CORNERS = 8  # on each side of a polygon
NAME = "bench_boundaries"


def run(served: Served) -> dict[str, float]:
    """Seconds for a sound file, for the same again, and for one with a crack of 30 cm along a tenth of its polygons."""
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
            return measure(engine, Path(folder))
    finally:
        engine.dispose()
        cluster.drop_database(NAME)


def measure(engine: Engine, folder: Path) -> dict[str, float]:
    """The figures, in an empty database."""
    above, sound, cracked = folder / "above.geojson", folder / "sound.geojson", folder / "cracked.geojson"
    write(above, columns=8, rows=5)
    write(sound)
    write(cracked, crack_deg=3e-6)
    pace(engine, above, "community")
    return {
        "polygons": float(COLUMNS * ROWS),
        "sound_s": pace(engine, sound, "grid_cell"),
        "same_s": pace(engine, sound, "grid_cell"),
        "cracked_s": pace(engine, cracked, "grid_cell"),
    }


def pace(engine: Engine, file: Path, level: str) -> float:
    """Seconds to load the file."""
    began = time.perf_counter()
    load_boundaries(engine, load_profile("gusu"), file, level=level)
    return time.perf_counter() - began


def write(file: Path, *, columns: int = COLUMNS, rows: int = ROWS, crack_deg: float = 0.0) -> None:
    """A net of polygons over the district whose sides bend; a crack runs along every tenth column."""
    box = load_profile("gusu").bbox
    features = []
    for n in range(columns * rows):
        i, j = divmod(n, rows)
        east = crack_deg if i % 10 == 0 else 0.0
        corners = _ring(i / columns, j / rows, 1 / columns, 1 / rows)
        points = corners * (box.east - box.west, box.north - box.south) + (box.west, box.south)
        points[:, 0] -= np.where(corners[:, 0] > (i + 0.5) / columns, east, 0)
        shape = {"type": "Polygon", "coordinates": [points.round(9).tolist()]}
        properties = {"code": f"{columns}-{n}", "name": f"网格{columns}-{n}"}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")


def _ring(x: float, y: float, wide: float, high: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    along, no = np.arange(CORNERS) / CORNERS, np.zeros(CORNERS)
    sides = [(along, no), (no + 1, along), (1 - along, no + 1), (no, 1 - along), (np.zeros(1), np.zeros(1))]
    ring = np.concatenate([np.column_stack(side) for side in sides]) * (wide, high) + (x, y)
    bent = 0.002 * np.column_stack([np.sin(40 * ring[:, 1]), np.sin(40 * ring[:, 0])])
    return np.asarray(ring + bent)
