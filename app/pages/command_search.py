"""What the search box found: areas, places, streets, heritage, tickets, cameras and sensors."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component
from sqlalchemy import Connection

from app.components import states
from app.components.actions import act, aria
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.queries.search import KINDS, Hit, search
from layers import discover

MOST = 12
LAYER_OF = {"ticket": "tickets", "camera": "cameras", "sensor": "sensors", "heritage": "heritage"}


def look_up(c: Connection, profile: Profile, account: Account, text: str) -> list[Hit]:
    """What the account may find by these words."""
    layers = discover()
    kinds = tuple(
        kind for kind in KINDS if kind not in LAYER_OF or account.role in layers[LAYER_OF[kind]].roles
    )
    return search(c, profile, text, MOST, area=account.area_code, kinds=kinds)


def found(terms: Terms, text: str, hits: Sequence[Hit]) -> Component:
    """The list below the box."""
    if not hits:
        return states.empty(terms("search.none", text=text), terms("search.none_hint"))
    return html.Ul([html.Li(_hit(terms, hit)) for hit in hits])


def _hit(terms: Terms, hit: Hit) -> html.Button:
    box = ",".join(f"{edge:.6f}" for edge in hit.bbox) if hit.bbox else None
    about = act("fly", kind=hit.kind, code=hit.code, lon=hit.lon, lat=hit.lat, bbox=box)
    inner = [
        html.Span(terms.either("kind", hit.kind), className="hit-kind"),
        html.Span(terms.pick(hit.title, hit.title_en), className="hit-title"),
        html.Span(_subtitle(terms, hit), className="hit-more"),
    ]
    return html.Button(
        inner, className="hit-row", role="option", tabIndex=-1, **about, **aria(selected="false")
    )


def _subtitle(terms: Terms, hit: Hit) -> str:
    group = {"area": "level", "camera": "camera_state", "sensor": "sensor_state", "road": "road_class"}.get(
        hit.kind
    )
    return terms.either(group, hit.subtitle) if group and hit.subtitle else hit.subtitle or ""
