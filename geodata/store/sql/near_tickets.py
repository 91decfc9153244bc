"""The index by which a map finds tickets by place and time, in the place of a tree of boxes that knew no time."""

from __future__ import annotations

NEAR = """create index ix_tickets_near on tickets (hex_r10, received_at)
    include (id, number, category_id, state, area_id, geom_3857)
    where location_quality in ('given', 'address', 'road', 'landmark') and not is_default_point"""


def create() -> tuple[str, ...]:
    """Statements that put it there."""
    return "drop index ix_tickets_geom_3857", NEAR


def drop() -> tuple[str, ...]:
    """Statements that bring back what was there."""
    return "drop index ix_tickets_near", "create index ix_tickets_geom_3857 on tickets using gist (geom_3857)"
