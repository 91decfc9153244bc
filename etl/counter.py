"""The counter of the command line: load a file as asked, suggest and save mappings, hand out templates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from etl.formats import open_file
from etl.formats.base import Opening, Raw, Source
from etl.intake import take_in
from etl.kinds import discover, kind_of
from etl.kinds.base import LoadOptions
from etl.loading import load
from etl.mapping_source import checked, find_mapping, shipped_names
from etl.mapping_toml import as_toml
from etl.quality import Ledger, LoadRefused, Report
from etl.report_sheet import write_report_sheet
from etl.suggest import Suggestion, suggest
from etl.templates import template
from etl.where import doubted, probable
from geodata.commands.mappings import save_mapping
from geodata.errors import BadArgument, Refused
from geodata.profile import Profile
from geodata.queries.categories import names_by_scheme
from geodata.queries.evidence import Evidence, evidence
from geodata.space.crs import STORED
from geodata.store.db import transaction

Asked = dict[str, Any]


def kinds() -> list[str]:
    """Every kind by key."""
    return list(discover())


def load_file(engine: Engine, profile: Profile, kind: str, file: Path, asked: Asked) -> Report:
    """Load a file as asked at the command line. Raises Refused; LoadRefused carries the report."""
    options, sheet = _options(asked), asked.get("sheet_out")
    if asked.get("save_as") and options.mapping is not None:
        save(engine, kind, asked["save_as"], find_mapping(engine, kind, options.mapping))
    try:
        report = load(engine, profile, kind, file, options, dry_run=bool(asked.get("dry_run")))
    except LoadRefused as refusal:
        if sheet:
            write_report_sheet(refusal.report, file, sheet, opening=options.opening, drop=options.drop)
        raise
    if sheet:
        write_report_sheet(report, file, sheet, opening=options.opening, drop=options.drop)
    return report


def suggestion(engine: Engine, profile: Profile, kind: str, file: Path, asked: Asked) -> Suggestion:
    """A first mapping for a file; saved by name when that is asked."""
    source = open_file(take_in(file), _options(asked).opening)
    names = tuple(name for name in dict.fromkeys(source.columns) if source.columns.count(name) == 1)
    first: Raw | None = next(iter(source.rows(names, Ledger())), None)
    head = first.table if first else pd.DataFrame(columns=list(names))
    with engine.connect() as connection:
        schemes = names_by_scheme(connection)
        known = evidence(connection, profile)
    found = suggest(profile, kind_of(kind), source, head, file_name=file.name, schemes=schemes)
    found = _placed(found, source, first, known)
    if asked.get("save_as"):
        save(engine, kind, asked["save_as"], found.body)
    return found


def _placed(found: Suggestion, source: Source, first: Raw | None, known: Evidence) -> Suggestion:
    """The same with the CRS that coordinates surely are in, where that is not what the file says."""
    columns = found.body.get("columns", {})
    if first is None or first.shapes is not None or not {"lon", "lat"} <= columns.keys():
        return found
    names = [
        columns[field] if isinstance(columns[field], str) else columns[field][0] for field in ("lon", "lat")
    ]
    x, y = (pd.to_numeric(first.table[name], errors="coerce").to_numpy(float) for name in names)
    said = source.crs or STORED
    where = probable(x, y, said, known)
    if not doubted(where, said):
        return found
    note = f"Coordinates look like {where.crs} ({where.confidence:.0%} sure): {where.why}"
    return replace(found, body=_with_crs(found.body, where.crs or said), notes=(note,))


def _with_crs(body: Asked, crs: str) -> Asked:
    """Before the tables, as TOML wants it."""
    plain = {key: value for key, value in body.items() if not isinstance(value, dict)}
    return plain | {"crs": crs} | {key: value for key, value in body.items() if isinstance(value, dict)}


def told(found: Suggestion) -> str:
    """A suggestion as TOML, with what could not be told as comments."""
    notes = [f"# {note}" for note in found.notes]
    notes += [f"# Required and not found: {name}" for name in found.missing]
    notes += [f"# Holds persons and is dropped: {name}" for name in found.personal]
    notes += [f"# Not known in {field}: {', '.join(words)}" for field, words in found.unknown.items()]
    return "\n".join([*notes, as_toml(found.body)])


def save(engine: Engine, kind: str, name: str, body: Asked) -> None:
    """Save a mapping under a name that no shipped one has."""
    if name in shipped_names():
        raise BadArgument("name", f"“{name}” is a mapping that comes with Yiping; choose another name.")
    with transaction(engine) as connection:
        save_mapping(connection, name, kind, checked(kind, name, body), None)


def write_template(kind: str, file: Path, language: str) -> None:
    """Write an empty template in the form that the file's name ends in."""
    body = template(kind, file.suffix.lstrip(".").casefold(), language)
    try:
        file.write_bytes(body)
    except OSError as fault:
        raise Refused(f"The template {file.name} cannot be written: {fault.strerror or fault}.") from None


def _options(asked: Asked) -> LoadOptions:
    mapping = asked.get("mapping")
    return LoadOptions(
        crs=asked.get("crs"),
        opening=Opening(asked.get("layer"), asked.get("header_row"), asked.get("encoding")),
        mapping=Path(mapping) if mapping and mapping.endswith(".toml") else mapping,
        max_rejected_percent=asked.get("max_rejected", 5.0),
        told={key: value for key, value in asked.get("told", {}).items() if value is not None},
        drop=tuple(asked.get("drop") or ()),
        rasters=asked.get("rasters"),
    )
