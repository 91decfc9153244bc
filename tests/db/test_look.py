"""A look at a file: what it is, what is proposed, what a person chose carried out; persons' columns are never shown."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import rasterio
from rasterio.transform import from_origin
from sqlalchemy import Engine

from etl.look import load, look, template_of
from geodata.errors import FileRefused, Refused
from geodata.profile import Profile
from geodata.queries.loads import list_loads

HEADERS = ["工单编号", "上报时间", "诉求类别", "标题", "联系电话", "经度", "纬度", "状态"]


def tickets(folder: Path) -> Path:
    file = folder / "upload-1.csv"
    with file.open("w", encoding="gb18030", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(HEADERS)
        for n in range(30):
            out.writerow([f"T{n:04d}", f"2026-03-04 08:{n:02d}:00", "市容管理", "占道经营", f"1381234{n:04d}",
                          120.6 + n / 2000, 31.3 + n / 2000, "处置中"])  # fmt: skip
    return file


def test_a_table_is_understood_and_loaded_as_chosen(module_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    file = tickets(tmp_path)
    seen = look(module_db, gusu, file, {"file_name": "热线.csv"})
    found, choice = seen["found"], seen["choice"]
    assert (found["format"], found["rows"], found["personal"]) == ("csv", 30, ["联系电话"])
    assert "1381234" not in json.dumps(seen, ensure_ascii=False), "nobody's number is shown or kept"
    assert choice["kind"] == "tickets"
    assert (choice["columns"]["number"], choice["columns"]["received"]) == (["工单编号"], ["上报时间"])
    heard: list[int] = []
    refused = load(module_db, gusu, file, choice, dry_run=True, heard=heard.append)
    assert (refused["state"], "联系电话" in refused["message"]) == ("refused", True), (
        "until somebody leaves it out"
    )
    choice |= {"drop": True}
    told = load(module_db, gusu, file, choice, dry_run=True, heard=heard.append)
    assert (told["state"], told["rows"]["new"], told["rows"]["rejected"]) == ("dry_run", 30, 0)
    assert heard[-1] == 30
    with module_db.connect() as c:
        assert list_loads(c) == []
    other = choice | {"columns": choice["columns"] | {"received": ["标题"]}}
    refused = load(module_db, gusu, file, other, dry_run=True, heard=heard.append)
    assert refused["state"] == "refused", "what a person says counts, also when it is wrong"
    assert refused["correction"]
    assert openpyxl.load_workbook(tmp_path / "correction.xlsx").worksheets


def test_sheets_and_header_rows_can_be_chosen(module_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "说明"
    book.worksheets[0].append(["本表为样例"])
    sheet = book.create_sheet("文物")
    for row in (
        ["编号", "名称", "级别", "经度", "纬度"],
        ["W1", "双塔", "国保", 120.63, 31.3],
        ["W2", "盘门", "国保", 120.61, 31.29],
    ):
        sheet.append(row)
    file = tmp_path / "upload-2.xlsx"
    book.save(file)
    seen = look(module_db, gusu, file, {"layer": "文物"})
    assert seen["found"]["layers"] == ["说明", "文物"]
    assert [column["name"] for column in seen["found"]["columns"]] == ["编号", "名称", "级别", "经度", "纬度"]
    assert seen["choice"]["layer"] == "文物"
    assert len(seen["sample"]["rows"]) == 2


def test_a_raster_is_told_by_its_outline(module_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    file = tmp_path / "upload-3.tif"
    about: dict[str, Any] = {"driver": "GTiff", "width": 8, "height": 8, "count": 1, "dtype": "float32"}
    with rasterio.open(
        file, "w", crs="EPSG:4549", transform=from_origin(558000, 3470000, 30, 30), **about
    ) as raster:
        raster.write(np.ones((1, 8, 8), np.float32))
    seen = look(module_db, gusu, file, {"file_name": "Noise 2026.tif"})
    assert [kind["key"] for kind in seen["found"]["kinds"]] == ["raster"]
    assert seen["found"]["crs"]["read"] == "EPSG:4549"
    assert seen["choice"]["options"]["name"] == "noise_2026"
    assert len(seen["sample"]["shapes"]) == 1


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02nothing", b"II*\x00cut off"])
def test_what_cannot_be_read_is_refused_in_one_sentence(
    module_db: Engine, gusu: Profile, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "upload-4"
    file.write_bytes(content)
    with pytest.raises(FileRefused, match=r"^[^\n]+[.?]$"):
        look(module_db, gusu, file, {})


def test_templates_are_there_for_what_has_columns() -> None:
    heads = [
        cell.value
        for cell in openpyxl.load_workbook(io.BytesIO(template_of("tickets", "zh"))).worksheets[0][1]
    ]
    assert "工单编号" in heads
    with pytest.raises(Refused):
        template_of("raster", "zh")
