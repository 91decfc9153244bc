"""A dry run tells all that the load would do, and writes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from etl.quality import Report
from geodata.profile import Profile
from tests.db.load_files import areas, box, everything, mapping, rows_of, table, ticket
from tests.loading import load_boundaries, load_tickets


def told(report: Report) -> tuple[object, ...]:
    return report.rows, report.figures, report.crs, report.findings


def test_a_dry_run_tells_what_the_load_then_does(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    west, east, wider = (
        box(120.60, 31.30, x, 31.32) if x != 120.64 else box(120.62, 31.30, x, 31.32)
        for x in (120.62, 120.64, 120.63)
    )
    load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", west), ("B", "乙", east)]), level="grid_cell"
    )
    rows = [ticket(n, lon=120.6103 + n * 0.0004, lat=31.3101, received="2025-07-06 07:08") for n in range(60)]
    tickets = table(
        tmp_path, [*rows, *(ticket(n, lon=120.605, lat=31.315, kind=f"k{n % 9}") for n in range(100, 180))]
    )
    redrawn = areas(
        tmp_path, [("A", "甲", wider), ("C", "丙", box(120.63, 31.30, 120.64, 31.32))], "redrawn.geojson"
    )
    june = date(2025, 6, 1)
    for load in (
        lambda dry: load_tickets(empty_db, gusu, tickets, mapping=mapping(tmp_path), dry_run=dry),
        lambda dry: load_boundaries(empty_db, gusu, redrawn, level="grid_cell", valid_from=june, dry_run=dry),
    ):
        before = everything(empty_db)
        tried = load(True)  # noqa: FBT003
        assert everything(empty_db) == before
        assert tried.run is None
        done = load(False)  # noqa: FBT003
        assert told(tried) == told(done)
        assert everything(empty_db) != before
    assert done.figures["tickets_moved"] > 20
    assert done.figures["gone"] == 1
    assert 900 < done.figures["moved"] < 1000  # metres
    assert rows_of(
        empty_db, "select count(*) from load_undo u join loads l on l.id = u.load_id where l.state <> 'done'"
    ) == [(0,)]
