"""Mappings: the shipped ones hold, and a mistake is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.mapping import SHIPPED, load_mapping
from geodata.errors import Refused

PLAIN = """
origin = "there"
dates = ["%Y-%m-%d"]
[columns]
number = "no"
received = "in"
[state]
column = "state"
values = { open = "handling" }
[source]
value = "mail"
[category]
scheme = "theirs"
columns = ["kind"]
[family]
value = "service"
"""


def mapped(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_sound(path: Path) -> None:
    mapping = load_mapping(path.stem)
    assert mapping.used["number"]
    assert mapping.columns.lon


def test_columns_are_told_under_our_names(tmp_path: Path) -> None:
    used = load_mapping(str(mapped(tmp_path, PLAIN))).used
    assert used == {"number": "no", "received": "in", "category_0": "kind", "state": "state"}


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("handling", "asleep", "no state “asleep”"),
        ('value = "service"', 'value = "people"', "no family “people”"),
        ("[columns]", '[columns]\ncolour = "c"', "columns.colour"),
        ("[columns]", '[columns]\nlon = "x"', "lon and lat"),
        ('origin = "there"', "", "origin"),
        ('origin = "there"', 'origin = "there"\ntime_zone = "Mars/Base"', "time zone"),
        ('origin = "there"', 'origin = "there"\ncrs = "EPSG:0"', "CRS"),
        ('columns = ["kind"]', 'columns = ["a", "b", "c", "d"]', "category.columns"),
        ('value = "mail"', 'value = "mail"\ncolumn = "c"', "source"),
        ("[state]", "[state", "cannot be read"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, word: str) -> None:
    with pytest.raises(Refused, match=word.replace(".", r"\.")):
        load_mapping(str(mapped(tmp_path, PLAIN.replace(before, after, 1))))


def test_an_unknown_mapping_is_told_which_there_are() -> None:
    with pytest.raises(Refused, match="new_york_311"):
        load_mapping("atlantis")
