"""What the panels show: the planner's figures as the reader may see them, remembered while the data stay the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from app.http.memory import Remembered
from app.pages.planning_data import Ask
from geodata.queries.planning import BreakdownRow, Ranking, Times
from geodata.queries.shown import Reader, ShownTrend
from geodata.rules.suppression import LEAST, applies
from geodata.types import Bilingual

T = TypeVar("T")
KEPT_ANSWERS = 400
_kept: Remembered[object] = Remembered(KEPT_ANSWERS, lambda _: 1)


@dataclass(frozen=True, slots=True)
class Headline:
    """The whole question in a few numbers; None is unknown, or too small to be told."""

    total: int | None
    before: int | None
    per_day: float | None
    per_km2: float | None
    per_1000: float | None
    top: Bilingual | None
    top_share: float | None


def hides(ask: Ask) -> bool:
    """Whether small counts are kept from the reader."""
    return applies(ask.role)


def remembered(ask: Ask, name: str, make: Callable[[], T]) -> T:
    """An answer that several panels and several readers of one role need."""
    return cast("T", _kept.get((id(ask.house), name, ask.key), make))


def reader(ask: Ask) -> Reader:
    """The question as the reader may see it."""
    return Reader(ask.c, ask.profile, ask.question, ask.before, hides(ask), ask.house.settings.rasters)


def ranking(ask: Ask) -> Ranking:
    """The areas of the level asked for."""
    return remembered(ask, "ranking", lambda: reader(ask).ranking(ask.level))


def trend(ask: Ask) -> ShownTrend:
    """Day by day."""
    return remembered(ask, "trend", lambda: reader(ask).trend())


def matrix(ask: Ask) -> list[list[int | None]]:
    """The week by hours."""
    return remembered(ask, "matrix", lambda: reader(ask).matrix())


def breakdown(ask: Ask, depth: int) -> list[BreakdownRow]:
    """The categories at a depth."""
    return remembered(ask, f"breakdown {depth}", lambda: reader(ask).breakdown(depth))


def times(ask: Ask) -> Times:
    """How long tickets take."""
    return remembered(ask, "times", lambda: reader(ask).times())


def late(ask: Ask, found: Times) -> int | None:
    """Due in the window and not closed by then; untold where it is small."""
    if found.due is None or found.on_time is None:
        return None
    number = found.due - found.on_time
    return None if hides(ask) and 0 < number < LEAST else number


def known_before(ask: Ask) -> bool:
    """Whether anything is known of the window compared with: what nobody recorded is missing, not zero."""
    found = trend(ask)
    return bool(found.hidden_before) or any(value is not None for value in found.before_counts)


def headline(ask: Ask) -> Headline:
    """The whole, read off the ranking, so that both say the same."""
    found = ranking(ask)
    known = [row for row in found.rows if row.count]
    top = known[0] if len(known) > 1 else None
    whole = [row for row in found.rows if row.per_km2 is not None or row.count == 0]
    km2 = _sum([row.area_km2 for row in whole]) if len(whole) == len(found.rows) else None
    people = _sum([row.residents for row in whole]) if len(whole) == len(found.rows) else None
    return Headline(
        total=found.total,
        before=found.before_total if known_before(ask) else None,
        per_day=found.total / ask.question.window.days if found.total is not None else None,
        per_km2=found.total / km2 if found.total is not None and km2 else None,
        per_1000=found.total / people * 1000 if found.total is not None and people else None,
        top=Bilingual(top.name_zh, top.name_en or top.name_zh) if top else None,
        top_share=top.share if top else None,
    )


def _sum(values: list[float | None] | list[int | None]) -> float | None:
    """A sum, unknown where a part is."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
