"""Loads as tests ask for them: boundaries and tickets through the one door, with few words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from etl.loading import MAX_REJECTED_PERCENT, LoadOptions, load
from etl.quality import Report
from geodata.profile import Profile


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
