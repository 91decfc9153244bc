"""The doors for files: `./yiping load boundaries` and `./yiping load tickets` call these."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from etl.boundaries import Boundaries, Wish
from etl.mapping import load_mapping
from etl.pipeline import Order, run
from etl.quality import Report
from etl.tickets import Tickets
from geodata.profile import Profile

MAX_REJECTED_PERCENT = 5.0


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
    scheme = scheme or profile.scheme
    if scheme == profile.scheme:
        profile.level(level)  # Refused when there is none
    wish = Wish(scheme, level, name_field, code_field, valid_from, partial)

    options = {
        "level": level, "scheme": scheme, "name_field": name_field, "code_field": code_field,
        "valid_from": valid_from.isoformat() if valid_from else None, "partial": partial, "max_rejected_percent": max_rejected_percent,
    }  # fmt: skip
    return run(
        engine,
        profile,
        Order("boundaries", file, options, max_rejected_percent, dry_run),
        lambda desk: Boundaries(desk, wish),
    )


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
    read = load_mapping(mapping)

    options = {"mapping": mapping, "origin": read.origin, "max_rejected_percent": max_rejected_percent}
    return run(
        engine,
        profile,
        Order("tickets", file, options, max_rejected_percent, dry_run),
        lambda desk: Tickets(desk, read),
    )
