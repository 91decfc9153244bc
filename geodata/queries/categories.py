"""The responsibility list: its trees, and the way from a category up to the top."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.errors import BadArgument


@dataclass(frozen=True, slots=True)
class Category:
    """One entry; level 1 is the top of its tree."""

    id: int
    scheme: str
    code: str
    name: str
    name_en: str | None
    level: int
    parent_id: int | None


def tree(c: Connection) -> list[Category]:
    """All categories, scheme by scheme, each before those below it."""
    rows = c.execute(
        text(
            "select id, scheme, code, name, name_en, level, parent_id from categories order by scheme, level, code"
        )
    )
    return [Category(*row) for row in rows]


def paths(entries: list[Category]) -> dict[int, tuple[Category, ...]]:
    """For each category the way from the top down to itself, by key."""
    found: dict[int, tuple[Category, ...]] = {}
    for entry in sorted(entries, key=lambda entry: entry.level):
        found[entry.id] = (*found.get(entry.parent_id or 0, ()), entry)
    return found


def codes_of(entries: list[Category], word: str) -> tuple[str, ...]:
    """The codes of the categories that a person means by a code or a name in either language; refused when none."""
    wanted = word.strip()
    by_code = [entry.code for entry in entries if entry.code == wanted]
    named = [
        entry.code for entry in entries if wanted.casefold() in (entry.name, (entry.name_en or "").casefold())
    ]
    if not wanted or not (by_code or named):
        raise BadArgument("category", f"There is no category with the code or name “{word[:60]}”.")
    return tuple(sorted(set(by_code or named)))


def names_by_scheme(c: Connection) -> dict[str, set[str]]:
    """The names of all categories, by the scheme they belong to."""
    found: dict[str, set[str]] = {}
    for scheme, name in c.execute(text("select scheme, name from categories")):
        found.setdefault(scheme, set()).add(name)
    return found
