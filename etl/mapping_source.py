"""Where a mapping comes from: one that is shipped, one saved by name in the store, a TOML file, or its content."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine

from etl.mapping import SHIPPED, Mapping
from etl.table_mapping import TableMapping
from geodata.errors import Refused
from geodata.queries.mappings import saved_mapping, saved_names

Body = dict[str, Any]


def find_mapping(engine: Engine, kind: str, asked: str | Path | Body) -> Body:
    """The mapping of a kind that was asked for, as plain values that its model accepts; Refused says what is wrong.

    A text is the name of a shipped or saved one and never a path, for it may come from a browser.
    """
    if isinstance(asked, Path):
        return checked(kind, asked.name, _from_file(asked))
    if isinstance(asked, str):
        return checked(kind, asked, _shipped(asked) or _saved(engine, kind, asked))
    return checked(kind, str(asked.get("name") or asked.get("origin") or "given"), dict(asked))


def model_of(kind: str) -> type[BaseModel]:
    """What a mapping of a kind looks like."""
    return Mapping if kind == "tickets" else TableMapping


def checked(kind: str, name: str, body: Body) -> Body:
    """The same mapping when it is one of this kind; Refused says where it is not."""
    said = body.get("kind", "tickets")
    if said != kind:
        raise Refused(f"The mapping {name} is one of {said}, not of {kind}.")
    try:
        read = model_of(kind).model_validate(body)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise Refused(f"The mapping {name} is wrong at {where}: {first['msg']}.") from None
    return read.model_dump(mode="json", exclude_none=True)


def shipped_names() -> list[str]:
    """Mappings that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def _shipped(name: str) -> Body | None:
    return _from_file(SHIPPED / f"{name}.toml") if name in shipped_names() else None


def _from_file(path: Path) -> Body:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Refused(f"There is no mapping “{path.name}”; check the name of the file.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Refused(f"The mapping {path.name} cannot be read: {fault}.") from None


def _saved(engine: Engine, kind: str, name: str) -> Body:
    with engine.connect() as connection:
        saved = saved_mapping(connection, name)
        if saved is not None:
            return saved.body
        known = [*shipped_names(), *saved_names(connection, kind)]
    raise Refused(f"There is no mapping “{name}”; use one of {', '.join(known)}, or a .toml file.")
