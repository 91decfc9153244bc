"""The doors of the product: what a browser or a program may ask over HTTP."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp

from app.http import (
    alerts,
    areas,
    cameras,
    crowd,
    dispatches,
    drills,
    events,
    exports,
    features,
    feeds,
    health,
    heat,
    hotspot_cells,
    hotspots,
    incidents,
    ingest,
    jobs,
    layers,
    loads,
    planning,
    questions,
    raster,
    roster,
    search,
    sensorthings,
    shapes,
    shift,
    sign_in,
    thresholds,
    tickets,
    tiles,
    uploads,
    webhooks,
)
from app.http.compress import Compress
from app.http.guard import Guard
from app.http.headers import Headers
from app.http.house import House
from app.http.hub import Hub
from app.http.problems import install_problems
from app.http.throttle import Throttle
from app.http.tile_door import TileDoor
from app.http.version import version_of_code
from geodata.profile import Profile
from geodata.store.settings import Settings

DOORS = (
    health,
    sign_in,
    events,
    areas,
    cameras,
    layers,
    features,
    heat,
    hotspot_cells,
    hotspots,
    search,
    tiles,
    raster,
    tickets,
    alerts,
    crowd,
    incidents,
    dispatches,
    drills,
    shift,
    roster,
    thresholds,
    ingest,
    feeds,
    sensorthings,
    webhooks,
    planning,
    shapes,
    questions,
    jobs,
    exports,
    uploads,
    loads,
)


def install(app: FastAPI, engine: Engine, profile: Profile, settings: Settings) -> None:
    """Give an application its doors, guarded, with problem documents, headers and compression."""
    house = House(engine, profile, settings)
    app.state.house = house
    app.state.throttle = Throttle()
    app.state.hub = Hub(engine)
    app.state.version = version_of_code()
    install_problems(app)
    for door in DOORS:
        app.include_router(door.router)
    app.add_middleware(Guard, house=house)
    app.add_middleware(Headers)
    app.add_middleware(Compress)


def with_tiles_below(app: FastAPI) -> ASGIApp:
    """The application behind the door that answers tiles without it."""
    return TileDoor(app, app.state.house)
