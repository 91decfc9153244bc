"""What the made-up senders take from a home: tokens of its feeds, its crowd places, the demo's seed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection

from etl.feeds.crowd_model import CrowdModel, PlaceLoad
from etl.feeds.script import Script
from geodata.commands.feeds import make_feed_token, of_feed_token
from geodata.plans import Play
from geodata.profile import Profile
from geodata.queries import simulated
from geodata.queries.simulated import SensorRow

KEPT = "feed-tokens.json"


def tokens(c: Connection, folder: Path, keys: list[str]) -> dict[str, str]:
    """A token for each feed: the one kept from last time while it holds, else a new one, kept readable to us only."""
    file = folder / KEPT
    known: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    for key in keys:
        feed = of_feed_token(c, known[key]) if key in known else None
        if feed is None or feed.key != key:
            known[key] = make_feed_token(c, key)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(json.dumps(known), "utf-8")
    return {key: known[key] for key in keys}


def crowd_model(c: Connection, profile: Profile, seed: int, only: list[str] | None = None) -> CrowdModel:
    """The model over the whole district, or over the cells of some places."""
    places = [PlaceLoad(row.code, row.kind, row.capacity_people) for row in simulated.crowd_places(c)]
    return CrowdModel(simulated.crowd_ground(c, only), places, seed, profile.zone)


def script_sensors(c: Connection, script: Script) -> list[tuple[SensorRow, list[Play]]]:
    """The sensors that a script speaks for, each with its steps; one that several steps describe alike is one."""
    found: dict[str, tuple[SensorRow, list[Play]]] = {}
    for play in script.of_feed("readings"):
        sensor = simulated.sensor_for(c, dict(play.told))
        found.setdefault(sensor.code, (sensor, []))[1].append(play)
    return list(found.values())


def script_points(c: Connection, script: Script) -> Mapping[str, tuple[float, float]]:
    """Where the places are that a script's tickets name, EPSG:4326."""
    plays = script.of_feed("tickets")
    names = {play.told[key] for play in plays for key in ("place", "near_place") if key in play.told}
    return {name: simulated.place_point(c, name) for name in names}
