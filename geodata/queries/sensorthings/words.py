"""The filter language of SensorThings (OData 4.0, part 2, section 5.1.1) as a tree: pure, no tables.

A tree is a tuple: ("or"|"and", a, b) · ("not", a) · ("eq"|"ne"|"lt"|"le"|"gt"|"ge"|"add"|"sub"|"mul"|"div"|"mod", a, b) ·
("minus", a) · ("call", name, [args]) · ("path", [names]) · ("value", python value) · ("geometry", WKT).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from geodata.errors import BadArgument

Tree = tuple[Any, ...]
LONGEST = 4_000
TOKEN = re.compile(
    r"""\s*(?:
      (?P<geo>geo(?:graphy|metry)'(?P<wkt>[^']*)')
    | (?P<text>'(?:[^']|'')*')
    | (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[@A-Za-z_][\w.@]*(?:/[@A-Za-z_][\w.@-]*)*)
    | (?P<mark>[(),-])
    )""",
    re.VERBOSE,
)
BINDING = {
    "or": 1,
    "and": 2,
    "eq": 3,
    "ne": 3,
    "lt": 4,
    "le": 4,
    "gt": 4,
    "ge": 4,
    "add": 5,
    "sub": 5,
    "mul": 6,
    "div": 6,
    "mod": 6,
}
CONSTANTS = {"true": True, "false": False, "null": None}
DEEPEST = 60


def parse(text: str) -> Tree:
    """The tree of a filter; refused with the place where it stops making sense."""
    if len(text) > LONGEST:
        raise BadArgument("$filter", f"The filter is longer than {LONGEST} characters.")
    words = _Words(text)
    tree = _expression(words, 0, 0)
    if words.kind:
        raise words.lost()
    return tree


class _Words:
    """The tokens of a text, one at a time."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.kind: str | None = None
        self.said = ""
        self.next()

    def next(self) -> None:
        """Go on to the next token."""
        if not self.text[self.at :].strip():
            self.kind, self.said = None, ""
            return
        found = TOKEN.match(self.text, self.at)
        if not found:
            raise self.lost()
        self.at = found.end()
        self.kind = next(
            k for k in ("geo", "text", "time", "date", "number", "name", "mark") if found[k] is not None
        )
        self.said = found["wkt"] if self.kind == "geo" else found[self.kind]

    def take(self, mark: str) -> None:
        """Go past a mark that must stand here."""
        if self.kind != "mark" or self.said != mark:
            raise self.lost()
        self.next()

    def lost(self) -> BadArgument:
        """Where the filter stops making sense."""
        return BadArgument(
            "$filter", f"The filter makes no sense near “{self.text[max(0, self.at - 15) : self.at + 15]}”."
        )


def _expression(words: _Words, least: int, depth: int) -> Tree:
    if depth > DEEPEST:
        raise BadArgument("$filter", "The filter is nested too deeply.")
    left = _operand(words, depth)
    while words.kind == "name" and (binding := BINDING.get(words.said, -1)) > least:
        word = words.said
        words.next()
        left = (word, left, _expression(words, binding, depth + 1))
    return left


def _operand(words: _Words, depth: int) -> Tree:
    kind, said = words.kind, words.said
    if kind == "mark" and said == "(":
        words.next()
        inner = _expression(words, 0, depth + 1)
        words.take(")")
        return inner
    if kind == "mark" and said == "-":
        words.next()
        return ("minus", _operand(words, depth + 1))
    if kind == "name":
        return _named(words, depth)
    if kind is None or kind == "mark":
        raise words.lost()
    words.next()
    return ("geometry", said) if kind == "geo" else ("value", _literal(kind, said))


def _named(words: _Words, depth: int) -> Tree:
    said = words.said
    words.next()
    if said == "not":
        return ("not", _expression(words, BINDING["and"], depth + 1))
    if words.kind == "mark" and words.said == "(":
        return ("call", said, _arguments(words, depth))
    if said in CONSTANTS:
        return ("value", CONSTANTS[said])
    return ("path", said.split("/"))


def _arguments(words: _Words, depth: int) -> list[Tree]:
    words.take("(")
    found: list[Tree] = []
    while not (words.kind == "mark" and words.said == ")"):
        if found:
            words.take(",")
        found.append(_expression(words, 0, depth + 1))
    words.take(")")
    return found


def _literal(kind: str, said: str) -> Any:
    if kind == "text":
        return said[1:-1].replace("''", "'")
    if kind == "number":
        return float(said) if any(x in said for x in ".eE") else int(said)
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise BadArgument("$filter", f"“{said}” is no time.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
