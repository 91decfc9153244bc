"""What a link to the planner's page says; the browser writes links, this reads them, and both write the same words.

areas=320508001,… shape=12 from=2026-10-24 to=2026-11-22 vs=year categories=A,B band=7-10 map=gi against=population
level=subdistrict view=120.62,31.31,13.5 lang=en theme=dark list=area=320508001 card=ticket:DEMO-1. What is unreadable is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args
from urllib.parse import parse_qs, quote

from app.pages.state import GROUND, LONGEST_DAYS
from app.terms import Language, language_of
from geodata.profile import Profile
from geodata.rules.comparison import year_before
from geodata.rules.hotspots.reading import EXPOSURES, Exposure
from geodata.types import Window

DAYS_AT_FIRST = 30
CODE = re.compile(r"[0-9A-Za-z_.-]{1,40}")
LATEST_YEAR, EARLIEST_YEAR = 2199, 1971
MapLayer = Literal[
    "heat", "change", "per_km2", "per_1000", "gi", "moran", "emerging", "roads", "density"
]  # fmt: skip
AGAINST: tuple[Exposure, ...] = EXPOSURES
MAP_LAYERS: tuple[MapLayer, ...] = get_args(MapLayer)
LEVEL_AT_FIRST = "subdistrict"
ASKED = ("areas", "shape", "from", "to", "vs", "categories", "band", "against", "level")
Theme = Literal["dark", "light"]
Versus = Literal["before", "year"] | tuple[date, date]
View = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PlanState:
    """One picture of the planner's page; `shape` is the number of a saved shape, `band` hours of the local day."""

    first: date
    last: date
    versus: Versus = "before"
    areas: tuple[str, ...] = ()
    shape: str | None = None
    categories: tuple[str, ...] = ()
    band: tuple[int, int] | None = None
    layer: MapLayer = "heat"
    against: Exposure = "none"
    level: str = LEVEL_AT_FIRST
    view: View | None = None
    language: Language = "zh"
    theme: Theme = "light"
    list_filter: str | None = None
    card: str | None = None

    def store(self, profile: Profile) -> dict[str, Any]:
        """The picture as the browser keeps it."""
        return {
            "areas": list(self.areas),
            "shape": self.shape,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "vs": _versus_text(self.versus),
            "categories": list(self.categories),
            "band": _band_text(self.band),
            "map": self.layer,
            "against": self.against,
            "level": self.level,
            "lang": self.language,
            "theme": self.theme,
            "area": profile.code,
            "layers": [*GROUND, "subdistricts"],
            "version": 0,
        }

    def asked(self, profile: Profile) -> dict[str, Any]:
        """The part of the picture that figures depend on; `n` counts the askings of one page."""
        kept = self.store(profile)
        return {key: kept[key] for key in ASKED} | {"version": 0, "n": 0}


def write_link(state: PlanState, default_language: str = "zh") -> str:
    """The part of a link after `?`; what stands at its default is left out, except for the days."""
    view = ",".join(_short(number, places) for number, places in zip(state.view, (5, 5, 2), strict=True)) \
        if state.view else None  # fmt: skip
    words = {
        "areas": ",".join(state.areas),
        "shape": state.shape,
        "from": state.first.isoformat(),
        "to": state.last.isoformat(),
        "vs": None if state.versus == "before" else _versus_text(state.versus),
        "categories": ",".join(state.categories),
        "band": _band_text(state.band),
        "map": None if state.layer == "heat" else state.layer,
        "against": None if state.against == "none" else state.against,
        "level": None if state.level == LEVEL_AT_FIRST else state.level,
        "view": view,
        "lang": None if state.language == language_of(default_language) else state.language,
        "theme": None if state.theme == "light" else state.theme,
        "list": state.list_filter,
        "card": state.card,
    }
    return "&".join(f"{key}={quote(text, safe=',:=_-.')}" for key, text in words.items() if text)


def read_plan(search: str | None, profile: Profile, default_language: str = "zh") -> PlanState:
    """Read the part of a link after `?`."""
    asked = {key: values[-1] for key, values in parse_qs((search or "").lstrip("?")).items()}
    first, last = days_of(asked.get("from"), asked.get("to"), profile.today())
    shape, layer, level = asked.get("shape"), asked.get("map"), asked.get("level")
    against = asked.get("against")
    return PlanState(
        first=first,
        last=last,
        versus=read_versus(asked.get("vs")),
        areas=_codes(asked.get("areas")),
        shape=shape if shape and shape.isascii() and shape.isdecimal() and len(shape) <= 15 else None,
        categories=_codes(asked.get("categories")),
        band=_band(asked.get("band")),
        layer=layer if layer in MAP_LAYERS else "heat",
        against=against if against in AGAINST else "none",
        level=level if level in levels(profile) else levels(profile)[0],
        view=_view(asked.get("view")),
        language=language_of(asked.get("lang") or default_language),
        theme="dark" if asked.get("theme") == "dark" else "light",
        list_filter=asked.get("list"),
        card=asked.get("card"),
    )


def levels(profile: Profile) -> tuple[str, ...]:
    """The levels one can rank: all below the district."""
    return tuple(level.key for level in profile.levels[1:]) or (profile.levels[0].key,)


def days_of(first: str | None, last: str | None, today: date) -> tuple[date, date]:
    """The days of a window; the last thirty where they mean nothing."""
    start, end = _day(first), _day(last)
    if start and end and start <= end and (end - start).days < LONGEST_DAYS:
        return start, end
    return today - timedelta(days=DAYS_AT_FIRST - 1), today


def read_versus(text: str | None) -> Versus:
    """Against what the window is held: the span before it, the same days a year ago, or days of one's own."""
    if text == "year":
        return "year"
    parts = (text or "").split("_")
    days = [_day(part) for part in parts]
    if len(days) == 2 and days[0] and days[1] and days[0] <= days[1]:
        return days[0], days[1]
    return "before"


def versus_window(versus: Versus, window: Window) -> Window:
    """The window that is compared with."""
    if versus == "before":
        return window.previous()
    if versus == "year":
        return Window(year_before(window.first), year_before(window.last), window.zone)
    return Window(versus[0], versus[1], window.zone)


def _versus_text(versus: Versus) -> str:
    return versus if isinstance(versus, str) else f"{versus[0].isoformat()}_{versus[1].isoformat()}"


def _band_text(band: tuple[int, int] | None) -> str | None:
    return f"{band[0]}-{band[1]}" if band else None


def _short(number: float, places: int) -> str:
    text = f"{number:.{places}f}"
    return text if places == 5 else text.rstrip("0").rstrip(".")


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if EARLIEST_YEAR <= found.year <= LATEST_YEAR else None


def _codes(text: str | None) -> tuple[str, ...]:
    found = (code for code in (text or "").split(",") if CODE.fullmatch(code))
    return tuple(dict.fromkeys(found))


def _band(text: str | None) -> tuple[int, int] | None:
    parts = (text or "").split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) <= 2 for part in parts):
        return None
    first, last = int(parts[0]), int(parts[1])
    return (first, last) if first < 24 and last <= 24 and first != last and (first, last) != (0, 24) else None


def _view(text: str | None) -> View | None:
    try:
        lon, lat, zoom = (float(part) for part in (text or "").split(","))
    except ValueError:
        return None
    return (lon, lat, zoom) if abs(lon) <= 180 and abs(lat) <= 90 and 0 <= zoom <= 22 else None
