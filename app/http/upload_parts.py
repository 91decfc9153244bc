"""What a person may say of a file that was sent, checked against what was found in it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from geodata.errors import BadArgument
from geodata.queries.uploads import Upload
from geodata.space.crs import known_crs

STEPS = ("file", "columns", "place", "check")
AGAIN = ("kind", "layer", "header_row", "encoding", "mapping_name")
Fields = dict[str, Any]


class Choice(BaseModel):
    """What a file is and how it is to be loaded; only what is said changes."""

    model_config = ConfigDict(extra="forbid")

    kind: str | None = Field(default=None, max_length=40)
    layer: str | None = Field(default=None, max_length=300)
    header_row: int | None = Field(default=None, ge=1, le=1000)
    encoding: str | None = Field(default=None, max_length=40)
    crs: str | None = Field(default=None, max_length=200)
    options: dict[str, str | bool | None] | None = Field(default=None, max_length=20)
    columns: dict[str, list[str]] | None = Field(default=None, max_length=60)
    drop: bool | None = None
    mapping_name: str | None = Field(default=None, max_length=100)
    confirmed: str | None = Field(default=None, max_length=20)


def merged(it: Upload, asked: Choice) -> tuple[Fields, bool, bool]:
    """The new choice; whether the file must be looked at again; whether a dry run before no longer counts."""
    if it.looked is None:
        raise BadArgument("number", "This file was not looked at yet.")
    said = asked.model_dump(exclude_unset=True)
    _check(it.looked, said)
    before = it.choice
    options = (before.get("options") or {}) | (said.pop("options", None) or {})
    choice = before | said | {"options": options}
    different = [key for key in choice if key != "confirmed" and choice.get(key) != before.get(key)]
    again = any(key in AGAIN for key in different) or _elsewhere(before, choice)
    if any(key in ("kind", "layer", "header_row", "mapping_name") for key in different):
        choice |= {"columns": None, "mapping": None}
    if "kind" in different:
        choice |= {"options": {}}
    if again and "confirmed" not in said:
        choice["confirmed"] = None
    return choice, again, bool(different)


def _elsewhere(before: Fields, choice: Fields) -> bool:
    """Whether the columns of the coordinates are others than those looked at."""
    old, new = before.get("columns") or {}, choice.get("columns") or {}
    return any((old.get(name) or []) != (new.get(name) or []) for name in ("lon", "lat"))


def _check(looked: Fields, said: Fields) -> None:
    names = {column["name"] for column in looked.get("columns") or []}
    unknown = {one for listed in (said.get("columns") or {}).values() for one in listed} - names
    if unknown:
        raise BadArgument("columns", f"The file has no column “{min(unknown)[:60]}”.")
    if said.get("kind") is not None and said["kind"] not in {kind["key"] for kind in looked["kinds"]}:
        raise BadArgument("kind", "This file cannot be loaded as that.")
    if said.get("layer") is not None and said["layer"] not in looked["layers"]:
        raise BadArgument("layer", "The file has no such layer or sheet.")
    if said.get("crs") and known_crs(said["crs"]) is None:
        raise BadArgument(
            "crs", f"There is no coordinate system “{said['crs'][:60]}”; try EPSG:4549 or GCJ-02."
        )
    if said.get("confirmed") is not None and said["confirmed"] not in STEPS:
        raise BadArgument("confirmed", f"confirmed must be one of {', '.join(STEPS)}.")
