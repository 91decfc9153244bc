"""What a person chooses of a file, turned into the options of a load; and what is proposed before anyone chose."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Engine

from etl.fields import guess_fields
from etl.formats.base import Opening, Raw, Source
from etl.kinds import discover, kind_of
from etl.kinds.base import LoadOptions
from geodata.errors import FileRefused
from geodata.profile import Profile
from geodata.queries.uploads import level_of_codes

Fields = dict[str, Any]
Columns = dict[str, list[str]]
PLAIN = ("number", "received", "due", "closed", "lon", "lat", "description", "address", "outcome", "area")
CHOSEN = ("state", "source", "family", "unit", "quality")


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
    rasters = folder.parent.parent / "rasters"
    return LoadOptions(choice.get("crs") or None, opening_of(choice), mapping, told=told, rasters=rasters)


def with_columns(kind: str, mapping: Fields, columns: Columns) -> Fields:
    """A mapping that reads these columns; what words mean stays."""
    if kind != "tickets":
        return mapping | {"columns": {field: names for field, names in columns.items() if names}}
    plain = {field: columns[field][0] for field in PLAIN if columns.get(field)}
    body = mapping | {"columns": plain | {"title": columns.get("title", [])}}
    if columns.get("category"):
        body["category"] = body.get("category", {}) | {"columns": columns["category"][:3]}
    for field in CHOSEN:
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


def proposed(engine: Engine, profile: Profile, source: Source, head: Raw, choice: Fields) -> Fields:
    """The choice with what is still open filled by what is likely."""
    kinds = fitting(source)
    chosen: Fields = {
        "layer": source.layer,
        "header_row": source.header_row,
        "encoding": None,
        "crs": None,
    } | choice
    chosen["kind"] = choice.get("kind") if choice.get("kind") in kinds else _likely_kind(head, kinds)
    if choice.get("columns") is None or choice.get("kind") != chosen["kind"]:
        chosen |= _likely_columns(engine, profile, chosen["kind"], head.table)
    return chosen


def fitting(source: Source) -> list[str]:
    """Kinds that a file may be of: areas and lines need shapes, points may be columns."""
    return [key for key, kind in discover().items() if source.has_shapes or kind.shape in ("none", "point")]


def _likely_kind(head: Raw, kinds: list[str]) -> str | None:
    if head.shapes is None:
        return "tickets" if "tickets" in kinds else next(iter(kinds), None)
    of = Counter(shapely.get_type_id(head.shapes[~shapely.is_missing(head.shapes)]).tolist())
    common = of.most_common(1)[0][0] if of else -1
    likely = {3: "boundaries", 6: "boundaries", 1: "roads", 5: "roads"}.get(common, "places")
    return likely if likely in kinds else next(iter(kinds), None)


def _likely_columns(engine: Engine, profile: Profile, kind: str | None, table: pd.DataFrame) -> Fields:
    if kind != "boundaries":
        return {"columns": {}, "mapping": None, "options": {}}
    try:
        name, code = guess_fields(table, None, None)
    except FileRefused:
        return {"columns": {}, "mapping": None, "options": {}}
    codes = table[code].dropna().astype(str).str.strip().tolist()
    with engine.connect() as connection:
        level = level_of_codes(connection, profile.scheme, codes)
    return {"columns": {"code": [code], "name": [name]}, "mapping": None, "options": {"level": level}}
