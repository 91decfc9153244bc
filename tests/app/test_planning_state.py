"""A link of the planner's page says the whole question, and what is written is read back unchanged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from app.pages.planning_state import (
    AGAINST,
    ASKED,
    MAP_LAYERS,
    PlanState,
    levels,
    read_plan,
    read_versus,
    versus_window,
    write_link,
)
from geodata.profile import Profile, load_profile

GUSU = load_profile("gusu")
DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))
SPANS = st.tuples(DAYS, st.integers(0, 800)).map(lambda it: (it[0], it[0] + timedelta(days=it[1])))
CODES = st.lists(st.from_regex(r"[0-9A-Za-z_.-]{1,12}", fullmatch=True), max_size=4, unique=True).map(tuple)
BANDS = st.tuples(st.integers(0, 23), st.integers(0, 24)).filter(lambda it: it[0] != it[1] and it != (0, 24))
VIEWS = st.tuples(
    st.integers(-18_000_000, 18_000_000).map(lambda n: n / 1e5),
    st.integers(-9_000_000, 9_000_000).map(lambda n: n / 1e5),
    st.integers(0, 2200).map(lambda n: n / 100),
)
STATES = st.builds(
    lambda span, **rest: PlanState(first=span[0], last=span[1], **rest),
    span=SPANS,
    versus=st.sampled_from(["before", "year"]) | SPANS,
    areas=CODES,
    shape=st.none() | st.integers(1, 10**9).map(str),
    categories=CODES,
    band=st.none() | BANDS,
    layer=st.sampled_from(MAP_LAYERS),
    against=st.sampled_from(AGAINST),
    level=st.sampled_from(levels(GUSU)),
    view=st.none() | VIEWS,
    language=st.sampled_from(["zh", "en"]),
    theme=st.sampled_from(["light", "dark"]),
    list_filter=st.none() | st.sampled_from(["all", "area=320508001", "day=2026-11-03&within=A B", "road=广济北路&x=1"]),
    card=st.none() | st.sampled_from(["ticket:DEMO-1", "heritage:拙政园"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(STATES)
def test_what_is_written_is_read_back(state: PlanState) -> None:
    assert read_plan("?" + write_link(state), GUSU) == state


def test_an_empty_link_asks_thirty_days_against_the_thirty_before() -> None:
    found = read_plan("", GUSU)
    assert ((found.last - found.first).days, found.versus, found.layer, found.theme) == (
        29,
        "before",
        "heat",
        "light",
    )
    assert found.level == levels(GUSU)[0] == "subdistrict"
    assert write_link(found) == f"from={found.first}&to={found.last}"


@pytest.mark.parametrize(
    "link",
    [
        "?from=now&to=then", "?shape=1e3", "?shape=١", "?band=7", "?band=7-25", "?band=7-7", "?band=0-24", "?map=gold", "?against=luck",
        "?level=galaxy", "?view=a,b,c", "?vs=2026-03-05_2026-03-01", "?areas='; drop", "?theme=pink", "?vs=_",
    ],
)  # fmt: skip
def test_what_is_unreadable_falls_back(link: str) -> None:
    assert read_plan(link, GUSU) == read_plan("", GUSU)


def test_the_window_compared_with(gusu: Profile) -> None:
    march = gusu.window(date(2024, 3, 1), date(2024, 3, 31))
    before = versus_window("before", march)
    assert (before.first, before.last) == (date(2024, 1, 30), date(2024, 2, 29))
    leap = gusu.window(date(2024, 2, 29), date(2024, 3, 1))
    year = versus_window("year", leap)
    assert (year.first, year.last) == (date(2023, 2, 28), date(2023, 3, 1))
    own = versus_window(read_versus("2020-01-01_2020-01-02"), march)
    assert (own.first, own.last) == (date(2020, 1, 1), date(2020, 1, 2))


def test_the_store_holds_the_question_and_no_table(gusu: Profile) -> None:
    state = read_plan("?areas=320508001&band=22-6&vs=year&map=gi&from=2026-01-01&to=2026-01-31", gusu)
    kept = state.store(gusu)
    assert (kept["areas"], kept["band"], kept["vs"], kept["map"]) == (["320508001"], "22-6", "year", "gi")
    assert {key: kept[key] for key in ASKED} == {
        key: value for key, value in state.asked(gusu).items() if key not in ("n", "version")
    }
