"""What the addresses' arguments mean: days, boxes, categories, areas; each refused by name when it means nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query

from app.http.guard import required_account
from app.http.house import House, TheHouse
from geodata.errors import BadArgument, Denied, NotFound
from geodata.queries import areas as area_queries, shapes as shape_queries
from geodata.types import BBox, Question, Window

DEFAULT_DAYS = 30
EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)

From = Annotated[
    str | None, Query(alias="from", description="First day, YYYY-MM-DD; default 30 days up to `to`")
]
To = Annotated[str | None, Query(alias="to", description="Last day, included, YYYY-MM-DD; default today")]
Category = Annotated[
    list[str] | None, Query(description="Codes of any level; repeated or separated by commas")
]
AreaCode = Annotated[str | None, Query(description="Only this area, by its code")]
Scheme = Annotated[
    str | None, Query(description="Scheme of the area; the district's own unless said otherwise")
]
Hours = Annotated[
    str | None, Query(description="Only this part of the window: two ISO 8601 instants joined by /")
]

Areas = Annotated[
    list[str] | None, Query(description="Only these areas of any level, their union; repeated or by commas")
]
Shape = Annotated[str | None, Query(description="Only inside the saved shape with this number")]
Band = Annotated[
    str | None, Query(description="Only these hours of each day: 7-10 is 07:00 up to 10:00, 22-6 a night")
]


def question(
    *, house: TheHouse, first: From = None, last: To = None, category: Category = None, area: AreaCode = None,
    scheme: Scheme = None, hours: Hours = None, areas: Areas = None, shape: Shape = None, band: Band = None,
) -> Question:  # fmt: skip
    """The question an address asks, narrowed to what the account may see."""
    profile = house.profile
    asked = Question(
        window=window(house, first, last),
        categories=codes(category),
        area=area or None,
        scheme=scheme or profile.scheme,
        hours=_hours(hours),
        areas=_areas(house, codes(areas)),
        shape=_shape(house, shape),
        band=_band(band),
    )
    return scoped(house, asked)


Asked = Annotated[Question, Depends(question)]


def window(house: House, first: str | None, last: str | None) -> Window:
    """Days of the district's time zone, both included; the last 30 unless said otherwise."""
    end = day("to", last) or house.profile.today()
    start = day("from", first) or end - timedelta(days=DEFAULT_DAYS - 1)
    if start > end:
        raise BadArgument("from", f"The first day {start} comes after the last day {end}.")
    return house.profile.window(start, end)


def day(name: str, value: str | None) -> date | None:
    """A day as YYYY-MM-DD."""
    if not value:
        return None
    try:
        found = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone of its own
    except ValueError:
        raise BadArgument(name, f"“{value[:40]}” is no day; write it as YYYY-MM-DD.") from None
    if not EARLIEST <= found <= LATEST:
        raise BadArgument(name, f"{found} lies outside {EARLIEST} to {LATEST}.")
    return found


def codes(values: list[str] | None) -> tuple[str, ...] | None:
    """Category codes, in a fixed order so that equal questions are equal; None asks for all."""
    found = {code.strip() for value in values or [] for code in value.split(",")} - {""}
    return tuple(sorted(found)) or None


def box(value: str) -> BBox:
    """A bbox as west,south,east,north in degrees."""
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise BadArgument("bbox", "The bbox must be four numbers in degrees: west,south,east,north.")
    found = BBox(*numbers)
    if not (
        -180 <= found.west <= 180
        and -180 <= found.east <= 180
        and -90 <= found.south <= 90
        and -90 <= found.north <= 90
    ):
        raise BadArgument(
            "bbox", "The bbox lies outside the earth: longitudes −180 to 180, latitudes −90 to 90."
        )
    if found.west >= found.east or found.south >= found.north:
        raise BadArgument(
            "bbox", "The bbox is turned round: west must be less than east and south less than north."
        )
    return found


def bbox(value: Annotated[str, Query(alias="bbox", description="west,south,east,north in degrees")]) -> BBox:
    """The box an address must name."""
    return box(value)


def optional_bbox(
    value: Annotated[str | None, Query(alias="bbox", description="west,south,east,north in degrees")] = None,
) -> BBox | None:
    """The box an address may name."""
    return box(value) if value else None


Box = Annotated[BBox, Depends(bbox)]
OptionalBox = Annotated[BBox | None, Depends(optional_bbox)]


def number(name: str, value: int, least: int, most: int) -> int:
    """A whole number within limits."""
    if not least <= value <= most:
        raise BadArgument(name, f"{name} must be from {least} to {most}, not {value}.")
    return value


def scoped(house: House, asked: Question) -> Question:
    """The question within the account's area; refused when it asks outside, or about no area that exists."""
    mine = required_account().area_code
    if asked.area is None:
        return replace(asked, area=mine, scheme=house.profile.scheme if mine else asked.scheme)
    if asked.area == house.profile.code and mine is None:
        return replace(asked, area=None, scheme=house.profile.scheme)
    known = ("known", house.version(), asked.scheme, asked.area, mine)
    verdict = house.facts.get(known, lambda: _allowed(house, asked, mine))
    if verdict == "missing":
        raise NotFound(f"There is no area with the code “{asked.area}” here.")
    if verdict == "outside":
        raise Denied("Your account is limited to another area.")
    return asked


def _allowed(house: House, asked: Question, mine: str | None) -> str:
    with house.reading() as c:
        if not area_queries.exists(c, house.profile, asked.area or "", asked.scheme):
            return "missing"
        if mine is None:
            return "inside"
        own = asked.scheme == house.profile.scheme and area_queries.contains(c, mine, asked.area or "")
        return "inside" if own else "outside"


def _hours(value: str | None) -> tuple[datetime, datetime] | None:
    if not value:
        return None
    try:
        first, last = (datetime.fromisoformat(part) for part in value.split("/"))
    except ValueError:
        raise BadArgument("hours", "hours must be two ISO 8601 instants joined by a slash.") from None
    if first.tzinfo is None or last.tzinfo is None or first >= last:
        raise BadArgument(
            "hours", "hours must be two instants with their offset from UTC, the earlier first."
        )
    return first, last


def _areas(house: House, found: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for code in found or ():
        known = ("known", house.version(), house.profile.scheme, code, None)
        asked = Question(house.profile.window(EARLIEST, EARLIEST), area=code, scheme=house.profile.scheme)
        if house.facts.get(known, lambda asked=asked: _allowed(house, asked, None)) == "missing":  # type: ignore[misc]
            raise NotFound(f"There is no area with the code “{code}” here.")
    return found


def _shape(house: House, value: str | None) -> str | None:
    if not value:
        return None
    if not value.isdecimal() or len(value) > 15:
        raise BadArgument("shape", "shape must be the number of a saved shape.")
    with house.reading() as c:
        return shape_queries.wkt(c, int(value), required_account().id)


def _band(value: str | None) -> tuple[int, int] | None:
    if not value:
        return None
    parts = value.split("-")
    if len(parts) != 2 or not all(part.isdecimal() and int(part) <= 24 for part in parts):
        raise BadArgument("band", "band must be two hours of the day joined by a hyphen, as in 7-10.")
    return int(parts[0]) % 24, int(parts[1]) % 24
