"""The cube's encoding: whatever tickets go in, any question counts what a plain loop over them counts."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from geodata.cube import build as builder, files
from geodata.cube.arrays import EPOCH, Numbering, Tickets
from geodata.cube.build import build_from
from geodata.cube.source import LocalClock
from geodata.cube.store import Cube, CubeQuestion
from geodata.cube.tree import Tree
from geodata.queries.question import band_hours
from geodata.types import BBox

FIRST = date(2025, 12, 20)
SPAN = 90
PARENTS = {1: 10, 2: 10, 3: 11, 4: 11, 5: 12, 10: 20, 11: 20, 12: 21, 20: None, 21: None}
CATEGORIES = (1, 2, 3, 4, 5, 10)  # one of them an inner node that has tickets of its own
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def made(seed: int, count: int) -> Tickets:
    """Tickets crowded in one corner and on some days, as they are."""
    rng = np.random.default_rng(seed)
    lon = 120.6 + np.abs(rng.normal(0, 0.004, count))
    lat = 31.3 + np.abs(rng.normal(0, 0.004, count))
    cells = {
        r: np.array([h3.latlng_to_cell(y, x, r) for x, y in zip(lon, lat, strict=True)], np.int64)
        for r in (9, 10, 11)
    }
    days = FIRST.toordinal() - EPOCH + rng.integers(0, SPAN, count) * rng.integers(0, 2, count)
    return Tickets(
        cells, (lon * 1000).astype(np.int64) % 3, rng.choice(CATEGORIES, count), days, rng.integers(0, 24, count), PARENTS
    )  # fmt: skip


def plain(tickets: Tickets, q: CubeQuestion) -> dict[int, int]:
    """One by one."""
    found = Counter[int]()
    hours = set(range(24) if q.band is None else band_hours(q.band))
    for i, cell in enumerate(tickets.cells[q.resolution].tolist()):
        lat, lon = h3.cell_to_latlng(cell)
        inside = q.bbox is None or (q.bbox.west <= lon <= q.bbox.east and q.bbox.south <= lat <= q.bbox.north)
        day = date.fromordinal(int(tickets.days[i]) + EPOCH)
        if (
            inside
            and q.first <= day <= q.last
            and (q.categories is None or tickets.categories[i] in q.categories)
            and (q.areas is None or tickets.places[i] in q.areas)
            and tickets.hours[i] in hours
        ):
            found[cell] += 1
    return dict(found)


questions = st.builds(
    lambda r, day, days, categories, areas, box, band: CubeQuestion(
        r, FIRST + timedelta(days=day), FIRST + timedelta(days=day + days), categories, areas,
        box and BBox(120.6 + min(box[:2]), 31.3 + min(box[2:]), 120.6 + max(box[:2]), 31.3 + max(box[2:])), band,
    ),
    st.sampled_from((9, 10, 11)), st.integers(-5, SPAN + 5), st.integers(0, SPAN + 5),
    st.none() | st.frozensets(st.sampled_from((*CATEGORIES, 99))),
    st.none() | st.frozensets(st.sampled_from((0, 1, 2, 7))),
    st.none() | st.tuples(*[st.floats(-0.002, 0.015)] * 4),
    st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23)),
)  # fmt: skip


@pytest.mark.parametrize(("count", "per_row"), [(0, 4), (1, 4), (700, 1), (3000, 4)])
def test_any_question_counts_what_a_loop_counts(
    count: int, per_row: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "TICKETS_PER_ROW", per_row)
    monkeypatch.setattr(builder, "LEAST_SEGMENT", 8)
    tickets = made(count, count)
    build_from(tickets, tmp_path / "cube")
    cube = Cube.open(tmp_path / "cube")

    @settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
    @given(questions)
    def holds(q: CubeQuestion) -> None:
        found = cube.counts(q)
        assert dict(zip(found.cells.tolist(), found.counts.tolist(), strict=True)) == plain(tickets, q)
        assert (np.diff(found.cells) > 0).all()

    holds()


def test_heavy_planes_are_cut_into_segments_and_light_ones_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "LEAST_SEGMENT", 64)
    build_from(made(3, 4000), tmp_path / "cube")
    segments = {
        level: len(np.load(tmp_path / "cube" / f"r9.{level}.seg_day.npy")) for level in ("all", "own_hours")
    }
    assert segments["all"] > 4
    assert segments["own_hours"] <= 24 * len(CATEGORIES)


@settings(max_examples=200, deadline=None)
@given(st.frozensets(st.sampled_from(CATEGORIES)), st.none() | st.sets(st.integers(0, 23)).map(sorted))
def test_planes_add_up_to_the_set_asked_for(categories: frozenset[int], hours: list[int] | None) -> None:
    tree = Tree(CATEGORIES, PARENTS)
    tables = dict(tree.tables())
    sums = np.zeros((len(CATEGORIES), 24), int)
    for term in tree.terms(categories, hours):
        for plane in term.planes:
            sums += term.sign * (tables[term.level] == plane)
    wanted = np.array([key in categories for key in CATEGORIES])[:, None] & np.isin(
        np.arange(24), range(24) if hours is None else hours
    )
    assert (sums == wanted).all()


def test_a_branch_is_one_plane_and_not_many() -> None:
    terms = Tree(CATEGORIES, PARENTS).terms(frozenset({1, 2, 10, 3, 4}), None)
    assert sum(len(term.planes) for term in terms) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(1, 400), max_size=300), max_size=5))
def test_numbers_of_cells_lead_back_to_them(chunks: list[list[int]]) -> None:
    numbering = Numbering()
    cells = [np.array(chunk, np.int64) * 0x0080_0000_0001 for chunk in chunks]
    numbers = [numbering.take(chunk) for chunk in cells]
    for chunk, given_numbers in zip(cells, numbers, strict=True):
        assert (numbering.cells()[given_numbers] == chunk).all()
    assert numbering.known == len({int(cell) for chunk in cells for cell in chunk})


def test_more_cells_than_the_first_table_holds() -> None:
    numbering = Numbering()
    cells = np.arange(1, 40_001, dtype=np.int64) * 0x1000_0000_01
    first = numbering.take(cells[:30_000])
    again = numbering.take(cells)
    assert (again[:30_000] == first).all()
    assert (numbering.cells()[again] == cells).all()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)), min_size=1, max_size=20),  # noqa: DTZ001 - made aware below
    st.sampled_from(("Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")),
)
def test_the_clock_on_the_wall(moments: list[datetime], zone: str) -> None:
    aware = [moment.replace(tzinfo=UTC) for moment in moments]
    since = datetime(2000, 1, 1, tzinfo=UTC)
    told = LocalClock(ZoneInfo(zone)).local(
        np.array([(moment - since) // timedelta(microseconds=1) for moment in aware], np.int64)
    )
    for moment, local in zip(aware, told.tolist(), strict=True):
        wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
        assert since + timedelta(microseconds=local) == wall


def test_a_half_written_folder_is_no_cube(tmp_path: Path) -> None:
    build_from(made(1, 50), tmp_path / "cube")
    (tmp_path / "cube" / files.MANIFEST).unlink()
    with pytest.raises(files.Damaged):
        Cube.open(tmp_path / "cube")


def test_every_byte_of_every_file_counts(tmp_path: Path) -> None:
    build_from(made(1, 300), tmp_path / "cube")
    for path in sorted((tmp_path / "cube").glob("*.npy"))[::7]:
        whole = path.read_bytes()
        for broken in (whole[:-1], whole[:-1] + bytes([whole[-1] ^ 255]), b"\0" + whole[1:]):
            path.write_bytes(broken)
            with pytest.raises(files.Damaged):
                Cube.open(tmp_path / "cube")
        path.write_bytes(whole)
    assert Cube.open(tmp_path / "cube").facts["tickets"] == 300


def test_only_the_named_cube_stays(tmp_path: Path) -> None:
    for name in ("a", "b", "c.part"):
        (tmp_path / name).mkdir()
    files.point_to(tmp_path, "b")
    files.sweep(tmp_path, {"b"})
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["b", "current"]
    assert files.current(tmp_path) == "b"


def test_a_question_of_another_resolution_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tickets = made(2, 10)
        build_from(replace(tickets, parents={}), Path(folder) / "cube")
        with pytest.raises(Exception, match="9, 10 or 11"):
            Cube.open(Path(folder) / "cube").counts(CubeQuestion(8, FIRST, FIRST))
