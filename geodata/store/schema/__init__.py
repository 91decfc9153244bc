"""Every table, by subject; seen only by queries, commands, the cube and the migrations."""

from __future__ import annotations

from geodata.store.schema.accounts import accounts, api_tokens, sessions
from geodata.store.schema.alerts import (
    alert_moves,
    alerts,
    incident_attachments,
    incident_checks,
    incident_moves,
    incident_notes,
    incident_people,
    incidents,
)
from geodata.store.schema.areas import area_ancestors, areas
from geodata.store.schema.base import metadata
from geodata.store.schema.categories import categories, category_crosswalk
from geodata.store.schema.crowd import (
    buildings,
    camera_openings,
    camera_streams,
    coverage_gaps,
    crowd_grids,
    crowd_places,
    crowd_series,
    crowd_ticks,
)
from geodata.store.schema.cube import ticket_changes
from geodata.store.schema.devices import cameras, readings, sensor_latest, sensors
from geodata.store.schema.feeds import (
    drill_readings,
    drill_tickets,
    feed_counts,
    feed_tokens,
    feeds,
    intake,
    readings_hourly,
    retention_policies,
)
from geodata.store.schema.ground import ground_features, heritage_objects, places, roads
from geodata.store.schema.loads import facts, load_findings, load_undo, loads
from geodata.store.schema.mappings import saved_mappings
from geodata.store.schema.planning import jobs, saved_questions, shapes
from geodata.store.schema.residents import area_residents
from geodata.store.schema.response import (
    contacts,
    dispatches,
    drills,
    duty_changes,
    duty_shifts,
    happenings,
    shift_log,
    teams,
    webhook_deliveries,
    webhooks,
)
from geodata.store.schema.rules import escalation_waits, maintenance_windows, thresholds, watches
from geodata.store.schema.sensorthings import (
    sta_datastreams,
    sta_features,
    sta_historical_at,
    sta_historical_locations,
    sta_locations,
    sta_observations,
    sta_observed_properties,
    sta_sensors,
    sta_thing_locations,
    sta_things,
)
from geodata.store.schema.tickets import hexes, ticket_events, ticket_sources, tickets, units
from geodata.store.schema.uploads import uploads

__all__ = [
    "accounts",
    "alert_moves",
    "alerts",
    "api_tokens",
    "area_ancestors",
    "area_residents",
    "areas",
    "buildings",
    "camera_openings",
    "camera_streams",
    "cameras",
    "categories",
    "category_crosswalk",
    "contacts",
    "coverage_gaps",
    "crowd_grids",
    "crowd_places",
    "crowd_series",
    "crowd_ticks",
    "dispatches",
    "drill_readings",
    "drill_tickets",
    "drills",
    "duty_changes",
    "duty_shifts",
    "escalation_waits",
    "facts",
    "feed_counts",
    "feed_tokens",
    "feeds",
    "ground_features",
    "happenings",
    "heritage_objects",
    "hexes",
    "incident_attachments",
    "incident_checks",
    "incident_moves",
    "incident_notes",
    "incident_people",
    "incidents",
    "intake",
    "jobs",
    "load_findings",
    "load_undo",
    "loads",
    "maintenance_windows",
    "metadata",
    "places",
    "readings",
    "readings_hourly",
    "retention_policies",
    "roads",
    "saved_mappings",
    "saved_questions",
    "sensor_latest",
    "sensors",
    "sessions",
    "shapes",
    "shift_log",
    "sta_datastreams",
    "sta_features",
    "sta_historical_at",
    "sta_historical_locations",
    "sta_locations",
    "sta_observations",
    "sta_observed_properties",
    "sta_sensors",
    "sta_thing_locations",
    "sta_things",
    "teams",
    "thresholds",
    "ticket_changes",
    "ticket_events",
    "ticket_sources",
    "tickets",
    "units",
    "uploads",
    "watches",
    "webhook_deliveries",
    "webhooks",
]
