"""The four kinds of questions of the heat bench, each asked with windows, categories and boxes drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from etl.demo.rhythm import generator

STREET_DEG = (0.0150, 0.0080)  # a screen at street level, 1.4 km × 0.9 km
TIMES, WARM_TIMES = 400, 20


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the four: days, whether of one category, whether of a street's box, and the resolution."""

    key: str
    days: int
    one_category: bool
    street: bool
    resolution: int


KINDS = (
    Kind("district_month_one_r9", 30, one_category=True, street=False, resolution=9),
    Kind("district_year_all_r10", 365, one_category=False, street=False, resolution=10),
    Kind("street_month_one_r11", 30, one_category=True, street=True, resolution=11),
    Kind("street_year_all_r11", 365, one_category=False, street=True, resolution=11),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What questions are drawn from: number of days, category keys, and some tickets' places (lon, lat)."""

    days: int
    categories: list[int]
    places: list[tuple[float, float]]


def ground(c: Connection, days: int, tickets: int) -> Ground:
    """Read it from a home; boxes stand where tickets are, as people look at what there is."""
    ids = generator(5).integers(1, tickets + 1, 4000).tolist()
    found = c.execute(text("""select ST_X(geom), ST_Y(geom) from tickets where id = any(:ids) and geom is not null
                              and not is_default_point order by id"""), {"ids": ids})  # fmt: skip
    places = [(float(lon), float(lat)) for lon, lat in found]
    keys = c.execute(text("""select id from categories k where exists (select from tickets t where t.category_id = k.id)
                             order by id""")).scalars()  # fmt: skip
    return Ground(days, list(keys), places)


def questions(kind: Kind, on: Ground, times: int, seed: int) -> list[dict[str, Any]]:
    """So many questions of a kind, as engines are told them: days counted from the first, both included."""
    rng = generator(seed, kind.resolution, kind.days)
    return [_question(kind, on, rng) for _ in range(times)]


def _question(kind: Kind, on: Ground, rng: np.random.Generator) -> dict[str, Any]:
    first = int(rng.integers(0, on.days - kind.days + 1))
    lon, lat = on.places[int(rng.integers(len(on.places)))]
    east, north = (rng.uniform(0.2, 0.8, 2) * STREET_DEG).tolist()
    return {
        "resolution": kind.resolution, "first": first, "last": first + kind.days - 1,
        "category": on.categories[int(rng.integers(len(on.categories)))] if kind.one_category else None,
        "box": [lon - STREET_DEG[0] + east, lat - STREET_DEG[1] + north, lon + east, lat + north] if kind.street else None,
    }  # fmt: skip
