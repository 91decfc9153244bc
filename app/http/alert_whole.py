"""An alert with all that belongs to it: who answers, which cameras see it, the plan, its like, its moves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from app.alert_json import alert_json
from geodata import plans
from geodata.commands.accounts import Account
from geodata.plans import Plan
from geodata.profile import Profile
from geodata.queries import alerts
from geodata.queries.alerts import AlertCard
from geodata.queries.cameras_near import seeing
from geodata.queries.responsible import responsible
from geodata.rules.alert_life import MOVERS, open_to_people
from layers import discover

CAMERAS_MOST = 4


def whole(c: Connection, profile: Profile, account: Account, card: AlertCard) -> dict[str, Any]:
    """What a card shows when it opens; a screen is told places and plans, but no posts and nobody's name."""
    screen = account.role == "screen"
    told = alert_json(card) | {
        "outline": card.outline,
        "cameras": cameras(c, profile, account, card.lon, card.lat),
        "plan": plan_json(plans.load_plans().get(card.plan_key or "")),
        "similar": [] if screen else [alert_json(one) for one in alerts.similar(c, card)],
        "moves": [asdict(move) | ({"by": None, "why": None} if screen else {}) for move in card.moves],
        "may": list(open_to_people(card.state)) if account.role in MOVERS else [],
    }
    return told | {"responsible": answering(c, profile, card.lon, card.lat, posts=not screen)}


def cameras(
    c: Connection, profile: Profile, account: Account, lon: float | None, lat: float | None
) -> list[dict[str, Any]]:
    """The best cameras for a point, for an account that may see cameras."""
    if lon is None or lat is None or account.role not in discover()["cameras"].roles:
        return []
    found = seeing(c, profile, lon, lat, limit=CAMERAS_MOST, area=account.area_code)
    return [asdict(camera) for camera in found]


def answering(
    c: Connection, profile: Profile, lon: float | None, lat: float | None, *, posts: bool
) -> dict[str, Any] | None:
    """Who answers for a point; None for what is of no place. Without posts only areas and teams are named."""
    if lon is None or lat is None:
        return None
    told = asdict(responsible(c, profile, lon, lat))
    if not posts:
        told["duty"] = []
        told["chain"] = [step | {"contacts": [], "duty": []} for step in told["chain"]]
    return told


def plan_json(plan: Plan | None) -> dict[str, Any] | None:
    """A plan without its drill's script."""
    if plan is None:
        return None
    return {
        "key": plan.key, "kind": plan.kind, "title": plan.title._asdict(), "about": plan.about._asdict(),
        "roles": [{"key": r.key, "zh": r.title.zh, "en": r.title.en, "team_kind": r.team_kind} for r in plan.roles],
        "checklist": [{"key": x.key, "zh": x.title.zh, "en": x.title.en, "role": x.role, "within_min": x.within_min}
                      for x in plan.checklist],
    }  # fmt: skip
