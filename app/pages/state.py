"""What a link to the commander's page says: where, when, what, how it is shown; the browser writes links, this reads them.

area=320508… from=2026-10-24 to=2026-11-22 hours=2026-11-20T08_2026-11-20T12 categories=A,B layers=a,b
view=120.62,31.31,13.5 lang=en theme=light list=state:handling,page:2 card=ticket:DEMO-1. Whatever is unreadable is left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from app.terms import Language, language_of
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.types import Question

DAYS_AT_FIRST = 30
LONGEST_DAYS = 3660
GROUND = ("districts", "greens", "water", "roads", "places")  # the map draws these unless they are hidden
DEFAULT_LAYERS = (*GROUND, "subdistricts", "grid_cells", "ticket_heat", "cameras", "sensors", "alerts")
Theme = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class PageState:
    """One picture of the commander's page."""

    area: str
    first: date
    last: date
    today: date
    hours: tuple[datetime, datetime] | None = None
    categories: tuple[str, ...] = ()
    layers: tuple[str, ...] = DEFAULT_LAYERS
    view: tuple[float, float, float] | None = None
    language: Language = "zh"
    theme: Theme = "dark"
    list_filter: str | None = None
    card: str | None = None

    def question(self, profile: Profile) -> Question:
        """What the dossier asks."""
        return _question(
            profile, self.area, self.first, self.last, categories=self.categories, hours=self.hours
        )

    def store(self) -> dict[str, Any]:
        """The picture as the browser keeps it."""
        return {
            "area": self.area,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "window": window_name(self.first, self.last, self.today),
            "categories": list(self.categories),
            "layers": list(self.layers),
            "hidden": [key for key in GROUND if key not in self.layers],
            "hours": [instant.isoformat() for instant in self.hours] if self.hours else None,
            "lang": self.language,
            "theme": self.theme,
            "version": 0,
        }


def read_link(
    search: str | None, profile: Profile, *, area: str | None = None, default_language: str = "zh"
) -> PageState:
    """Read the part of a link after `?`; `area` is the area an account is bound to, None for all."""
    asked = {key: values[-1] for key, values in parse_qs((search or "").lstrip("?")).items()}
    today = profile.today()
    first, last = _days(asked, today)
    return PageState(
        area=asked.get("area") or area or profile.code,
        first=first,
        last=last,
        today=today,
        hours=_hours(asked.get("hours"), profile.zone),
        categories=_codes(asked.get("categories")),
        layers=_codes(asked["layers"]) if "layers" in asked else DEFAULT_LAYERS,
        view=_view(asked.get("view")),
        language=language_of(asked.get("lang") or default_language),
        theme="light" if asked.get("theme") == "light" else "dark",
        list_filter=asked.get("list"),
        card=asked.get("card"),
    )


def asked_question(words: str, profile: Profile) -> Question:
    """The question as a browser sends it, in JSON; raises BadArgument for what is none."""
    try:
        return read_question(dict(json.loads(words)), profile)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadArgument("asked", "This is no question; open the page again.") from None


def read_question(asked: dict[str, Any], profile: Profile) -> Question:
    """The question of the browser's `asked` store: area, from, to, categories, hours."""
    hours = tuple(datetime.fromisoformat(text) for text in asked.get("hours") or ())
    return _question(
        profile,
        asked.get("area"),
        date.fromisoformat(asked["from"]),
        date.fromisoformat(asked["to"]),
        categories=tuple(asked.get("categories") or ()),
        hours=(hours[0], hours[1]) if len(hours) == 2 else None,
    )


def window_name(first: date, last: date, today: date) -> str:
    """Which of the ready windows two days are: today, 7d, 30d, month, or custom."""
    ready = {
        (today, today): "today",
        (today - timedelta(days=6), today): "7d",
        (today - timedelta(days=29), today): "30d",
        (today.replace(day=1), today): "month",
    }
    return ready.get((first, last), "custom")


def _question(
    profile: Profile,
    area: str | None,
    first: date,
    last: date,
    *,
    categories: tuple[str, ...],
    hours: tuple[datetime, datetime] | None,
) -> Question:
    return Question(profile.window(first, last), categories or None, area, profile.scheme, hours)


def _days(asked: dict[str, str], today: date) -> tuple[date, date]:
    first, last = _day(asked.get("from")), _day(asked.get("to"))
    if first and last and first <= last and (last - first).days < LONGEST_DAYS:
        return first, last
    return today - timedelta(days=DAYS_AT_FIRST - 1), today


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _hours(text: str | None, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    try:
        start, end = (_instant(part, zone) for part in (text or "").split("_"))
    except ValueError:
        return None
    return (start, end) if start < end else None


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant in UTC; without an offset it is told by the district's clock."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _codes(text: str | None) -> tuple[str, ...]:
    return tuple(code for code in (text or "").split(",") if code)


def _view(text: str | None) -> tuple[float, float, float] | None:
    try:
        lon, lat, zoom = (float(part) for part in (text or "").split(","))
    except ValueError:
        return None
    return (lon, lat, zoom) if abs(lon) <= 180 and abs(lat) <= 90 and 0 <= zoom <= 22 else None
