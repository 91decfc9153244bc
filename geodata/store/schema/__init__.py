"""Every table, by subject; seen only by queries, commands, the cube and the migrations."""

from __future__ import annotations

from geodata.store.schema.accounts import accounts, api_tokens, sessions
from geodata.store.schema.areas import area_ancestors, areas
from geodata.store.schema.base import metadata
from geodata.store.schema.categories import categories, category_crosswalk
from geodata.store.schema.devices import cameras, readings, sensor_latest, sensors
from geodata.store.schema.ground import ground_features, heritage_objects, places, roads
from geodata.store.schema.loads import facts, load_findings, loads
from geodata.store.schema.tickets import hexes, ticket_events, ticket_sources, tickets, units

__all__ = [
    "accounts", "api_tokens", "area_ancestors", "areas", "cameras", "categories", "category_crosswalk",
    "facts", "ground_features", "heritage_objects", "hexes", "load_findings", "loads", "metadata", "places",
    "readings", "roads", "sensor_latest", "sensors", "sessions", "ticket_events", "ticket_sources", "tickets",
    "units",
]  # fmt: skip
