"""One thing by kind and key, read and made into its card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from dash import html
from sqlalchemy import Connection

from app.components import cards
from app.http.layers import layer_for_reader
from app.http.tickets import within_scope
from app.terms import Terms
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries import cameras, heritage, sensors, tickets

WEEK = timedelta(days=7)


def read_card(
    c: Connection, profile: Profile, terms: Terms, kind: str, key: str, *, now: datetime
) -> html.Article:
    """The card of a ticket, camera, sensor or protected object; denied to roles and areas that may not see it."""
    if kind not in KINDS:
        raise BadArgument("card", f"There is no card of the kind “{kind[:40]}”.")
    layer, read = KINDS[kind]
    layer_for_reader(layer)
    return read(c, profile, terms, key, now)


def _ticket(c: Connection, profile: Profile, terms: Terms, key: str, _: datetime) -> html.Article:
    found = tickets.card(c, key)
    within_scope(c, found.ticket.area_code)
    return cards.ticket_card(terms, profile.zone, found)


def _camera(c: Connection, profile: Profile, terms: Terms, key: str, now: datetime) -> html.Article:
    found = cameras.card(c, key)
    within_scope(c, found.area_code)
    return cards.camera_card(terms, profile.zone, now, found)


def _sensor(c: Connection, profile: Profile, terms: Terms, key: str, now: datetime) -> html.Article:
    found = sensors.card(c, key)
    within_scope(c, found.area_code)
    readings = sensors.readings(c, key, found.at or now, WEEK)
    return cards.sensor_card(terms, profile.zone, now, found, readings)


def _heritage(c: Connection, _: Profile, terms: Terms, key: str, __: datetime) -> html.Article:
    return cards.heritage_card(terms, heritage.card(c, key))


KINDS: dict[str, tuple[str, Callable[[Connection, Profile, Terms, str, datetime], html.Article]]] = {
    "ticket": ("tickets", _ticket),
    "camera": ("cameras", _camera),
    "sensor": ("sensors", _sensor),
    "heritage": ("heritage", _heritage),
}
