"""Every word a user reads, by key and language; the words themselves stand in terms.toml and terms.*.toml.

A key is `group.name`. Values are put in with braces: `terms("list.pages", page=2, pages=9)`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from geodata.types import Bilingual

Language = Literal["zh", "en"]
FILES = "terms*.toml"


@cache
def all_terms() -> dict[str, Bilingual]:
    """All files together, flattened to `group.name`; read once, when first asked."""
    found: dict[str, Bilingual] = {}
    for file in sorted(Path(__file__).parent.glob(FILES)):
        told = _flat(tomllib.loads(file.read_text("utf-8")))
        if twice := found.keys() & told.keys():
            raise ValueError(f"{file.name} says again what another file says: {sorted(twice)}")
        found |= told
    return found


def _flat(groups: dict[str, dict[str, dict[str, str]]]) -> dict[str, Bilingual]:
    return {
        f"{group}.{name}": Bilingual(**both)
        for group, names in groups.items()
        for name, both in names.items()
    }


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of one language."""

    language: Language = "zh"

    def __call__(self, key: str, /, **values: object) -> str:
        """A term that must exist, with its values put in."""
        return all_terms()[key].in_(self.language).format(**values)

    def either(self, group: str, name: str) -> str:
        """A term of an open list, or the name itself where the list does not know it."""
        both = all_terms().get(f"{group}.{name}")
        return both.in_(self.language) if both else name

    def pick(self, zh: str, en: str | None) -> str:
        """A name from the data: the English one for an English reader where there is one."""
        return en if self.language == "en" and en else zh


def language_of(text: str | None) -> Language:
    """`en` for anything English, Chinese for all else."""
    return "en" if (text or "").lower().startswith("en") else "zh"
