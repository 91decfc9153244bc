"""Webhooks over HTTP, for administrators: which systems are told, and adding or removing one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from app.http.alerts import key
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.incidents import Body
from geodata.commands import webhooks
from geodata.errors import Denied
from geodata.store.db import transaction

router = APIRouter(tags=["webhooks"])


class NewHook(Body):
    """A system to tell; no kinds means all."""

    name: str = Field(max_length=60)
    url: str = Field(max_length=500)
    kinds: list[str] = Field(default_factory=list, max_length=20)


@router.get("/api/webhooks", summary="Systems that are told")
def listed(c: Reading) -> dict[str, Any]:
    """All of them, with what waits and what was given up."""
    _admin()
    return {"webhooks": [asdict(hook) for hook in webhooks.list_webhooks(c)]}


@router.post("/api/webhooks", summary="Tell another system")
def add(house: TheHouse, asked: NewHook) -> dict[str, Any]:
    """Gives the secret of the signature, this once."""
    _admin()
    hosts = house.settings.webhook_hosts.split(",")
    with transaction(house.engine) as c:
        made, secret = webhooks.register(c, asked.name, asked.url, hosts=hosts, kinds=asked.kinds)
    return {"id": made, "secret": secret}


@router.delete("/api/webhooks/{webhook_id}", summary="Tell a system no more")
def remove(house: TheHouse, webhook_id: int) -> dict[str, Any]:
    """Forget a system and what waited for it."""
    _admin()
    with transaction(house.engine) as c:
        webhooks.remove(c, key(webhook_id))
    return {"id": webhook_id}


def _admin() -> None:
    if required_account().role != "admin":
        raise Denied("Only administrators may do this.")
