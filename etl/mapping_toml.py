"""A mapping as TOML text, for a person to correct."""

from __future__ import annotations

import json
import re
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(body: dict[str, Any]) -> str:
    """Plain values and lists first, then each table with its own."""
    return "\n".join(_table(body, ())).strip() + "\n"


def _table(body: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in body.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in body.items() if isinstance(value, dict)}
    head = ["", f"[{'.'.join(map(_key, path))}]"] if path and (plain or not tables) else []
    found = [*head, *(f"{_key(key)} = {_value(value)}" for key, value in plain.items())]
    for key, value in tables.items():
        found += _table(value, (*path, key))
    return found


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
