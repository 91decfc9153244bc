"""Columns that hold persons are known by their names and by the look of their values; honest ones are not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import pytest

from etl.formats.base import Raw, Source
from etl.personal import by_name, is_identity, personal_columns, screened
from etl.quality import Ledger
from geodata.errors import FileRefused

# Made-up people: right check digits, nobody's numbers.
IDENTITIES = ["11010519491231002X", "440524188001010014", "320508199003077657", "32050819850615001X"]


def with_check(seventeen: str) -> str:
    """An identity number from its first seventeen digits."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return seventeen + "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, weights, strict=True)) % 11]


@pytest.mark.parametrize(
    "header",
    ["身份证号", "居民身份证", "姓名", "联系电话", "手机号码", "来电人姓名", "户主", "承租人", "出生日期", "性别", "健康码状态", "门禁卡号",
     "房号", "phone", "Mobile No", "first_name", "LastName", "Date of Birth", "e-mail", "idCard", "caller_name", "Tenant"],
)  # fmt: skip
def test_names_of_columns_that_hold_persons(header: str) -> None:
    assert by_name(header)


@pytest.mark.parametrize(
    "header",
    ["名称", "点位名称", "户籍人口", "性别比", "出生率", "人口数", "联系单位", "承办单位", "承办街道", "编号", "地址", "Agency Name", "name",
     "Landmark", "Telephone rate", "location", "title", "mobility", "Complaint Type", "case_title", "电话投诉数", "满意度"],
)  # fmt: skip
def test_names_of_columns_that_hold_none(header: str) -> None:
    assert not by_name(header)


def test_an_identity_number_has_its_check_digit_and_a_day_of_birth() -> None:
    assert with_check("11010519491231002") == IDENTITIES[0]
    assert is_identity(IDENTITIES[0])
    assert is_identity(IDENTITIES[0].lower())
    assert not is_identity("110105194912310021"), "another check digit"
    assert not is_identity(with_check("11010519490231002")), "there is no 31 February"
    assert not is_identity(with_check("32050820990315001")), "born in the future, so the number of a ticket"


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (IDENTITIES, "identity numbers"),
        ([*IDENTITIES, "无", "不详", "未登记"], "most of them"),
        (["13912345678", "+86 137-1234-5678", "15212342668"], "mobile numbers"),
        (["139****5678", "152****2668"], "masked ones leave ten thousand candidates"),
        (["a@b.cn", "c.d@e.com"], "mail"),
        (["男", "女", "女"], "sexes"),
    ],
)
def test_the_look_of_values_gives_persons_away(values: list[str], why: str) -> None:
    assert list(personal_columns(pd.DataFrame({"备注": values}, dtype=object))) == ["备注"], why


def test_names_are_persons_beside_days_of_birth() -> None:
    people = {
        "甲": ["王建国", "李秀英", "张伟", "陈小红"],
        "乙": ["1949-12-31", "1968-02-03", "1990-03-07", "2001-11-30"],
    }
    assert "甲" in list(personal_columns(pd.DataFrame(people, dtype=object)))
    places = {
        "甲": ["王洗马巷", "李公堤", "石路", "陈家桥"],
        "乙": ["1949-12-31", "1968-02-03", "1990-03-07", "2001-11-30"],
    }
    assert not list(personal_columns(pd.DataFrame(places, dtype=object)))
    units = {"甲": ["王建国", "李秀英"], "乙": ["2024-03-15", "2024-03-16"]}
    assert not list(personal_columns(pd.DataFrame(units, dtype=object))), "names alone may be shops"


def test_numbers_that_only_look_alike_are_left() -> None:
    tickets = [f"320508202403150{n:03d}" for n in range(200)]
    table = {"工单编号": tickets, "案件号": [f"139{n:08d}" for n in range(200)],
             "国标编码": [f"3205080000132{n:07d}" for n in range(200)], "毫秒": [f"17104{n:08d}" for n in range(200)]}  # fmt: skip
    assert list(personal_columns(pd.DataFrame(table, dtype=object))) == []


def source(columns: Sequence[str], batches: Sequence[dict[str, list[str]]]) -> Source:
    """A file in batches."""

    def rows(wanted: Sequence[str], _: Ledger) -> Iterator[Raw]:
        for batch in batches:
            yield Raw(pd.DataFrame({name: batch[name] for name in wanted}, dtype=object))

    return Source(tuple(columns), None, None, has_shapes=False, rows=rows)


def test_a_file_is_refused_by_name_at_once_and_by_look_while_it_is_read() -> None:
    book = Ledger()
    with pytest.raises(FileRefused, match=r"“姓名”.*“drop”"):
        screened(source(["编号", "姓名"], []), book)
    assert [(f.code, f.column, f.value) for f in book.findings] == [("personal_column", "姓名", None)]
    later = [{"a": ["x"], "b": ["y"]}, {"a": IDENTITIES, "b": ["y"] * 4}]
    reading = screened(source(["a", "b"], later), Ledger()).rows(["a"], Ledger())
    next(reading)
    with pytest.raises(FileRefused, match="“a”"):
        next(reading)
    unread = screened(source(["a", "b"], [{"a": ["x"] * 4, "b": IDENTITIES}]), Ledger())
    with pytest.raises(FileRefused, match="“b”") as refused:
        list(unread.rows(["a"], Ledger()))
    assert IDENTITIES[0] not in str(refused.value)
    kept = screened(source(["a", "b"], [{"a": ["x"] * 4, "b": IDENTITIES}]), Ledger(), drop=["b"])
    assert kept.columns == ("a",)
    assert len(list(kept.rows(["a"], Ledger()))) == 1
