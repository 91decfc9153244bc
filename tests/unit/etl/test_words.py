"""Times, scrubbing, guessing of fields, and the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from etl import quality
from etl.fields import guess_fields
from etl.quality import NOT_LOADED, Fault, Ledger, Report
from etl.report_sheet import write_report_sheet
from etl.steps.ticket_coordinates import on_default_point
from etl.times import read_times
from geodata.errors import FileRefused
from geodata.rules.scrub import scrub
from geodata.types import Bilingual

ZONE = "America/New_York"


def times(
    *said: str | None, forms: tuple[str, ...] = ("%Y-%m-%d %H:%M",)
) -> tuple[list[str], list[str], list[bool]]:
    read = read_times(pd.Series(list(said), dtype=object), forms, ZONE)
    return [[str(at)[:16] for at in column] for column in (read.at, read.later)] + [read.jumped.tolist()]  # type: ignore[return-value]


def test_times_are_read_in_their_zone() -> None:
    assert times("2025-01-02 03:04", "2025-07-02 03:04", "2025-02-30 03:04", None)[0] == [
        "2025-01-02 08:04", "2025-07-02 07:04", "NaT", "NaT",
    ]  # fmt: skip


def test_the_hour_that_comes_twice_and_the_one_that_never_comes() -> None:
    first, later, jumped = times("2025-11-02 01:30", "2025-03-09 02:30", "2025-03-09 03:30")
    assert first == ["2025-11-02 05:30", "2025-03-09 07:00", "2025-03-09 07:30"]
    assert later[0] == "2025-11-02 06:30"
    assert jumped == [False, True, False]


def test_each_time_is_read_by_the_first_form_that_fits() -> None:
    forms = ("%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S%z")
    said = ("3/14/2025 1:20", "03/14/2025 01:20:00 PM", "2025-03-14T01:20:00+08:00")
    assert times(*said, forms=forms)[0] == ["2025-03-14 05:20", "2025-03-14 17:20", "2025-03-13 17:20"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("请回电13812345678谢谢", "请回电***谢谢"),
        ("电话152****2668", "电话***"),
        ("座机0512-67654321", "座机***"),
        ("身份证320503199001011234。", "身份证***。"),
        ("市民张先生反映", "市民某先生反映"),
        ("某女士称", "某女士称"),
        ("杨枝新村3幢502室漏水", "杨枝新村3幢某室漏水"),
        ("call (617) 785-9548 now", "call *** now"),
        ("call 617 635 7512 will", "call *** will"),
        ("mail a.b@city.gov please", "mail *** please"),
        ("case #101000838297, ref 2015-06-30", "case #101000838297, ref 2015-06-30"),
        ("广济北路288号周边", "广济北路288号周边"),
    ],
)
def test_persons_are_taken_out_of_text(text: str, clean: str) -> None:
    assert scrub(text) == clean


def fields(*columns: tuple[str, list[str | None]]) -> pd.DataFrame:
    return pd.DataFrame(dict(columns), dtype=object)


def test_fields_are_guessed_by_header_and_values() -> None:
    nyc = fields(("Shape_Area", ["1.5", "2.5"]), ("BoroCD", ["101", "102"]))
    suzhou = fields(("city_name", ["a", "a"]), ("city_adcode", ["1", "1"]), ("district_name", ["甲", "乙"]),
                    ("district_adcode", ["11", "12"]))  # fmt: skip
    named = fields(("cartodb_id", ["1", "2"]), ("name", ["North", "South"]))
    assert guess_fields(nyc, None, None) == ("BoroCD", "BoroCD")
    assert guess_fields(suzhou, None, None) == ("district_name", "district_adcode")
    assert guess_fields(named, None, None) == ("name", "name")
    assert guess_fields(named, None, "cartodb_id") == ("name", "cartodb_id")
    assert guess_fields(fields(("网格编号", ["1", "2"]), ("网格名称", ["甲", "乙"])), None, None) == (
        "网格名称",
        "网格编号",
    )


def test_fields_that_cannot_be_told_are_asked_for_by_name() -> None:
    for table in (fields(("colour", ["red", "blue"])), fields(("name", ["same", "same"]))):
        with pytest.raises(FileRefused, match=r"colour|name"):
            guess_fields(table, None, None)
    with pytest.raises(FileRefused, match=r"“zone”.*colour"):
        guess_fields(fields(("colour", ["red"])), "zone", None)


def test_a_point_within_a_metre_of_a_default_point_is_one() -> None:
    lon, lat = pd.Series([120.6, 120.600005, 120.60002, np.nan]), pd.Series([31.3, 31.300005, 31.3, np.nan])
    assert on_default_point(lon, lat, ((120.6, 31.3),)).tolist() == [True, True, False, False]


def test_the_report_tells_every_row_that_is_not_clean() -> None:
    ledger = Ledger()
    table = pd.DataFrame({"when": ["yesterday", "today"]}, index=[7, 9])
    fault = Fault("bad_date", "rejected", Bilingual("不是日期", "is no date"))
    left = ledger.reject(table, table["when"] == "yesterday", fault, column="When", shown="when")
    ledger.read, ledger.new = 2, 1
    report = Report(
        "tickets", "f.csv", "done", ledger.counts(), {"used": "EPSG:4326"}, ledger.told(), 3, language="zh"
    )
    told = json.loads(report.as_json())
    assert left.index.tolist() == [9]
    assert told["rows"] == {"read": 2, "new": 1, "changed": 0, "unchanged": 0, "rejected": 1, "repaired": 0}
    assert told["findings"] == [
        {"code": "bad_date", "severity": "rejected", "sheet": None, "row": 7, "column": "When", "value": "yesterday",
         "message": "不是日期", "action": NOT_LOADED.zh}
    ]  # fmt: skip
    assert "行 7: yesterday" in report.as_text()


def test_of_very_much_alike_the_first_are_listed_and_all_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality, "MOST_ALIKE", 1_000)
    ledger, fault = Ledger(), Fault("bad_date", "rejected", Bilingual("不是日期", "is no date"))
    for begin in range(0, 3_000, 750):
        table = pd.DataFrame({"when": "x"}, index=range(begin + 1, begin + 751))
        ledger.read += len(table)
        ledger.reject(table, table["when"] == "x", fault, column="When", shown="when")
    ledger.add(Fault("other", "note", Bilingual("别的", "is else")))
    report = Report("tickets", "f.csv", "done", ledger.counts(), {"used": "EPSG:4326"}, ledger.told(), 3)
    told = json.loads(report.as_json())
    assert told["rows"]["rejected"] == told["rows"]["read"] == 3_000
    assert [one["row"] for one in told["findings"]] == [None, *range(1, 1_001), None]
    assert told["findings"][-1]["message"] == "is no date (2,000 more, not listed one by one)"
    assert "rejected 3,000 × [When] is no date → the row was not loaded" in report.as_text()
    assert "and more: 2,980" in report.as_text()
    plain = tmp_path / "f.csv"
    plain.write_text("When\n" + "x\n" * 40, "utf-8")
    write_report_sheet(report, plain, tmp_path / "f.xlsx")
    sheet = load_workbook(tmp_path / "f.xlsx").worksheets[0]
    assert "2,000 more rows are not listed" in str(sheet.cell(sheet.max_row, 1).value)
