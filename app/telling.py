"""Tells other systems what happened: what waits is worded here, signed and sent by geodata.commands.webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from app.alert_json import alert_json
from geodata.commands import webhooks
from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.queries import alerts
from geodata.store.db import transaction
from geodata.store.notices import Happening
from geodata.store.settings import Settings

EVERY_S = 1.0


def tell_others(engine: Engine, profile: Profile, settings: Settings) -> int:
    """Put what happened in line and send what is due; gives how many messages were taken."""
    hosts = settings.webhook_hosts.split(",")
    with transaction(engine) as c:
        webhooks.queue(c)

    def compose(c: Connection, happening: Happening) -> Mapping[str, Any]:
        return worded(c, profile, happening)

    return webhooks.send_due(engine, compose, hosts)


def worded(c: Connection, profile: Profile, happening: Happening) -> dict[str, Any]:
    """A happening as another system reads it; of an alert also how it stands, in words of both languages."""
    told: dict[str, Any] = {
        "id": happening.id, "at": happening.at, "kind": happening.kind, "move": happening.move,
        "subject_id": happening.subject_id, "area_code": happening.area_code, "body": happening.body,
        "district": profile.code,
    }  # fmt: skip
    if happening.kind == "alert" and happening.subject_id is not None:
        try:
            told["alert"] = alert_json(alerts.alert(c, profile, happening.subject_id))
        except NotFound:
            told["alert"] = None
    return told
