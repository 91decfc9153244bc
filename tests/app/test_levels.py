"""A level is told by colour, by shape and by word, each different from the other levels."""

from __future__ import annotations

import re

import pytest

from app.components.levels import OUTLINES, mark
from app.components.markup import markup
from app.terms import Terms
from geodata.types import LEVELS, Level


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_levels_share_shape_or_word(language: str) -> None:
    drawn = [markup(mark(Terms("en" if language == "en" else "zh"), level)) for level in LEVELS]
    words = [re.findall(r'level-word">([^<]+)<', each)[0] for each in drawn]
    outlines = [re.findall(r' d="([^"]+)"', each)[0] for each in drawn]
    assert len(set(words)) == len(set(outlines)) == len(LEVELS)


@pytest.mark.parametrize("level", [*LEVELS, None])
def test_without_its_word_a_level_still_says_it(level: Level | None) -> None:
    drawn = markup(mark(Terms("zh"), level, word=False))
    said = Terms("zh")(f"alert_level.{level or 'normal'}")
    assert f'aria-label="{said}"' in drawn
    assert f'title="{said}"' in drawn
    assert OUTLINES[level or "normal"] in drawn
