"""Server-sent events as bytes (HTML Living Standard, 9.2)."""

from __future__ import annotations

from typing import Any

import orjson


def as_event(kind: str, data: Any, *, number: int | None = None) -> bytes:
    """One event; `number` lets a browser say where it stopped."""
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {kind}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
