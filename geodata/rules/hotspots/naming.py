"""How a stretch of road is named: its street and the door number, estate or landmark that its tickets name most."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from geodata.types import Bilingual

TOLD_TWICE = 2  # what only one ticket says is no landmark
NO_STREET = Bilingual("无名道路", "Unnamed road")
# Of rentals and disputes only counts are told, never an address.
NEVER_A_DOOR = re.compile(r"纠纷|群租|出租|租赁|租客|dispute|rental|tenan", re.IGNORECASE)


def named(
    street: Bilingual | None,
    addresses: Iterable[str],
    places: Sequence[Bilingual] = (),
    *,
    doors: bool = True,
) -> Bilingual:
    """The stretch's name in both languages: 广济北路288号周边 · around 288 Guangji North Road.

    `places` are the estates and landmarks near it, the nearest first; without `doors` no number is told.
    """
    told = [unicodedata.normalize("NFKC", address) for address in addresses]
    number = door(street, told) if doors and street else None
    if number is not None and street:
        return Bilingual(f"{street.zh}{number}号周边", f"around {number} {street.en}")
    place = landmark(street, told, places)
    if place is None:
        zh, en = street or NO_STREET
        return Bilingual(f"{zh}周边", f"around {en}")
    if street is None or place.zh.startswith(street.zh):
        return Bilingual(f"{place.zh}周边", f"around {place.en}")
    return Bilingual(f"{street.zh}{place.zh}周边", f"{street.en}, around {place.en}")


def door(street: Bilingual, addresses: Iterable[str]) -> int | None:
    """The door number of the street that most addresses name, the lowest of equals; None when no two agree."""
    zh, en = re.escape(street.zh), re.escape(street.en)
    pattern = re.compile(
        rf"{zh}\s*(\d{{1,5}})\s*(?:-\d+)?\s*号|\b(\d{{1,5}})\s+(?:{en}|{zh})(?!\w)", re.IGNORECASE
    )
    numbers = (pattern.search(address) for address in addresses)
    return _most(Counter(int(found[1] or found[2]) for found in numbers if found))


def landmark(
    street: Bilingual | None, addresses: Sequence[str], places: Sequence[Bilingual]
) -> Bilingual | None:
    """The place that most addresses name, the nearest of equals; None when no two agree."""
    own = street.zh if street else ""
    known = sorted((place for place in places if place.zh not in own), key=lambda place: -len(place.zh))
    counted: Counter[Bilingual] = Counter()
    for address in addresses:
        first = next((place for place in known if place.zh in address), None)  # the longest name that fits
        if first:
            counted[first] += 1
    at = {place: number for number, place in reversed(list(enumerate(places)))}
    best = min(counted, key=lambda place: (-counted[place], at[place]), default=None)
    return best if best and counted[best] >= TOLD_TWICE else None


def may_tell_a_door(*names: str) -> bool:
    """Whether a category of these names (from the top of its tree down) may be told with door numbers."""
    return not any(NEVER_A_DOOR.search(name) for name in names)


def _most(counted: Counter[int]) -> int | None:
    best = min(counted, key=lambda number: (-counted[number], number), default=None)
    return best if best is not None and counted[best] >= TOLD_TWICE else None
