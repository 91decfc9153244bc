"""A kind of file is one file in etl/kinds, found by itself, and says what people need to know of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl import kinds
from etl.headers import synonyms
from etl.kinds import discover
from etl.quality import WORDS
from geodata.errors import Refused

FOLDER = Path(kinds.__file__).parent
KINDS = discover()


def test_every_file_is_a_kind_of_its_own_name() -> None:
    files = {file.stem for file in FOLDER.glob("*.py")} - {"__init__", "base"}
    assert set(KINDS) == files
    assert {
        "boundaries",
        "roads",
        "places",
        "tickets",
        "cameras",
        "sensors",
        "heritage",
        "people",
        "raster",
    } <= files


@pytest.mark.parametrize("key", KINDS)
def test_a_kind_speaks_both_languages_and_can_be_opened(key: str) -> None:
    kind = KINDS[key]
    titles = [
        kind.title,
        *(x for f in kind.fields for x in (f.title, f.what, *f.words.values())),
        *(o.title for o in kind.options),
    ]
    assert all(title.zh and title.en for title in titles)
    assert (kind.open is None) != (kind.take is None)
    assert key in WORDS, "the report names it"


def test_synonyms_are_of_fields_that_there_are() -> None:
    known = synonyms()
    for key, fields in known.items():
        if key not in ("any", "words"):
            there = {field.name for field in KINDS[key].fields} | {"category_2", "category_3"}
            assert set(fields) <= there, key
    for key, fields in known["words"].items():
        for name, words in fields.items():
            assert set(words) <= set(KINDS[key].field(name).words), (key, name)


def test_an_unknown_kind_is_told_which_there_are() -> None:
    with pytest.raises(Refused, match=r"no kind of file “ships”; there are: boundaries, cameras"):
        kinds.kind_of("ships")
