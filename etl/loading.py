"""The one door for files: the command line and the worker load every kind through `load`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from etl.kinds import kind_of
from etl.kinds.base import MAX_REJECTED_PERCENT, KindOf, LoadOptions
from etl.mapping_source import find_mapping
from etl.pipeline import Desk, Kind, Order, run
from etl.quality import Report
from geodata.profile import Profile

__all__ = ["MAX_REJECTED_PERCENT", "LoadOptions", "load", "load_boundaries", "load_tickets"]


def load(
    engine: Engine,
    profile: Profile,
    kind: str,
    file: Path,
    options: LoadOptions,
    *,
    dry_run: bool = False,
    heard: Callable[[int], None] | None = None,
) -> Report:
    """Load a file of a kind, or tell what it would do; `heard` is told the rows read so far.

    Raises Refused; LoadRefused when the file was opened.
    """
    found = kind_of(kind)
    found.check(profile, options)
    if found.take:
        return found.take(engine, profile, file, options, dry_run)
    if found.mapped and options.mapping is not None:
        options = replace(options, mapping=find_mapping(engine, found.key, options.mapping))
    order = Order(
        found.key, file, options.booked(), options.max_rejected_percent, dry_run, options.crs, options.opening
    )
    order = replace(order, drop=_dropped(options), heard=heard or order.heard)
    return run(engine, profile, order, lambda desk: _opened(found, desk, options))


def _dropped(options: LoadOptions) -> tuple[str, ...]:
    mapped = options.mapping.get("drop", []) if isinstance(options.mapping, dict) else []
    return (*options.drop, *mapped)


def _opened(found: KindOf, desk: Desk, options: LoadOptions) -> Kind:
    if found.open is None:
        raise LookupError(f"the kind {found.key} says neither how it is opened nor how it is taken whole")
    return found.open(desk, options)


def load_boundaries(
    engine: Engine,
    profile: Profile,
    file: Path,
    *,
    level: str,
    name_field: str | None = None,
    code_field: str | None = None,
    scheme: str | None = None,
    valid_from: date | None = None,
    partial: bool = False,
    max_rejected_percent: float = MAX_REJECTED_PERCENT,
    dry_run: bool = False,
) -> Report:
    """Load the areas of one level; unless `partial`, areas that the file leaves out end. Raises Refused."""
    told = {
        "level": level, "scheme": scheme or profile.scheme, "name_field": name_field, "code_field": code_field,
        "valid_from": valid_from, "partial": partial,
    }  # fmt: skip
    options = LoadOptions(told=told, max_rejected_percent=max_rejected_percent)
    return load(engine, profile, "boundaries", file, options, dry_run=dry_run)


def load_tickets(
    engine: Engine,
    profile: Profile,
    file: Path,
    *,
    mapping: str,
    max_rejected_percent: float = MAX_REJECTED_PERCENT,
    dry_run: bool = False,
) -> Report:
    """Load tickets by a shipped mapping or the path of one's own. Raises Refused."""
    named = Path(mapping) if mapping.endswith(".toml") else mapping
    options = LoadOptions(mapping=named, max_rejected_percent=max_rejected_percent)
    return load(engine, profile, "tickets", file, options, dry_run=dry_run)
