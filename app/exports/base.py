"""What a kind of export is: a value with a function that makes the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.exports.matter import Matter
from geodata.types import Bilingual


@dataclass(frozen=True, slots=True)
class Export:
    """One kind of file; `make` gives its bytes, `suffix` is the end of its name without the dot."""

    key: str
    title: Bilingual
    media_type: str
    make: Callable[[Matter], bytes]

    @property
    def suffix(self) -> str:
        """The end of the file's name; the key says it."""
        return self.key
