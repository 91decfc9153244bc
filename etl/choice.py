"""What a person chooses of a file, turned into the options of a load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etl.formats.base import Opening
from etl.kinds import kind_of
from etl.kinds.base import LoadOptions

Fields = dict[str, Any]
Columns = dict[str, list[str]]
PLAIN = ("number", "received", "due", "closed", "lon", "lat", "description", "address", "outcome", "area")
CHOSEN = ("state", "source", "family", "unit", "quality")
ALWAYS: Fields = {
    "state": {"value": "received"},
    "source": None,
    "family": {"value": "service"},
}  # without a column


def opening_of(choice: Fields) -> Opening:
    """Which part of the file is meant."""
    row = choice.get("header_row")
    return Opening(choice.get("layer"), int(row) if row else None, choice.get("encoding"))


def options_of(choice: Fields, folder: Path) -> LoadOptions:
    """The options of a load of what was chosen; `folder` is where the file lies."""
    kind, columns = choice["kind"], _listed(choice.get("columns") or {})
    told = {key: value for key, value in (choice.get("options") or {}).items() if value not in (None, "")}
    mapping: Any = choice.get("mapping")
    if not kind_of(kind).mapped:
        told |= {f"{field}_field": names[0] for field, names in columns.items() if names}
        mapping = None
    elif isinstance(mapping, dict):
        mapping = with_columns(kind, mapping, columns)
    drop = tuple(choice.get("personal") or ()) if choice.get("drop") else ()
    return LoadOptions(
        choice.get("crs") or None,
        opening_of(choice),
        mapping,
        told=told,
        drop=drop,
        rasters=folder.parent.parent / "rasters",
    )


def with_columns(kind: str, mapping: Fields, columns: Columns) -> Fields:
    """A mapping that reads these columns; what words mean stays."""
    if kind != "tickets":
        return mapping | {"columns": {field: names for field, names in columns.items() if names}}
    plain = {field: columns[field][0] for field in PLAIN if columns.get(field)}
    body = mapping | {"columns": plain | {"title": columns.get("title", [])}}
    if columns.get("category"):
        body["category"] = body.get("category", {}) | {"columns": columns["category"][:3]}
    for field in CHOSEN:
        if not columns.get(field) and "column" in (body.get(field) or {}):
            body.pop(field)
            body |= (
                {field: ALWAYS[field] or {"value": body["origin"], "create": True}} if field in ALWAYS else {}
            )
        if columns.get(field):
            said = {key: value for key, value in (body.get(field) or {}).items() if key != "value"}
            body[field] = said | {"column": columns[field][0]}
    return body


def columns_of(kind: str, mapping: Fields) -> Columns:
    """The columns that a mapping reads, by field."""
    told = _listed(mapping.get("columns") or {})
    if kind != "tickets":
        return told
    told |= {"category": (mapping.get("category") or {}).get("columns", [])}
    for field in CHOSEN:
        column = (mapping.get(field) or {}).get("column")
        told |= {field: [column]} if column else {}
    return {field: names for field, names in told.items() if names}


def _listed(columns: Fields) -> Columns:
    return {
        field: [names] if isinstance(names, str) else list(names or []) for field, names in columns.items()
    }
