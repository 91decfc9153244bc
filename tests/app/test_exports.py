"""Every file that can be taken away, opened again and held against the queries."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from PIL import Image
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.exports import discover
from app.exports.words import HIDDEN
from geodata.profile import Profile
from geodata.queries.heat import cell_counts
from geodata.queries.planning import breakdown, matrix, ranking, trend
from geodata.queries.shown import Reader
from geodata.rules.suppression import LEAST
from geodata.space.hexes import as_text
from geodata.types import Question

Knock = Callable[[str | None], TestClient]
ASKED = "from=2026-02-01&to=2026-02-14&level=community"
KINDS = ("csv", "xlsx", "gpkg", "parquet", "png", "html")


@pytest.fixture(scope="module")
def question(gusu: Profile) -> Question:
    return Question(gusu.window(datetime(2026, 2, 1).date(), datetime(2026, 2, 14).date()))  # noqa: DTZ001


@pytest.fixture(scope="module")
def bodies(knock: Knock) -> dict[str, bytes]:
    planner = knock("planner")
    found = {}
    for kind in KINDS:
        answer = planner.get(f"/exports/{kind}?{ASKED}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(discover()[kind].media_type.split(";")[0])
        assert re.search(
            rf'^attachment; filename="[ -~]+\.{kind}"; filename\*=UTF-8',
            answer.headers["content-disposition"],
        )
        assert answer.headers["cache-control"] == "no-store"
        found[kind] = answer.content
    return found


@pytest.fixture
def c(town_engine: Engine) -> Iterator[Any]:
    with town_engine.connect() as connection:
        yield connection


def hidden_or(value: object, true: int | None) -> bool:
    """Whether a cell of a table holds the true number, or the mark of a hidden one."""
    return value in (HIDDEN, true)


def test_every_kind_is_here() -> None:
    assert set(discover()) == set(KINDS)


def test_the_csv_is_the_ranking(bodies: dict[str, bytes], c: Any, gusu: Profile, question: Question) -> None:
    told = bodies["csv"].decode("utf-8-sig").splitlines()
    assert bodies["csv"].startswith(b"\xef\xbb\xbf")
    heads = [line for line in told if line.startswith("#")]
    for said in ("2026-02-01 – 2026-02-14", "2026-01-18 – 2026-01-31", "数据截至", "隐去"):
        assert any(said in line for line in heads), said
    rows = list(csv.DictReader(line for line in told if not line.startswith("#")))
    true = {row.code: row for row in ranking(c, gusu, question, question.window.previous(), "community").rows}
    assert len(rows) == len(true) > 100
    for row in rows:
        area = true[row["代码"]]
        assert hidden_or(row["件数"], str(area.count)) or float(row["件数"]) == area.count
        assert row["件数"] == HIDDEN or not 0 < int(row["件数"]) < LEAST
        if row["件数"] == HIDDEN:
            assert (row["占比"], row["件/平方公里"], row["位次"]) == (HIDDEN, HIDDEN, "")
    assert any(row["件数"] == HIDDEN for row in rows)


def test_a_csv_without_a_mark(knock: Knock) -> None:
    assert not knock("planner").get(f"/exports/csv?{ASKED}&bom=false").content.startswith(b"\xef\xbb\xbf")


def test_the_workbook_has_every_table(
    bodies: dict[str, bytes], c: Any, gusu: Profile, question: Question
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(bodies["xlsx"]))
    assert book.sheetnames == ["问题", "排名", "趋势", "星期×钟点", "类别", "高发路段", "说明"]
    before = question.window.previous()
    days = list(book["趋势"].iter_rows(min_row=2, values_only=True))
    true = trend(c, gusu, question, before)
    assert [row[0].date() for row in days] == true.days
    assert all(isinstance(row[0], datetime) for row in days)
    assert all(hidden_or(row[1], count) for row, count in zip(days, true.counts, strict=True))
    hours = list(book["星期×钟点"].iter_rows(min_row=2, min_col=2, values_only=True))
    assert all(hidden_or(cell, n) for row, real in zip(hours, matrix(c, gusu, question), strict=True)
               for cell, n in zip(row, real, strict=True))  # fmt: skip
    kinds = {row[1]: row for row in book["类别"].iter_rows(min_row=2, values_only=True)}
    real_kinds = breakdown(c, gusu, question, before, 2)
    assert set(kinds) == {row.code for row in real_kinds}
    assert all(hidden_or(kinds[row.code][3], row.count) for row in real_kinds)
    areas = {row[1]: row for row in book["排名"].iter_rows(min_row=2, values_only=True)}
    real = ranking(c, gusu, question, before, "community").rows
    assert all(
        hidden_or(areas[row.code][4], row.count) and hidden_or(areas[row.code][5], row.before) for row in real
    )
    numbers = [cell for row in areas.values() for cell in row[4:6]]
    assert all(isinstance(cell, int) or cell == HIDDEN for cell in numbers)
    notes = "".join(row[0] for row in book["说明"].iter_rows(values_only=True))
    assert "隐去" in notes
    assert "按时办结率" in notes
    assert not any(cell.data_type == "f" for sheet in book for row in sheet for cell in row)


def test_nothing_small_is_in_any_table(bodies: dict[str, bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(bodies["xlsx"]))
    counted = [cell for sheet, columns in (("排名", (5, 6, 10)), ("趋势", (2, 4)), ("星期×钟点", range(2, 26)), ("类别", (4, 5)))
               for column in columns for (cell,) in book[sheet].iter_rows(
                   min_row=2, min_col=column, max_col=column, values_only=True)]  # fmt: skip
    numbers = [cell for cell in counted if isinstance(cell, int)]
    assert len(numbers) > 100
    assert not [n for n in numbers if 0 < n < LEAST]


def test_names_that_look_like_formulas_are_text(knock: Knock, town_engine: Engine) -> None:
    with town_engine.begin() as c:
        c.execute(text("update areas set name = '=1+1|cmd' where code = '1-0-0'"))
    try:
        planner = knock("planner")
        book = openpyxl.load_workbook(
            io.BytesIO(planner.get(f"/exports/xlsx?{ASKED}&level=subdistrict").content)
        )
        cells = [cell for row in book["排名"] for cell in row if "1+1" in str(cell.value)]
        assert [(cell.data_type, cell.value) for cell in cells] == [("s", "'=1+1|cmd")]
        assert "'=1+1|cmd" in planner.get(f"/exports/csv?{ASKED}&level=subdistrict").text
        page = planner.get(f"/exports/html?{ASKED}&level=subdistrict")
        assert page.status_code == 200
    finally:
        with town_engine.begin() as c:
            c.execute(text("update areas set name = '名' || code where code = '1-0-0'"))


def test_the_geopackage_has_areas_and_hexagons(bodies: dict[str, bytes], c: Any, gusu: Profile, question: Question,
                                               tmp_path: Path) -> None:  # fmt: skip
    file = tmp_path / "x.gpkg"
    file.write_bytes(bodies["gpkg"])
    assert {name for name, _ in pyogrio.list_layers(file)} == {"areas", "cells", "about"}
    areas = gpd.read_file(file, layer="areas").set_index("code")
    assert areas.crs.to_epsg() == 4326
    assert areas.geometry.notna().all()
    for row in ranking(c, gusu, question, question.window.previous(), "community").rows:
        seen = areas.loc[row.code]
        assert pd.isna(seen["count"]) if seen["hidden"] else seen["count"] == row.count
    same_cells(gpd.read_file(file, layer="cells"), c, gusu, question)
    about = pyogrio.read_dataframe(file, layer="about", read_geometry=False)
    assert "2026-02-01 – 2026-02-14" in set(about["text"])


def test_the_geoparquet_has_hexagons(
    bodies: dict[str, bytes], c: Any, gusu: Profile, question: Question
) -> None:
    same_cells(gpd.read_parquet(io.BytesIO(bodies["parquet"])), c, gusu, question)
    metadata = pq.read_schema(io.BytesIO(bodies["parquet"])).metadata
    assert json.loads(metadata[b"geo"])["primary_column"] == "geometry"
    said = json.loads(metadata[b"yiping"])
    assert said["about"]["时段"] == "2026-02-01 – 2026-02-14"
    assert any("隐去" in note for note in said["notes"])


def same_cells(frame: gpd.GeoDataFrame, c: Any, profile: Profile, q: Question) -> None:
    """Every hexagon with its true count or none, and no small count anywhere."""
    counted = cell_counts(c, profile, q, 9)
    true = dict(zip(map(as_text, counted.cells.tolist()), counted.counts.tolist(), strict=True))
    assert frame.crs.to_epsg() == 4326
    assert set(frame["cell"]) == set(true)
    assert frame["hidden"].any()
    for cell, count, hidden in zip(frame["cell"], frame["count"], frame["hidden"], strict=True):
        assert pd.isna(count) if hidden else count == true[cell]
        assert hidden or count >= LEAST


def test_the_picture_is_a_map_with_words(bodies: dict[str, bytes]) -> None:
    picture = Image.open(io.BytesIO(bodies["png"]))
    assert picture.size[0] >= 1200
    assert "2026-02-01 – 2026-02-14" in picture.text["Description"]  # type: ignore[attr-defined]
    assert len(set(picture.convert("RGB").resize((200, 150)).getdata())) > 50, "something is drawn"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_offline_map_asks_for_nothing(knock: Knock, language: str) -> None:
    page = knock("planner").get(f"/exports/html?{ASKED}&lang={language}").text
    assert len(page.encode()) < 10 * 2**20
    assert not re.findall(
        r"<(?:link|iframe|img|object|embed)\b", page.split("<body")[0] + page.split("</style>")[-1][:0]
    )
    assert not re.search(r"<script[^>]+src=", page)
    assert not re.search(r"<link[^>]+href=", page)
    assert not re.search(r"@import|url\(\s*['\"]?(?!data:)[^)]*\)", page.split("<script>")[0])
    addresses = set(re.findall(r"https?://[\w.-]+", page))
    assert addresses <= {
        "http://www.w3.org",
        "https://leafletjs.com",
        "https://bugs.chromium.org",
        "https://bugzilla.mozilla.org",
    }
    assert ("数据截至" if language == "zh" else "Data as of") in page
    assert ("隐去" if language == "zh" else "hidden") in page
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page


def test_what_leaves_is_hidden_for_commanders_too(knock: Knock) -> None:
    told = knock("commander").get(f"/exports/csv?{ASKED}").text
    assert any(f",{HIDDEN}," in line for line in told.splitlines() if not line.startswith("#"))


def test_the_reader_of_the_page_and_the_file_hide_the_same(c: Any, gusu: Profile, question: Question,
                                                           bodies: dict[str, bytes]) -> None:  # fmt: skip
    shown = Reader(c, gusu, question, question.window.previous(), hides=True).ranking("community")
    lines = [line for line in bodies["csv"].decode("utf-8-sig").splitlines() if not line.startswith("#")]
    rows = {row["代码"]: row["件数"] for row in csv.DictReader(lines)}
    assert {row.code for row in shown.rows if row.hidden} == {
        code for code, count in rows.items() if count == HIDDEN
    }


def test_a_wrong_kind_or_level_is_told(knock: Knock) -> None:
    planner = knock("planner")
    assert planner.get("/exports/pdf").status_code == 404
    assert planner.get(f"/exports/csv?{ASKED.replace('community', 'moon')}").status_code == 422
    assert planner.get(f"/exports/csv?{ASKED}&resolution=12").status_code == 422
