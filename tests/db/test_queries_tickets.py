"""Lists, cards and figures of tickets in the town of known rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from geodata.errors import BadArgument, NotFound
from geodata.profile import Profile
from geodata.queries.tickets import Filters, card, export, page, per_day, summary
from geodata.types import Question

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def february(gusu: Profile) -> Question:
    return Question(gusu.window(date(2026, 2, 1), date(2026, 2, 28)))


def test_the_list_behind_each_figure_is_as_long_as_the_figure(
    c: Connection, gusu: Profile, february: Question
) -> None:
    told = summary(c, gusu, february, NOW).tickets
    assert page(c, gusu, february).total == told.total > 1000
    for state, count in told.by_state.items():
        assert page(c, gusu, february, Filters(states=(state,))).total == count
    for source, count in told.by_source.items():
        assert page(c, gusu, february, Filters(sources=(source,))).total == count
    for family, count in told.by_family.items():
        assert page(c, gusu, february, Filters(families=(family,))).total == count
    for place in ("located", "default_point", "unlocated"):
        assert page(c, gusu, february, Filters(place=place)).total == getattr(told, place) > 0
    for category in told.categories:
        assert page(c, gusu, february, Filters(categories=(category.code,))).total == category.count
    assert told.overdue == page(c, gusu, february, Filters(overdue=True), now=NOW).total
    assert page(c, gusu, february, Filters(due="on_time")).total == told.closed_on_time
    assert page(c, gusu, february, Filters(due="late")).total == told.due - told.closed_on_time > 0


def test_on_time_is_of_those_due_in_the_window(c: Connection, gusu: Profile, february: Question) -> None:
    due, on_time = c.execute(
        text("""
        select count(*), count(*) filter (where closed_at <= due_at) from tickets
        where (due_at at time zone 'Asia/Shanghai')::date between '2026-02-01' and '2026-02-28'""")
    ).one()
    told = summary(c, gusu, february, NOW).tickets
    assert told.on_time_rate == on_time / due
    assert 0 < told.on_time_rate < 1


def test_no_ticket_due_has_no_rate(c: Connection, gusu: Profile) -> None:
    told = summary(c, gusu, Question(gusu.window(date(2020, 1, 1), date(2020, 1, 2))), NOW).tickets
    assert (told.total, told.on_time_rate, told.by_state) == (0, None, {})


def test_overdue_is_as_of_now_whatever_the_window(c: Connection, gusu: Profile) -> None:
    narrow = Question(gusu.window(date(2026, 2, 28), date(2026, 2, 28)), area="1-0-0")
    wanted = c.execute(
        text("""
        select count(*) from tickets t join area_ancestors a on a.area_id = t.area_id and a.ancestor_code = '1-0-0'
        where closed_at is null and due_at < '2026-03-02'"""),
        {},
    ).scalar_one()
    assert summary(c, gusu, narrow, NOW).tickets.overdue == wanted > 0


def test_per_km2_and_devices_of_an_area(c: Connection, gusu: Profile, february: Question) -> None:
    told = summary(c, gusu, Question(february.window, area="1-0-0"), NOW)
    assert told.area_km2 is not None
    assert told.tickets.per_km2 == pytest.approx(told.tickets.total / told.area_km2)
    inside = c.execute(
        text("""select count(*) from cameras k join areas a on a.code = '1-0-0'
                               where ST_Covers(a.geom, k.geom)""")
    ).scalar_one()
    assert told.cameras.total == sum(told.cameras.by_state.values()) == inside > 50


def test_an_area_of_another_scheme_is_asked_by_its_shape(
    c: Connection, gusu: Profile, february: Question
) -> None:
    q = Question(february.window, area="beat-1", scheme="police")
    c.execute(text("set transaction read write"))
    c.execute(
        text("""insert into areas (scheme, level, code, name, valid_from, area_km2, geom) values
        ('police', 'beat', 'beat-1', '警格一', '2020-01-01', 1,
         ST_Multi(ST_MakeEnvelope(120.60, 31.30, 120.62, 31.33, 4326)))""")
    )
    wanted = c.execute(
        text("""
        select count(*) from tickets where ST_X(geom) between 120.60 and 120.62 and ST_Y(geom) between 31.30 and 31.33
        and (received_at at time zone 'Asia/Shanghai')::date between '2026-02-01' and '2026-02-28'""")
    ).scalar_one()
    assert summary(c, gusu, q, NOW).tickets.total == wanted > 0
    c.rollback()


def test_pages_follow_each_other_in_order(c: Connection, gusu: Profile, february: Question) -> None:
    first = page(c, gusu, february, sort="-received_at", limit=40)
    second = page(c, gusu, february, sort="-received_at", limit=40, offset=40)
    seen = [row.received_at for row in first.tickets + second.tickets]
    assert seen == sorted(seen, reverse=True)
    assert len({row.id for row in first.tickets + second.tickets}) == 80
    by_deadline = page(c, gusu, february, sort="due_at", limit=500).tickets
    known = [row.due_at for row in by_deadline if row.due_at]
    assert known == sorted(known)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"sort": "geom"}, "sort"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"offset": -1}, "offset"),
    ],
)
def test_a_page_that_means_nothing_is_refused_by_name(
    c: Connection, gusu: Profile, february: Question, asked: dict[str, object], name: str
) -> None:
    with pytest.raises(BadArgument) as refused:
        page(c, gusu, february, **asked)  # type: ignore[arg-type]
    assert refused.value.name == name


def test_an_unknown_category_is_named(c: Connection, gusu: Profile, february: Question) -> None:
    with pytest.raises(BadArgument, match="H9"):
        page(c, gusu, Question(february.window, ("H1", "H9")))


def test_a_card_tells_a_ticket_and_where_it_stands(c: Connection) -> None:
    number = c.execute(
        text("select number from tickets where location_quality = 'given' and not is_default_point limit 1")
    ).scalar_one()
    found = card(c, number)
    assert found.ticket.number == number
    assert len(found.ticket.category_names) == 3
    assert found.ticket.lon is not None
    with pytest.raises(NotFound):
        card(c, "no such")


def test_an_export_holds_every_row_once(c: Connection, gusu: Profile, february: Question) -> None:
    numbers = [row.number for row in export(c, gusu, february)]
    assert len(numbers) == len(set(numbers)) == page(c, gusu, february).total


def test_chosen_hours_narrow_the_window(c: Connection, gusu: Profile, february: Question) -> None:
    start = datetime(2026, 2, 9, 16, tzinfo=UTC)
    q = Question(february.window, hours=(start, start + timedelta(hours=3)))
    wanted = c.execute(text("select count(*) from tickets where received_at >= :a and received_at < :b"),
                       {"a": q.hours[0], "b": q.hours[1]}).scalar_one()  # type: ignore[index]  # fmt: skip
    told = summary(c, gusu, q, NOW).tickets
    assert told.total == wanted == page(c, gusu, q).total > 0
    before = c.execute(text("select count(*) from tickets where received_at >= :a and received_at < :b"),
                       {"a": start - timedelta(days=28), "b": start - timedelta(days=28, hours=-3)}).scalar_one()  # fmt: skip
    assert told.previous is not None
    assert told.previous.total == before


def test_every_day_is_told_even_an_empty_one(c: Connection, gusu: Profile) -> None:
    days = per_day(c, gusu, Question(gusu.window(date(2025, 10, 30), date(2025, 11, 5))))
    assert [day for day, _ in days] == [date(2025, 10, 30) + timedelta(days=n) for n in range(7)]
    assert [count > 0 for _, count in days] == [False, False, *[count > 0 for _, count in days[2:]]]
    assert days[-1][1] > 0
