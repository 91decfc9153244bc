"""Faulty boundaries through the store: refused with one sentence, or mended with what was there kept for the map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine

from etl.kinds.base import LoadOptions
from etl.loading import load
from etl.quality import LoadRefused, Report
from geodata.profile import Profile
from tests.db.load_files import rows_of
from tests.unit.etl.faulty_town import Rows, Town, geojson, town, turned, written_in


@pytest.fixture
def small(gusu: Profile) -> Town:
    """The town that the files are of."""
    return town(gusu, cells=12)


def put(
    engine: Engine, path: Path, of: Town, rows: Rows, *, crs: str | None = None, **told: object
) -> Report:
    """Load rows as the cells of the town."""
    options = LoadOptions(crs=crs, told={"level": "grid_cell", **told})
    return load(engine, of.profile, "boundaries", geojson(path / "cells.geojson", rows), options)


def test_a_file_in_gcj02_is_refused_until_it_is_said(empty_db: Engine, small: Town, tmp_path: Path) -> None:
    put(empty_db, tmp_path, small, small.cells)
    shifted = replace(small.cells, shapes=written_in(small.cells.shapes, "GCJ-02"))
    with pytest.raises(LoadRefused, match=r"The file says EPSG:4326, but .*“GCJ-02”.*“EPSG:4326”") as refused:
        put(empty_db, tmp_path, small, shifted)
    told = refused.value.report.crs
    assert (told["probable"], told["used"]) == ("GCJ-02", None)
    assert told["confidence"] >= 0.9
    report = put(empty_db, tmp_path, small, shifted, crs="GCJ-02")
    assert (report.crs["used"], report.rows.changed + report.rows.unchanged) == ("GCJ-02", 12)
    assert report.figures["moved"] < 0.01  # metres: they lie where they lay
    doubted = put(empty_db, tmp_path, small, shifted, crs="EPSG:4326")
    (said,) = (finding for finding in doubted.findings if finding.code == "crs_doubted")
    assert said.message.zh.startswith("坐标看来属于另一坐标系：按此")
    assert "so it lies" in said.message.en


def test_what_is_narrow_is_mended_and_kept_for_the_map(empty_db: Engine, small: Town, tmp_path: Path) -> None:
    shapes = small.cells.shapes.copy()
    shapes[5] = shapely.buffer(shapes[5], -4e-6, join_style="mitre")  # 40 cm
    report = put(empty_db, tmp_path, small, replace(small.cells, shapes=shapes))
    assert {f.code for f in report.findings if f.severity == "repaired"} >= {"gap", "edge_fitted"}
    kept = rows_of(
        empty_db,
        "select st_isvalid(geom), st_area(geom::geography) > 0 from load_findings where code = 'gap'",
    )
    assert kept
    assert set(kept) == {(True, True)}
    left = rows_of(
        empty_db,
        "select st_numinteriorrings(st_union(geom)), sum(st_area(geom)) - st_area(st_union(geom)) from areas",
    )
    assert left[0] == (0, pytest.approx(0, abs=1e-12))


def test_what_is_wide_is_refused_unless_it_is_meant(empty_db: Engine, small: Town, tmp_path: Path) -> None:
    shapes = small.cells.shapes.copy()
    shapes[5] = shapely.buffer(shapes[5], 1e-4, join_style="mitre")  # 10 m over its neighbours
    rows = replace(small.cells, shapes=shapes)
    with pytest.raises(LoadRefused, match=r"overlaps? wider than 2 m.*--as-drawn") as refused:
        put(empty_db, tmp_path, small, rows)
    assert any(f.code == "overlap" and f.where is not None for f in refused.value.report.findings)
    assert rows_of(empty_db, "select count(*) from areas") == [(0,)]
    report = put(empty_db, tmp_path, small, rows, as_drawn=True)
    assert report.rows.new == 12
    assert {f.severity for f in report.findings if f.code == "overlap"} == {"note"}


def test_a_part_is_held_against_what_stays(empty_db: Engine, small: Town, tmp_path: Path) -> None:
    put(empty_db, tmp_path, small, small.cells)
    one = replace(small.cells, codes=small.cells.codes[5:6], names=small.cells.names[5:6],
                  shapes=turned(small.cells.shapes[5:6], lambda points: points + np.array([2e-6, 0])))  # fmt: skip
    report = put(empty_db, tmp_path, small, one, partial=True)
    assert {f.code for f in report.findings} >= {"overlap"}
    stored = rows_of(
        empty_db, "select sum(st_area(geom)) - st_area(st_union(geom)) from areas where valid_to is null"
    )
    assert stored[0][0] == pytest.approx(0, abs=1e-12)
    far = replace(one, shapes=turned(one.shapes, lambda points: points + np.array([2e-4, 0])))
    with pytest.raises(LoadRefused, match="overlap"):
        put(empty_db, tmp_path, small, far, partial=True)


def test_codes_of_another_list_are_refused_unless_they_are_new(
    empty_db: Engine, small: Town, tmp_path: Path
) -> None:
    put(empty_db, tmp_path, small, small.cells)
    old = replace(small.cells, codes=[f"3205087{n:05d}" for n in range(12)])
    with pytest.raises(LoadRefused, match="another code than the same area"):
        put(empty_db, tmp_path, small, old)
    # A file without most of the known codes would end them all; so it is said to be a part first.
    report = put(empty_db, tmp_path, small, replace(old, shapes=np.asarray(old.shapes)), new_codes=True, partial=True,
                 as_drawn=True)  # fmt: skip
    assert {f.code for f in report.findings if f.severity == "note"} >= {"code_of_another_list"}
