"""Pieces of pages that the browser asks for again by itself when something happened: GET /fragments/…, as HTML."""

from __future__ import annotations

from fastapi import APIRouter

from app.pages import (
    admin,
    command_fragments,
    data_fragments,
    inbox,
    planning_fragments,
    shift,
    wall_fragments,
)

ROUTERS: tuple[APIRouter, ...] = (
    wall_fragments.router,
    command_fragments.router,
    inbox.router,
    admin.router,
    shift.router,
    planning_fragments.router,
    data_fragments.router,
)
