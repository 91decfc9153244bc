"""Columns that hold persons: known by their names and by the look of their values; none of them may come in.

Lists of persons are refused whatever table they stand in. A column is told of by its name alone, never by what it holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd

from etl.formats.base import Raw, Source
from etl.quality import Fault, Ledger
from geodata.errors import FileRefused
from geodata.types import Bilingual

PERSONAL = Fault(
    "personal_column", "refused",
    Bilingual("该列含个人信息", "is a column that holds persons"),
    Bilingual("文件未载入：请删除该列，或在映射的 drop 中列出", "the file was not loaded: delete the column, or name it in the mapping's “drop”"),
)  # fmt: skip
HAN_NAMES = (
    "身份证", "证件号", "证件类型", "护照号", "户籍", "户主", "户口", "姓名", "手机", "联系电话", "电话号码", "来电号码", "来电人", "诉求人",
    "投诉人", "举报人", "反映人", "报料人", "申请人", "当事人", "联系人", "联系方式", "信访人", "上访", "重点人员", "承租人", "租客", "租户",
    "出租人", "房东", "业主姓名", "患者", "病人", "居民信息", "性别", "出生日期", "出生年月", "生日", "年龄", "民族", "政治面貌", "人脸",
    "健康码", "门禁", "房号", "室号", "微信号", "车牌", "邮箱",
)  # fmt: skip
WHOLE_HAN = ("电话", "姓名", "手机号", "号码", "性别", "年龄", "房间号")
LATIN_NAMES = {
    "phone", "mobile", "cellphone", "telephone", "msisdn", "imei", "imsi", "mac", "ssn", "passport", "idcard", "identity",
    "surname", "firstname", "lastname", "fullname", "givenname", "forename", "dob", "birth", "birthday", "birthdate",
    "gender", "sex", "caller", "complainant", "petitioner", "tenant", "patient", "householder", "email",
}  # fmt: skip
LATIN_PAIRS = {
    "first name", "last name", "full name", "given name", "family name", "id card", "id number", "date birth",
    "date of birth", "contact name", "contact phone", "resident name", "owner name", "caller name", "national id",
    "person name", "cell phone", "license plate", "e mail",
}  # fmt: skip
IDENTITY = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]")
MOBILE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}|1[3-9]\d\*{4}\d{4}")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
CHECKS = "10X98765432"
SEX_WORDS = {"男", "女", "男性", "女性", "male", "female"}
SEXES = SEX_WORDS | {"m", "f"}
# The hundred commonest surnames, without those that places begin with as often.
SURNAMES = frozenset("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文")  # fmt: skip
PLACE_ENDS = frozenset("路街巷弄桥里村区园苑厦场坊站河浜堤塔寺庙门庭院店镇乡社楼馆堂亭山湖港家厂司局所校")
TELLING = 0.3  # of the values; a ticket's number of 18 digits passes the checksum by chance in one of eleven
MOSTLY, SPAN_YEARS, YOUNG_YEARS = 0.7, 20, 3
FIRST_VALUES, LATER_VALUES = (
    2_000,
    100,
)  # of a column that are looked at, of the first batch and of each later one
BIRTHDAY = re.compile(r"(?:19|20)\d{2}[-/.年]?(?:0?[1-9]|1[0-2])(?:[-/.月]|\d)")
COUNTED = re.compile(r"(?:数|数量|人口|人次|比|率|比例|占比|满意度|(?i:count|rate|share|ratio|total))$")


def personal_columns(table: pd.DataFrame, most: int = FIRST_VALUES) -> Iterator[str]:
    """Names of the columns that hold persons, by at most so many values of each."""
    looked = {str(column): _values(table, column, most) for column in table.columns}
    births = [column for column, values in looked.items() if _births(values)]
    for column, values in looked.items():
        if by_name(column) or _by_look(column, values) or (births and _names(values)):
            yield column


def by_name(column: str) -> bool:
    """Whether a header names something of a person."""
    said = unicodedata.normalize("NFKC", column).strip()
    if COUNTED.search(said):
        return False
    if any(word in said for word in HAN_NAMES) or said in WHOLE_HAN:
        return True
    parts = [part.casefold() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", said)]
    pairs = {" ".join(parts[at : at + size]) for size in (2, 3) for at in range(len(parts))}
    return bool(LATIN_NAMES & {*parts, "".join(parts)} or LATIN_PAIRS & pairs)


def is_identity(value: str) -> bool:
    """Whether a text is an identity number of a person: a birthday of at least three years ago, and the right check digit."""
    if not IDENTITY.fullmatch(value):
        return False
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, WEIGHTS, strict=False))
    return born.year <= datetime.now(UTC).year - YOUNG_YEARS and CHECKS[total % 11] == value[17].upper()


def screened(source: Source, ledger: Ledger, drop: Collection[str] = ()) -> Source:
    """The same source without the columns to drop; FileRefused names those that hold persons.

    Headers are looked at now, values while they are read. Of columns that are not wanted only the first batch is looked
    at: nothing of them is kept.
    """
    columns = tuple(name for name in source.columns if name not in drop)
    _refuse([name for name in columns if by_name(name)], ledger)

    def rows(wanted: Sequence[str], book: Ledger) -> Iterator[Raw]:
        unread = [name for name in dict.fromkeys(columns) if columns.count(name) == 1]
        if not set(unread) <= set(wanted):
            first = next(iter(source.rows(unread, Ledger())), None)
            _refuse(list(personal_columns(first.table)) if first else [], book)
        most = FIRST_VALUES
        for raw in source.rows(wanted, book):
            _refuse(list(personal_columns(raw.table, most)), book)
            most = LATER_VALUES
            yield raw

    return replace(source, columns=columns, rows=rows)


def _refuse(names: Sequence[str], ledger: Ledger) -> None:
    if not names:
        return
    for name in names:
        ledger.add(PERSONAL, column=name)
    listed = ", ".join(f"“{name}”" for name in names)
    raise FileRefused(
        f"The file holds persons in {listed}; delete what stands there and send it again, or name it in the mapping's “drop”."
    )


def _values(table: pd.DataFrame, column: str, most: int) -> set[str]:
    found = table[column]
    found = found.iloc[:, 0] if isinstance(found, pd.DataFrame) else found
    some = found.iloc[:: max(1, len(found) // most)].tolist()
    return {value.strip() for value in some if isinstance(value, str)} - {""}


def _by_look(column: str, values: set[str]) -> bool:
    if not values:
        return False
    said = {value.casefold() for value in values}
    if said <= SEXES and (said & SEX_WORDS or len(said) > 1):  # “m” alone is a unit
        return True
    looks: list[Callable[[str], object]] = [is_identity, MAIL.fullmatch]
    if not _is_key(column):
        looks.append(MOBILE.fullmatch)
    return any(sum(map(bool, map(look, values))) >= TELLING * len(values) for look in looks)


def _is_key(column: str) -> bool:
    return bool(re.search("编号|编码|流水号|工单号|案件号|(?i:number|code|key)|(?i:id)$", column))


def _names(values: set[str]) -> bool:
    return len(values) > 1 and sum(map(_is_name, values)) >= MOSTLY * len(values)


def _is_name(value: str) -> bool:
    return (
        2 <= len(value) <= 4
        and value[0] in SURNAMES
        and value[-1] not in PLACE_ENDS
        and all(map(_is_han, value))
    )


def _is_han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def _births(values: set[str]) -> bool:
    years = sorted(int(value[:4]) for value in values if BIRTHDAY.match(value))
    if len(years) < max(2, len(values) * MOSTLY):
        return False
    return years[len(years) // 2] <= datetime.now(UTC).year - SPAN_YEARS and years[-1] - years[0] >= 5
