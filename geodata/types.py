"""The shapes that pass between the parts, each named once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Role = Literal["screen", "commander", "planner", "operator", "admin", "team"]
# Those of the centre, each made at first start; a team's account opens its inbox alone and is made for that team.
ROLES: tuple[Role, ...] = ("screen", "commander", "planner", "operator", "admin")

LocationQuality = Literal["given", "address", "road", "landmark", "area", "none"]
LOCATED: tuple[LocationQuality, ...] = ("given", "address", "road", "landmark")

# One scale of four levels, used everywhere; None is normal, or nothing known where that is said.
Level = Literal["notice", "watch", "warning", "danger"]
LEVELS: tuple[Level, ...] = ("notice", "watch", "warning", "danger")

OPEN_STATES = ("received", "transferred", "signed", "handling")
CLOSED_STATES = ("resolved_online", "closed", "followed_up", "merged")


class Bilingual(NamedTuple):
    """A word a user reads, in both languages."""

    zh: str
    en: str

    def in_(self, language: str) -> str:
        """Pick the language; anything but `en` reads Chinese."""
        return self.en if language == "en" else self.zh


class BBox(NamedTuple):
    """A box in degrees, EPSG:4326."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Window:
    """A span of whole days of one time zone, both ends included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """The instant the first day begins."""
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def end(self) -> datetime:
        """The instant after the last day: the span is half-open."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)

    @property
    def days(self) -> int:
        """How many days the span has."""
        return (self.last - self.first).days + 1

    def previous(self) -> Window:
        """The span of equal length that ends the day before this one begins."""
        return Window(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)


@dataclass(frozen=True, slots=True)
class Question:
    """What every view asks: when, which categories, where; `hours` narrows to a half-open instant range.

    `categories` are codes at any level of the tree (None: all); `area` is an area code (None: the whole district).
    `areas` are several codes of the profile's scheme, their union; `shape` a polygon as WKT, EPSG:4326, for located
    tickets only; `band` hours of the local day, the second not included, past midnight when it is the smaller one. All
    that is set narrows.
    """

    window: Window
    categories: tuple[str, ...] | None = None
    area: str | None = None
    scheme: str = "grid"
    hours: tuple[datetime, datetime] | None = None
    areas: tuple[str, ...] | None = None
    shape: str | None = None
    band: tuple[int, int] | None = None
