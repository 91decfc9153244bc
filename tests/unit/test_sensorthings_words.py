"""The filter language: what binds how, and what makes no sense."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from geodata.errors import BadArgument
from geodata.queries.sensorthings.options import read_options
from geodata.queries.sensorthings.words import parse


def test_and_binds_before_or_and_comparison_before_both() -> None:
    assert parse("a eq 1 or b gt 2 and c lt 3") == (
        "or",
        ("eq", ("path", ["a"]), ("value", 1)),
        ("and", ("gt", ("path", ["b"]), ("value", 2)), ("lt", ("path", ["c"]), ("value", 3))),
    )


def test_reckoning_binds_before_comparison_and_goes_from_left() -> None:
    assert parse("result sub 1 sub 2 mul 3 ge 0")[1] == (
        "sub", ("sub", ("path", ["result"]), ("value", 1)), ("mul", ("value", 2), ("value", 3)),
    )  # fmt: skip


def test_words_of_every_sort() -> None:
    tree = parse("name eq 'it''s' and resultTime ge 2026-11-22T04:00:00Z and not (x eq -1.5)")
    assert tree[1][1] == ("eq", ("path", ["name"]), ("value", "it's"))
    assert tree[1][2][2] == ("value", datetime(2026, 11, 22, 4, tzinfo=UTC))
    assert tree[2] == ("not", ("eq", ("path", ["x"]), ("minus", ("value", 1.5))))
    assert parse("st_within(location, geography'POINT (1 2)')") == (
        "call", "st_within", [("path", ["location"]), ("geometry", "POINT (1 2)")],
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "a eq", "eq 1", "a eq 1 1", "(a eq 1", "f(1", "a eq 'x", "a ; drop table", "(" * 200]
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadArgument):
        parse(text)


@given(st.text(max_size=60))
def test_any_text_is_a_tree_or_refused(text: str) -> None:
    with contextlib.suppress(BadArgument):
        assert parse(text)


def test_expansions_nest_by_bracket_and_by_path() -> None:
    options = read_options(
        {
            "$expand": "Datastreams($top=1;$expand=Observations($orderby=phenomenonTime desc)),Locations/Things",
            "$top": "5000",
        }
    )
    assert options.top == 1000
    assert options.expand["Datastreams"].top == 1
    assert options.expand["Datastreams"].expand["Observations"].orderby == (("phenomenonTime", True),)
    assert "Things" in options.expand["Locations"].expand


@pytest.mark.parametrize(
    "told", [{"$top": "-1"}, {"$skip": "x"}, {"$orderby": "a up"}, {"$expand": "A(x)"}, {"colour": "red"}]
)
def test_options_that_mean_nothing_are_refused_by_name(told: dict[str, str]) -> None:
    with pytest.raises(BadArgument) as refused:
        read_options(told)
    assert refused.value.name
