"""`./yiping load`: wrong usage, templates, and what it hands to the counter."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from app.cli import main, parser


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["ships", "x"], "there is no kind “ships”"), (["tickets", "x.csv"], "--map"), (["boundaries", "x"], "--level"),
        (["places"], "name the file"), (["places", "x", "--header-row", "one"], "--header-row"),
        (["people", "x", "--counted-on", "soon"], "--counted-on"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told(asked: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["load", *asked])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_template_needs_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sensors.xlsx"
    assert main(["load", "sensors", "--template", str(out), "--language", "en"]) == 0
    assert load_workbook(out).worksheets[0]["A1"].value == "code"
    assert main(["load", "raster", "--template", str(out)]) == 1
    assert "GeoTIFF" in capsys.readouterr().err
    assert main(["load", "places", "--template", str(tmp_path / "no" / "x.csv")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_every_option_has_its_place() -> None:
    asked = parser().parse_args(
        ["load", "boundaries", "a.zip", "--level", "grid_cell", "--layer", "cells", "--header-row", "3", "--encoding", "gb18030",
         "--crs", "GCJ-02", "--drop", "姓名", "--drop", "电话", "--save-as", "n", "--sheet-out", "b.xlsx", "--max-rejected", "9"]
    )  # fmt: skip
    assert (asked.kind, asked.layer, asked.header_row, asked.encoding) == (
        "boundaries",
        "cells",
        3,
        "gb18030",
    )
    assert (asked.crs, asked.drop, asked.sheet_out, asked.max_rejected) == (
        "GCJ-02",
        ["姓名", "电话"],
        Path("b.xlsx"),
        9.0,
    )
