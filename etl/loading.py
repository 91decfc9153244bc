"""The one door for files: the command line and the worker load every kind through `load`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from etl.kinds import kind_of
from etl.kinds.base import MAX_REJECTED_PERCENT, KindOf, LoadOptions
from etl.mapping_source import find_mapping
from etl.pipeline import Desk, Kind, Order, run
from etl.quality import Report
from geodata.profile import Profile

__all__ = ["MAX_REJECTED_PERCENT", "LoadOptions", "load"]


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
