"""The planner's figures beside the same figures reckoned by hand from the rows, for many questions."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.planning import breakdown, matrix, ranking, times, trend
from geodata.queries.summary import summary
from geodata.types import Question
from tests.db.town import DAYS, LAST_DAY

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DAY = LAST_DAY - timedelta(days=DAYS - 1)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
QUESTIONS = 30
LEVELS = ("district", "subdistrict", "station", "community", "grid_cell")
SHAPE = "POLYGON((120.57 31.29, 120.62 31.28, 120.63 31.33, 120.58 31.35, 120.57 31.29))"


@dataclass(frozen=True)
class Row:
    """One ticket as a person would read it from a list."""

    at: datetime
    due: datetime | None
    closed: datetime | None
    areas: dict[str, str]
    categories: tuple[str, ...]
    point: shapely.Point | None


@pytest.fixture(scope="module")
def rows(town: object) -> list[Row]:
    """Every ticket of the town, with its chain of areas and of categories walked by hand."""
    with town.connect() as c:  # type: ignore[attr-defined]
        areas = {row.id: row for row in c.execute(text("select id, code, level, parent_code from areas"))}
        by_code = {row.code: row for row in areas.values()}
        kinds = {row.id: row for row in c.execute(text("select id, code, parent_id from categories"))}

        @cache
        def chain(area: int | None) -> dict[str, str]:
            found, row = {}, areas.get(area or 0)
            while row:
                found[row.level] = row.code
                row = by_code.get(row.parent_code)
            return found

        @cache
        def path(kind: int) -> tuple[str, ...]:
            row = kinds[kind]
            return (*(path(row.parent_id) if row.parent_id else ()), row.code)

        found = c.execute(
            text(
                "select received_at, due_at, closed_at, area_id, category_id, ST_X(geom) x, ST_Y(geom) y from tickets"
            )
        )
        return [
            Row(r.received_at.astimezone(SHANGHAI), r.due_at, r.closed_at, chain(r.area_id), path(r.category_id),
                shapely.Point(r.x, r.y) if r.x is not None else None)
            for r in found
        ]  # fmt: skip


def questions(profile: Profile, rows: list[Row], seed: int) -> list[tuple[Question, Question]]:
    """Pairs of a question and the same of another window, with every way of narrowing."""
    rng = random.Random(seed)
    kinds = sorted({code for row in rows for code in row.categories})
    found = []
    for n in range(QUESTIONS):
        days = (1, 30, rng.randint(2, 80))[n % 3]
        first = FIRST_DAY + timedelta(days=rng.randint(0, DAYS - days))
        codes = [row.areas[rng.choice(LEVELS)] for row in rng.sample(rows, 4) if row.areas]
        q = Question(
            profile.window(first, first + timedelta(days=days - 1)),
            categories=(rng.choice(kinds),) if n % 2 else None,
            area=codes[0] if n % 5 == 1 else None,
            areas=tuple(sorted(set(codes[1:]))) if n % 5 == 2 else None,
            shape=SHAPE if n % 5 == 3 else None,
            band=((7, 10), (22, 6))[n % 2] if n % 7 == 3 else None,
        )
        back = rng.randint(-20, 40)  # windows may overlap
        before = profile.window(first - timedelta(days=back), first + timedelta(days=days - 1 - back))
        found.append((q, replace(q, window=before)))
    return found


def asked_about(q: Question, row: Row) -> bool:
    """Whether a ticket is in question, whenever it came."""
    if q.categories and not set(q.categories) & set(row.categories):
        return False
    if q.area and q.area != "320508" and q.area not in row.areas.values():
        return False
    if q.areas and not set(q.areas) & set(row.areas.values()):
        return False
    if q.shape and not (row.point and shapely.from_wkt(q.shape).covers(row.point)):
        return False
    if q.band:
        first, last = q.band
        hour = row.at.hour
        return first <= hour < last if first < last else hour >= first or hour < last
    return True


def received(q: Question, rows: list[Row]) -> list[Row]:
    return [row for row in rows if q.window.first <= row.at.date() <= q.window.last and asked_about(q, row)]


def due(q: Question, rows: list[Row]) -> list[Row]:
    inside = [
        row
        for row in rows
        if row.due and q.window.first <= row.due.astimezone(SHANGHAI).date() <= q.window.last
    ]
    return [row for row in inside if asked_about(q, row)]


def on_time(rows: list[Row]) -> float | None:
    return (
        sum(1 for row in rows if row.closed and row.due and row.closed <= row.due) / len(rows)
        if rows
        else None
    )


def hours(rows: list[Row]) -> list[float]:
    return [(row.closed - row.at).total_seconds() / 3600 for row in rows if row.closed]


def test_the_ranking_is_what_the_rows_say(c: Connection, gusu: Profile, rows: list[Row]) -> None:
    ranked = 0
    for n, (q, other) in enumerate(questions(gusu, rows, 1)):
        level = LEVELS[n % 5]
        now, before, late = received(q, rows), received(other, rows), due(q, rows)
        found = ranking(c, gusu, q, other.window, level)
        assert found.total == len(now)
        assert found.before_total == len(before)
        assert found.elsewhere == sum(1 for row in now if level not in row.areas)
        assert sum(row.count or 0 for row in found.rows) + found.elsewhere == found.total
        counts, earlier = (Counter(r.areas.get(level) for r in some) for some in (now, before))
        for row in found.rows:
            assert (row.count, row.before) == (counts[row.code], earlier[row.code])
            mine = hours([r for r in now if r.areas.get(level) == row.code])
            assert row.response_median_h == (pytest.approx(statistics.median(mine)) if mine else None)
            rate = on_time([r for r in late if r.areas.get(level) == row.code])
            assert row.on_time_rate == (None if rate is None else pytest.approx(rate))
            assert row.share == (pytest.approx(counts[row.code] / len(now)) if now else None)
            ranked += counts[row.code]
        assert {row.code for row in found.rows} >= {code for code in (counts | earlier) if code}
        assert [row.count or 0 for row in found.rows] == sorted(
            (row.count or 0 for row in found.rows), reverse=True
        )
    assert ranked > 5_000


def test_a_rate_by_area_needs_the_whole_area(c: Connection, gusu: Profile) -> None:
    window = gusu.window(FIRST_DAY, LAST_DAY)
    whole = ranking(c, gusu, Question(window, areas=("2-0-0", "3-4-8")), None, "station")
    assert [row.per_km2 is not None for row in sorted(whole.rows, key=lambda row: row.code)] == [True, False]
    shaped = ranking(c, gusu, Question(window, shape=SHAPE), None, "station")
    assert shaped.rows
    assert all(row.per_km2 is None and row.before is None and row.change_pct is None for row in shaped.rows)


def test_the_trend_is_what_the_rows_say(c: Connection, gusu: Profile, rows: list[Row]) -> None:
    for q, other in questions(gusu, rows, 2):
        found = trend(c, gusu, q, other.window)
        for days, counts, asked in (
            (found.days, found.counts, q),
            (found.before_days, found.before_counts, other),
        ):
            per_day = Counter(row.at.date() for row in received(asked, rows))
            assert len(days) == asked.window.days
            for day, count in zip(days, counts, strict=True):
                assert count == (per_day[day] if FIRST_DAY <= day <= LAST_DAY else None)


def test_days_nobody_recorded_are_missing(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(LAST_DAY, LAST_DAY + timedelta(days=2)))
    assert [count is None for count in trend(c, gusu, q, None).counts] == [False, True, True]
    assert trend(c, gusu, q, None).before_counts == []


def test_the_matrix_is_what_the_rows_say(c: Connection, gusu: Profile, rows: list[Row]) -> None:
    for q, _ in questions(gusu, rows, 3):
        counted = Counter((row.at.weekday(), row.at.hour) for row in received(q, rows))
        expected = [[counted[day, hour] for hour in range(24)] for day in range(7)]
        assert matrix(c, gusu, q) == expected


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_breakdown_is_what_the_rows_say(
    c: Connection, gusu: Profile, rows: list[Row], depth: int
) -> None:
    for q, other in questions(gusu, rows, 4 + depth)[:25]:
        now, before = received(q, rows), received(other, rows)
        counts, earlier = (Counter(row.categories[:depth][-1] for row in some) for some in (now, before))
        found = breakdown(c, gusu, q, other.window, depth)
        assert {row.code: row.count for row in found if row.count} == dict(counts)
        assert {row.code: row.before for row in found if row.before} == dict(earlier)
        assert sum(row.share or 0 for row in found) == (pytest.approx(1) if now else 0)


def test_the_times_are_what_the_rows_say(c: Connection, gusu: Profile, rows: list[Row]) -> None:
    for q, _ in questions(gusu, rows, 9):
        now, late = received(q, rows), due(q, rows)
        found = times(c, gusu, q, now=NOW)
        assert (found.received, found.open, found.due) == (
            len(now),
            sum(not r.closed for r in now),
            len(late),
        )
        rate = on_time(late)
        assert found.on_time_rate == (None if rate is None else pytest.approx(rate))
        assert found.overdue == sum(
            1 for r in rows if not r.closed and r.due and r.due < NOW and asked_about(q, r)
        )
        took = hours(now)
        if not took:
            assert (found.response_median_h, found.response_p90_h) == (None, None)
            continue
        assert found.response_median_h == pytest.approx(statistics.median(took))
        assert found.response_p90_h == pytest.approx(np.percentile(took, 90))


def test_the_figures_are_those_of_the_dossier(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(date(2026, 1, 5), date(2026, 2, 10)), ("H1",), "1-1-1")
    dossier, found = summary(c, gusu, q, NOW).tickets, times(c, gusu, q, now=NOW)
    assert (dossier.total, dossier.due, dossier.overdue) == (found.received, found.due, found.overdue)
    assert dossier.on_time_rate == found.on_time_rate
    row = next(
        row for row in ranking(c, gusu, q, q.window.previous(), "subdistrict").rows if row.code == "1-1-1"
    )
    assert dossier.previous
    assert (row.count, row.before, row.on_time_rate) == (
        dossier.total,
        dossier.previous.total,
        dossier.on_time_rate,
    )
    assert row.per_km2 == pytest.approx(dossier.per_km2)
    assert {r.code: r.count for r in breakdown(c, gusu, q, None)} == dossier.by_category
