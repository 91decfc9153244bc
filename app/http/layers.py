"""The list of overlays an account may see, with all a map needs to draw them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from geodata.errors import Denied, NotFound
from geodata.profile import Profile
from geodata.queries import freshness
from geodata.queries.sources import Classed, OpenAlerts, People, Raster
from layers import discover, of
from layers.base import Layer

AS_OF = {
    "crowd": "crowd",
    "sensors": "sensors",
    "cameras": "cameras",
    "coverage": "coverage",
    "tickets": "tickets",
    "ticket_heat": "tickets",
    "significance": "tickets",
    "emerging": "tickets",
    "road_density": "tickets",
    "comparison": "tickets",
}

router = APIRouter(tags=["layers"])


@router.get("/api/layers", summary="Overlays of the map")
def layers(c: Reading, house: TheHouse) -> dict[str, Any]:
    """Overlays from the lowest to the highest, each with title, legend, attribution and how new its data is."""
    as_of = freshness.data_as_of(c)
    role = required_account().role
    return {
        "layers": [_described(layer, as_of) for layer in of(house.profile).values() if role in layer.roles]
    }


def layer_for_reader(key: str, profile: Profile | None = None) -> Layer:
    """An overlay by key, if the account that asks may see it; fitted to a district when its profile is given."""
    layer = (of(profile) if profile else discover()).get(key)
    if layer is None:
        raise NotFound(f"There is no layer “{key[:60]}”; /api/layers lists them.")
    if required_account().role not in layer.roles:
        raise Denied(f"Your role may not see the layer “{key}”.")
    return layer


def _described(layer: Layer, as_of: dict[str, Any]) -> dict[str, Any]:
    source = layer.source
    raster, whole = isinstance(source, Raster), isinstance(source, OpenAlerts | Classed)
    return {
        "key": layer.key,
        "title": layer.title._asdict(),
        "kind": layer.kind,
        "unit": layer.unit._asdict() if layer.unit else None,
        "palette": list(layer.palette),
        "attribution": layer.attribution._asdict(),
        "min_zoom": source.min_zoom,
        "cluster_below_zoom": getattr(source, "cluster_below_zoom", 0),
        "refresh_s": layer.refresh_s,
        "order": layer.order,
        "as_of": as_of.get(AS_OF.get(layer.key, "areas")),
        "url": f"/raster/{layer.key}/{{z}}/{{x}}/{{y}}.png"
        if raster
        else None
        if whole
        else f"/tiles/{layer.key}/{{z}}/{{x}}/{{y}}.mvt",
        "features": _features(layer),
    }


def _features(layer: Layer) -> str | None:
    """Where the rows of a layer are had whole: at its own door, or with those of all layers."""
    if isinstance(layer.source, Classed):
        return layer.source.door
    return None if isinstance(layer.source, Raster | People) else f"/api/layers/{layer.key}/features"
