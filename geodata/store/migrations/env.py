"""Run by Alembic: what the tables should be, and which are not its business."""

from __future__ import annotations

import re
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, pool

from geodata.store.schema import metadata


def ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out PostGIS' own tables and the partitions of readings."""
    if (
        kind == "table"
        and name
        and (name == "spatial_ref_sys" or re.fullmatch(r"readings_(other|\d{4}_\d\d)", name))
    ):
        return False
    return bool(alembic_helpers.include_object(item, name, kind, reflected, compare_to))  # type: ignore[no-untyped-call]


def run() -> None:
    """Run the migrations in one transaction."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=metadata, include_object=ours,
            process_revision_directives=alembic_helpers.writer, render_item=alembic_helpers.render_item,
            compare_type=True,
        )  # fmt: skip
        with context.begin_transaction():
            context.run_migrations()


run()
