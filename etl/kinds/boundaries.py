"""Boundaries: the areas of one level of a scheme, each with code and name."""

from __future__ import annotations

from datetime import date
from typing import Any

from etl.boundaries import Boundaries, Wish
from etl.kinds.base import Field, KindOf, LoadOptions, Option
from etl.pipeline import Desk, Kind
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.types import Bilingual


def _check(profile: Profile, options: LoadOptions) -> None:
    level = options.told.get("level")
    if not level:
        known = ", ".join(one.key for one in profile.levels)
        raise Refused(f"Say which level the areas are of with --level; this district has: {known}.")
    if options.told.get("scheme") in (None, profile.scheme):
        profile.level(level)  # Refused when there is none


def _open(desk: Desk, options: LoadOptions) -> Kind:
    told: dict[str, Any] = dict(options.told)
    begins = told.get("valid_from")
    return Boundaries(desk, Wish(
        scheme=told.get("scheme") or desk.profile.scheme,
        level=told["level"],
        name_field=told.get("name_field"),
        code_field=told.get("code_field"),
        valid_from=date.fromisoformat(begins) if isinstance(begins, str) else begins,
        partial=bool(told.get("partial")),
        as_drawn=bool(told.get("as_drawn")),
        new_codes=bool(told.get("new_codes")),
    ))  # fmt: skip


KIND = KindOf(
    key="boundaries",
    title=Bilingual("区划边界", "Boundaries"),
    shape="area",
    fields=(
        Field("code", Bilingual("编码", "code"), Bilingual("区域的正式编码，跨版本不变", "official code, the same in every version"),
              required=True, example="320508001"),
        Field("name", Bilingual("名称", "name"), Bilingual("当地通行的名称", "name as people here say it"),
              required=True, example="平江街道"),
    ),
    options=(
        Option("level", Bilingual("层级", "level"), required=True),
        Option("scheme", Bilingual("区划体系", "scheme")),
        Option("name_field", Bilingual("名称字段", "field of the name")),
        Option("code_field", Bilingual("编码字段", "field of the code")),
        Option("valid_from", Bilingual("生效日", "first day")),
        Option("partial", Bilingual("只是一部分", "only a part of the level")),
        Option("as_drawn", Bilingual("缝隙与重叠照原样", "gaps and overlaps as they are drawn")),
        Option("new_codes", Bilingual("编码已更换", "codes are meant to change")),
    ),
    mapped=False,
    check=_check,
    open=_open,
)  # fmt: skip
