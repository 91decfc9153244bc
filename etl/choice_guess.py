"""What is likely of a file that nobody described yet: its kind, which column is what, of which level its areas are."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Engine

from etl.choice import columns_of
from etl.fields import guess_fields
from etl.formats.base import Raw, Source
from etl.headers import find_columns
from etl.kinds import discover, kind_of
from etl.kinds.base import KindOf
from etl.mapping_source import find_mapping
from etl.suggest import suggest
from geodata.errors import FileRefused
from geodata.profile import Profile
from geodata.queries.categories import tree
from geodata.queries.uploads import level_of_codes

Fields = dict[str, Any]
AREAS, LINES, POINTS = (3, 6), (1, 5), (0, 4)  # shapely's type ids
FORM = {**dict.fromkeys(AREAS, "area"), **dict.fromkeys(LINES, "line"), **dict.fromkeys(POINTS, "point")}
HEAD_ROWS = 500
DOUBT = 70.0  # a header that is no surer explains nothing
SHAPED, MISSED = 5.0, 0.5


def fitting(head: Raw) -> list[str]:
    """Kinds that a file may be of: its shapes are what the kind has; points may also stand in columns."""
    form = form_of(head)
    return [
        key for key, kind in discover().items()
        if kind.shape in (form, "none") or (kind.shape == "point" and form is None)
    ]  # fmt: skip


def form_of(head: Raw) -> str | None:
    """What most of the shapes are: point, line or area; None of a table."""
    if head.shapes is None:
        return None
    of = Counter(FORM.get(one, "area") for one in shapely.get_type_id(head.shapes).tolist() if one >= 0)
    return of.most_common(1)[0][0] if of else None


def proposed(engine: Engine, profile: Profile, source: Source, head: Raw, choice: Fields) -> Fields:
    """The choice with what is still open filled by what is likely."""
    kinds = fitting(head)
    chosen: Fields = {
        "layer": source.layer,
        "header_row": source.header_row,
        "encoding": None,
        "crs": None,
    } | choice
    chosen["kind"] = choice.get("kind") if choice.get("kind") in kinds else likely_kind(head, kinds)
    named = choice.get("mapping_name")
    if named and not choice.get("mapping"):
        body = find_mapping(engine, chosen["kind"], named)
        return chosen | {"mapping": body, "columns": columns_of(chosen["kind"], body)}
    if choice.get("columns") is None and chosen["kind"]:
        chosen |= _columns(engine, profile, source, head.table.head(HEAD_ROWS), chosen)
    return chosen


def likely_kind(head: Raw, kinds: list[str]) -> str | None:
    """The kind whose fields the headers name best."""
    table = head.table.head(HEAD_ROWS)
    table = table.loc[:, ~table.columns.duplicated()]
    form = form_of(head)
    return max(kinds, key=lambda key: _named(kind_of(key), table, form), default=None)


def _named(kind: KindOf, table: pd.DataFrame, form: str | None) -> float:
    """How many columns a kind explains, each as far as its header is sure; what is required and missing takes away."""
    shaped = SHAPED if form and kind.shape == form else 0.0
    if not kind.mapped:
        return shaped
    hits = find_columns(kind, table)
    missing = sum(one.required and one.name not in hits for one in kind.fields)
    return shaped + sum((hit.score - DOUBT) / (100 - DOUBT) for hit in hits.values()) - MISSED * missing


def _columns(engine: Engine, profile: Profile, source: Source, table: pd.DataFrame, chosen: Fields) -> Fields:
    kind = kind_of(chosen["kind"])
    if kind.key == "boundaries":
        return _of_boundaries(engine, profile, table)
    if not kind.mapped:
        return {"columns": {}, "mapping": None}
    name = str(chosen.get("file_name") or "source")
    found = suggest(profile, kind, source, table, file_name=name, schemes=_schemes(engine))
    return {"columns": columns_of(kind.key, found.body), "mapping": found.body}


def _schemes(engine: Engine) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    with engine.connect() as connection:
        for category in tree(connection):
            names.setdefault(category.scheme, set()).add(category.name)
    return names


def _of_boundaries(engine: Engine, profile: Profile, table: pd.DataFrame) -> Fields:
    try:
        name, code = guess_fields(table, None, None)
    except FileRefused:
        return {"columns": {}, "mapping": None, "options": {}}
    codes = table[code].dropna().astype(str).str.strip().tolist()
    with engine.connect() as connection:
        level = level_of_codes(connection, profile.scheme, codes)
    return {"columns": {"code": [code], "name": [name]}, "mapping": None, "options": {"level": level}}
