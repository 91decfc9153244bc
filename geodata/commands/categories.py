"""Finding, and where asked making, the categories, channels and units that an outside export names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

Path = tuple[str, ...]


def categories_by_path(
    connection: Connection, scheme: str, paths: Iterable[Path], *, create: bool
) -> dict[Path, int]:
    """Keys of categories by their names (or codes) from the top down; with `create` the missing ones are made."""
    wanted = sorted(set(paths), key=lambda path: (len(path), path))
    known = _known(connection, scheme)
    if create:
        steps = sorted(
            {path[:n] for path in wanted for n in range(1, len(path) + 1)}, key=lambda path: (len(path), path)
        )
        for step in steps:
            if step not in known:
                known[step] = _make(connection, scheme, step, known)
    return {path: known[path] for path in wanted if path in known}


def _known(connection: Connection, scheme: str) -> dict[Path, int]:
    statement = "select id, parent_id, code, name from categories where scheme = :scheme order by level, id"
    rows = connection.execute(text(statement), {"scheme": scheme}).all()
    names: dict[int, Path] = {}
    for key, parent, _, name in rows:
        names[key] = (*names.get(parent, ()), name)
    by_code: dict[Path, int] = {(code,): key for key, _, code, _ in rows}
    return by_code | {path: key for key, path in names.items()}  # a name at the top goes before a code


def _make(connection: Connection, scheme: str, path: Path, known: dict[Path, int]) -> int:
    parent = known.get(path[:-1])
    listed = connection.execute(
        text("select id, code from categories where scheme = :s"), {"s": scheme}
    ).all()
    codes: dict[int | None, str] = {row.id: row.code for row in listed}
    values = {
        "scheme": scheme,
        "code": _code(path[-1], codes.get(parent), set(codes.values())),
        "parent": parent,
    }
    statement = """
        insert into categories (scheme, code, name, parent_id, level)
        values (:scheme, :code, :name, :parent, :level)
        returning id"""
    return int(
        connection.execute(text(statement), {**values, "name": path[-1], "level": len(path)}).scalar_one()
    )


def _code(name: str, parent: str | None, taken: set[str]) -> str:
    # A child's code begins with its parent's; names that differ in signs only get a number behind.
    plain = re.sub(r"\W+", "-", name.lower()).strip("-") or "x"
    code = f"{parent}/{plain}" if parent else plain
    number = 1
    while (free := code if number == 1 else f"{code}-{number}") in taken:
        number += 1
    return free


def sources_by_name(connection: Connection, names: Iterable[str], *, create: bool) -> dict[str, int]:
    """Keys of the channels by key or name; with `create` the missing ones are made."""
    make = "insert into ticket_sources (key, name) values (:name, :name) returning id"
    known = _by_either(connection, "select id, key, name from ticket_sources")
    return _with_missing(connection, known, [(name, name) for name in names], make if create else None)


def units_by_name(
    connection: Connection, units: Iterable[tuple[str, str]], *, kind: str, create: bool
) -> dict[str, int]:
    """Keys of the units that handle tickets by code or name, from (code, name); with `create` missing ones are made."""
    make = "insert into units (code, name, kind) values (:code, :name, :kind) returning id"
    known = _by_either(connection, "select id, code, name from units")
    return _with_missing(connection, known, units, make if create else None, kind=kind)


def _by_either(connection: Connection, statement: str) -> dict[str, int]:
    known: dict[str, int] = {}
    for key, code, name in connection.execute(text(statement + " order by id")).all():
        known.setdefault(name, key)
        known[code] = key
    return known


def _with_missing(
    connection: Connection,
    known: dict[str, int],
    wanted: Iterable[Sequence[str]],
    make: str | None,
    **more: str,
) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, name in sorted({(code, name) for code, name in wanted}):
        key = known.get(code, known.get(name))
        if key is None and make:
            key = int(connection.execute(text(make), {"code": code, "name": name, **more}).scalar_one())
            known[code] = known[name] = key
        if key is not None:
            found[code] = found[name] = key
    return found
