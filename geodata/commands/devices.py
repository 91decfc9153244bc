"""Writing rosters of cameras and sensors, each put into the area it stands in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from geodata.commands.registers import Register, Row, Written, write_register

CAMERAS = Register(
    "cameras",
    (
        "name",
        "kind",
        "state",
        "heading_deg",
        "field_of_view_deg",
        "range_m",
        "installed_on",
        "area_id",
        "geom",
    ),
    otherwise={"kind": "dome", "state": "silent"},  # of which nothing was heard
)
SENSORS = Register(
    "sensors",
    (
        "name",
        "kind",
        "unit",
        "state",
        "interval_s",
        "notice_at",
        "watch_at",
        "warning_at",
        "danger_at",
        "area_id",
        "geom",
    ),
    otherwise={"state": "silent"},
)


class Address(NamedTuple):
    """Where a camera's pictures come from; holds credentials and is never printed."""

    code: str
    kind: str
    url: str

    def __repr__(self) -> str:
        return f"Address({self.code}, {self.kind})"


def write_cameras(
    c: Connection, rows: Sequence[Row], *, told: Collection[str], load_id: int | None
) -> Written:
    """Write cameras: code, then the columns of CAMERAS in order."""
    return write_register(c, CAMERAS, rows, told={*told, "area_id", "geom"}, load_id=load_id)


def write_sensors(
    c: Connection, rows: Sequence[Row], *, told: Collection[str], load_id: int | None
) -> Written:
    """Write sensors: code, then the columns of SENSORS in order."""
    return write_register(c, SENSORS, rows, told={*told, "area_id", "geom"}, load_id=load_id)


def set_addresses(c: Connection, addresses: Sequence[Address]) -> list[int]:
    """Say where the pictures of cameras come from, checked before; gives the keys of cameras that had another."""
    if not addresses:
        return []
    statement = """
        with told as (
            select k.id, a.kind, a.url
            from unnest(cast(:codes as text[]), cast(:kinds as text[]), cast(:urls as text[])) a (code, kind, url)
            join cameras k on k.code = a.code
        ), drawn as (
            delete from camera_streams s using told where s.camera_id = told.id and s.kind = 'drawn'
        )
        insert into camera_streams as s (camera_id, kind, url)
        select id, kind, url from told
        on conflict (camera_id, kind) do update set url = excluded.url where s.url is distinct from excluded.url
        returning camera_id"""
    told = {
        "codes": [one.code for one in addresses],
        "kinds": [one.kind for one in addresses],
        "urls": [one.url for one in addresses],
    }
    return sorted(set(c.execute(text(statement), told).scalars()))
