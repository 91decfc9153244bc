"""A first mapping out of headers and values, for exports that nobody described."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from etl.counter import told
from etl.formats.base import Source
from etl.headers import find_columns, plain
from etl.kinds import discover, kind_of
from etl.lookalikes import forms_of
from etl.mapping_source import checked
from etl.mapping_toml import as_toml
from etl.suggest import Suggestion, suggest
from geodata.profile import Profile

HOTLINE = {
    "工单编号": ["GD20240315001", "GD20240315002"],
    "上报时间": ["2024年3月15日 08:30", "2024年3月16日 18:05"],
    "事发地址": ["平江路288号周边", "人民路与干将路交叉口"],
    "问题大类": ["市容管理", "物业管理"],
    "问题小类": ["占道经营", "电梯"],
    "处理单位": ["平江街道", "区城管委"],
    "当前状态": ["已办结", "处理中"],
    "结案时间": ["2024年3月17日 10:00", ""],
    "X坐标": ["120.6312", "120.6187"],
    "Y坐标": ["31.3127", "31.3009"],
    "联系电话": ["13912345678", "13712345678"],
}


def suggested(
    profile: Profile, kind: str, columns: dict[str, list[str]], name: str = "2024年3月_热线工单.csv"
) -> Suggestion:
    """What is suggested for a table."""
    table = pd.DataFrame(columns, dtype=object)
    source = Source(tuple(columns), None, None, has_shapes=False, rows=lambda _, __: iter(()))
    return suggest(profile, kind_of(kind), source, table, file_name=name)


def test_a_chinese_export_is_understood(gusu: Profile) -> None:
    found = suggested(gusu, "tickets", HOTLINE)
    body = checked("tickets", "suggested", found.body)
    assert body["columns"] == {
        "number": "工单编号", "received": "上报时间", "closed": "结案时间", "lon": "X坐标", "lat": "Y坐标",
        "address": "事发地址", "title": [],
    }  # fmt: skip
    assert body["category"] == {
        "scheme": {"value": "热线工单", "values": {}},
        "columns": ["问题大类", "问题小类"],
        "create": True,
    }
    assert body["state"]["values"] == {"已办结": "closed", "处理中": "handling"}
    assert body["unit"]["column"] == "处理单位"
    assert body["dates"] == ["%Y年%m月%d日 %H:%M"]
    assert body["drop"] == ["联系电话"] == list(found.personal)
    assert found.missing == []


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("工单编号", "number"), ("案件编号", "number"), ("案件受理编号", "number"), ("上报时间", "received"),
        ("诉求登记时间", "received"), ("事发地点", "address"), ("问题大类", "category"), ("处理单位名称", "unit"),
        ("所属镇街", "area"), ("镇街", "area"), ("GPS经度", "lon"), ("Lng", "lon"), ("坐标Y", "lat"), ("created_at", "received"),
        ("工单号（必填）", "number"), ("办　结　时　间", "closed"), ("诉求內容".replace("內", "内"), "description"),
        ("处置结果", "outcome"), ("longitude_wgs84", "lon"), ("Case Statuss", "state"),
    ],
)  # fmt: skip
def test_a_header_means_a_field(header: str, field: str) -> None:
    assert find_columns(kind_of("tickets"), pd.DataFrame(columns=[header])).get(field), header


def test_values_decide_where_a_header_may_mean_two_things(gusu: Profile) -> None:
    found = suggested(gusu, "tickets", HOTLINE | {"X坐标": ["不详", "不详"]})
    assert "lon" not in found.body["columns"], "half a coordinate is none"
    assert "lat" not in found.body["columns"]
    told_by = suggested(gusu, "cameras", {"name": ["a", "b"], "direction": ["E", "W"], "latitude": ["31.3", "31.4"],
                                          "longitude": ["120.6", "120.7"], "url": ["http://x/a.m3u8"] * 2})  # fmt: skip
    assert told_by.body["columns"] == {
        "name": ["name"], "lon": ["longitude"], "lat": ["latitude"], "stream": ["url"], "heading": ["direction"],
    }  # fmt: skip
    assert told_by.missing == []


def test_words_of_a_list_are_translated_and_unknown_ones_told(gusu: Profile) -> None:
    found = suggested(gusu, "heritage", {"文物名称": ["甲", "乙", "丙"], "保护级别": ["国保", "市级文物保护单位", "部级"],
                                         "现状": ["良好", "破损", "一般"], "经度": ["120.6"] * 3, "纬度": ["31.3"] * 3})  # fmt: skip
    assert found.body["words"]["grade"] == {"国保": "national", "市级文物保护单位": "municipal"}
    assert found.unknown == {"grade": ["部级"]}
    assert found.body["words"]["condition"] == {"良好": "good", "破损": "poor", "一般": "fair"}


def test_required_fields_that_are_not_there_are_named(gusu: Profile) -> None:
    assert suggested(gusu, "sensors", {"设备编号": ["1"], "名称": ["x"]}).missing == [
        "kind",
        "unit",
        "interval",
    ]


@pytest.mark.parametrize(
    ("values", "forms"),
    [
        (["2024-03-15 08:30:00"], ["%Y-%m-%d %H:%M:%S"]),
        (["3/14/2025 1:20", "12/31/2024 23:59"], ["%m/%d/%Y %H:%M"]),
        (["14/3/2025 1:20", "31/12/2024 23:59"], ["%d/%m/%Y %H:%M"]),
        (["20240315083000"], ["%Y%m%d%H%M%S"]),
        (["2024/3/15 8:30", "2024/3/15"], ["%Y/%m/%d %H:%M", "%Y/%m/%d"]),
        (["2024-03-15T08:30:00+08:00"], ["%Y-%m-%dT%H:%M:%S%z"]),
        (["120.61", "31.3"], []),
        (["yesterday", "2024-03-15"], []),
    ],
)
def test_forms_of_dates_are_told_from_the_values(values: list[str], forms: list[str]) -> None:
    assert forms_of(pd.Series(values, dtype=object)) == forms


def test_a_suggestion_is_told_as_toml_that_reads_back(gusu: Profile, tmp_path: Path) -> None:
    found = suggested(gusu, "tickets", HOTLINE | {"标题": ['“占道"\\', "b"]})
    text = told(found)
    assert tomllib.loads(text) == found.body
    assert "# Holds persons and is dropped: 联系电话" in text
    assert tomllib.loads(as_toml({"a": {"b.c 中": {"x": 1.5, "y": [["z", True]]}}, "d": "\x7f\n"})) == {
        "a": {"b.c 中": {"x": 1.5, "y": [["z", True]]}}, "d": "\x7f\n",
    }  # fmt: skip


def test_the_titles_of_a_kind_are_words_for_its_fields() -> None:
    for kind in discover().values():
        for language in ("zh", "en"):
            titles = {field.title.in_(language): field.name for field in kind.fields}
            assert len({plain(title) for title in titles}) == len(titles), kind.key
            hits = find_columns(kind, pd.DataFrame(columns=list(titles)), near=False)
            assert {hit.column: field for field, hit in hits.items() if field in titles.values()} == titles, (
                kind.key
            )
