"""How a character sounds, without tones and with the pairs that typists mix up taken as one (zh z, ang an …)."""

from __future__ import annotations

from functools import cache

INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@cache
def syllable(character: str) -> str:
    """The commonest reading of a character; the character itself when it has none."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 - a second to load, and most processes locate nothing

    said = pinyin(character, style=Style.NORMAL)[0][0]
    for long, short in INITIALS:
        if said.startswith(long):
            said = short + said.removeprefix(long)
    for long, short in FINALS:
        if said.endswith(long):
            said = said.removesuffix(long) + short
    return said


def syllables(text: str) -> tuple[str, ...]:
    """The sounds of a text, one a character."""
    return tuple(map(syllable, text))
