"""Rasters come in by the same door, stand in the book, and go again; what they replaced comes back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from sqlalchemy import Engine

from etl.loading import LoadOptions, load
from etl.quality import LoadRefused
from geodata.commands.undo import roll_back
from geodata.errors import Refused
from geodata.profile import Profile
from tests.db.load_files import rows_of


def drawn(folder: Path, value: float) -> Path:
    """A small raster in the district, one value everywhere."""
    path = folder / f"value{value:g}.tif"
    with rasterio.open(path, "w", driver="GTiff", height=8, width=9, count=1, dtype="float32", crs="EPSG:4326",
                       transform=from_origin(120.6, 31.32, 0.001, 0.001), nodata=-1) as raster:  # fmt: skip
        raster.write(np.full((8, 9), value, np.float32), 1)
    return path


def test_a_raster_replaces_another_and_goes_again(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    folder = tmp_path / "rasters"
    options = LoadOptions(rasters=folder, told={"name": "heat"})
    kept = folder / "heat.tif"
    tried = load(empty_db, gusu, "raster", drawn(tmp_path, 1), options, dry_run=True)
    assert (tried.state, tried.run, kept.exists()) == ("dry_run", None, False)
    first = load(empty_db, gusu, "raster", drawn(tmp_path, 1), options)
    assert (first.rows.new, first.figures["kept_as"], first.crs["used"]) == (1, "heat.tif", "EPSG:4326")
    as_first = hashlib.sha256(kept.read_bytes()).hexdigest()
    assert load(empty_db, gusu, "raster", drawn(tmp_path, 1), options).rows.unchanged == 1
    second = load(empty_db, gusu, "raster", drawn(tmp_path, 2), options)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() != as_first
    with pytest.raises(Refused, match=f"Load {second.run} .* take it back first"), empty_db.begin() as c:
        roll_back(c, gusu, first.run or 0, rasters=folder)
    for number in (second.run, first.run):
        with empty_db.begin() as c:
            roll_back(c, gusu, number or 0, rasters=folder, by="operator")
        if number == second.run:
            assert hashlib.sha256(kept.read_bytes()).hexdigest() == as_first
    assert not kept.exists()
    assert rows_of(empty_db, "select state, count(*) from loads group by 1 order by 1") == [
        ("done", 1),
        ("rolled_back", 2),
    ]


def test_what_is_no_raster_is_refused_and_remembered(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    (tmp_path / "x.tif").write_bytes(b"II*\0" + b"\0" * 200)
    with pytest.raises(LoadRefused) as refused:
        load(empty_db, gusu, "raster", tmp_path / "x.tif", LoadOptions(rasters=tmp_path / "r"))
    assert refused.value.report.as_dict()["state"] == "refused"
    assert rows_of(empty_db, "select state, rows_read from loads") == [("refused", 0)]
