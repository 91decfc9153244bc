"""The composition root of the web: one ASGI application of HTTP doors and Dash pages.

A web worker calls `create()`; it reads the settings from the environment. Tests call `create_app` with their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from dash import Dash
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.types import ASGIApp

import app.http
import app.pages
from app.http.foresight import Foresight
from app.lifeline import end_worker_with_server
from app.pages.entrance import entrance
from app.pages.fragments import ROUTERS
from app.pages.index import shell_of
from app.setup import home_profile
from geodata.cube import shelf
from geodata.profile import Profile
from geodata.store.db import database_url, make_engine
from geodata.store.settings import CHECKOUT, Settings

THREADS = 12  # each may hold one connection and ask for a second: together no more than the engine gives
OWN = {"/data": "data/data-page"}  # a script and a style sheet that one page alone fetches


def create() -> ASGIApp:
    """Make the application of this process from the environment."""
    end_worker_with_server()
    settings = Settings()
    engine = make_engine(database_url(settings))
    return app.http.with_tiles_below(create_app(settings, engine, home_profile(settings, engine)))


@asynccontextmanager
async def _living(api: FastAPI) -> AsyncIterator[None]:
    """Bound what works at a time while the process lives, look ahead, and let its connections go at the end."""
    current_default_thread_limiter().total_tokens = THREADS
    ahead = Foresight(api.state.house)
    ahead.begin()
    yield
    ahead.stop.set()
    api.state.house.close()


def create_app(settings: Settings, engine: Engine, profile: Profile) -> FastAPI:
    """Wire doors and pages to one database."""
    api = FastAPI(
        title="Yiping 一屏", version="0.1.0", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json",
        lifespan=_living,
    )  # fmt: skip
    shelf.put_up(engine, settings.cubes)
    app.http.install(api, engine, profile, settings)
    for router in (entrance(profile.language), *ROUTERS):
        api.include_router(router)
    pages = Dash(
        __name__,
        server=api,  # type: ignore[arg-type]
        assets_folder=str(CHECKOUT / "app" / "assets"),
        assets_ignore=r"^(hls\.light\.min\.js|standing\.js|data-page\.(js|css))$",  # each is asked for by what needs it
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title="",
        title="Yiping 一屏",
        eager_loading=False,
    )
    pages.backend._setup_catchall = lambda: None  # type: ignore[attr-defined]  # noqa: SLF001 - an unknown path is 404 here, not a page
    app.pages.install(pages, engine, profile, settings)
    for path in app.pages.PATHS:
        api.add_api_route(
            path,
            shell_of(pages, with_grid=path in ("/planning", "/data"), own=OWN.get(path, "")),
            include_in_schema=False,
        )
    return api
