"""What a made-up sender needs to know of a home: its crowd places and cells, its sensors, tickets to take after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geodata.errors import Refused
from geodata.space.crowd_ground import Ground, Place, ground_of


@dataclass(frozen=True, slots=True)
class CrowdPlaceRow:
    """A crowd place: what it is and holds, its middle (EPSG:4326)."""

    code: str
    kind: str
    capacity_people: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class SensorRow:
    """A sensor with what it read last; None where it never did."""

    code: str
    kind: str
    value: float | None


@dataclass(frozen=True, slots=True)
class TicketLike:
    """A ticket to take after; position in EPSG:4326, None when it has none."""

    category: str
    source: str
    family: str
    title: str | None
    address: str | None
    lon: float | None
    lat: float | None


def crowd_places(c: Connection) -> list[CrowdPlaceRow]:
    """Every crowd place."""
    rows = c.execute(
        text("""select code, kind, capacity_people, ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom))
                from crowd_places order by id""")
    )
    return [CrowdPlaceRow(*row) for row in rows]


def crowd_ground(c: Connection, only: list[str] | None = None) -> Ground:
    """The ground of the district's cells at resolution 11, or of the cells on some places; refused without any."""
    if only is None:
        told = c.execute(text("select cell from hexes where resolution = 11 order by cell")).scalars()
    else:
        told = c.execute(
            text("""select distinct h.cell from hexes h join crowd_places p on p.code = any(:codes)
                        and ST_Intersects(h.geom_3857, ST_Transform(p.geom, 3857))
                    where h.resolution = 11 order by h.cell"""),
            {"codes": only},
        ).scalars()
    cells = np.fromiter(told, np.int64)
    if not len(cells):
        raise Refused("This home has no cells to tell crowds for; ./yiping up with the demo makes them.")
    places = c.execute(
        text("select code, ST_AsBinary(geom) as shape, walkable_share from crowd_places order by id")
    )
    known = [Place(row.code, shapely.from_wkb(bytes(row.shape)), row.walkable_share) for row in places]
    water = c.execute(
        text("select ST_AsBinary(w.geom) from ground_features w where w.theme = 'water' and exists"
             " (select from crowd_places p where ST_Intersects(p.geom, w.geom))")
    ).scalars()  # fmt: skip
    return ground_of(cells, known, [shapely.from_wkb(bytes(shape)) for shape in water])


def sensor_for(c: Connection, told: dict[str, Any]) -> SensorRow:
    """The sensor that a step of a script means: by code, or the nearest healthy one of a kind to a place or point."""
    if "sensor" in told:
        where, order, known = "s.code = :code", "s.id", {"code": told["sensor"]}
    else:
        lon, lat = told["near"] if "near" in told else place_point(c, told["near_place"])
        where, known = "s.kind = :kind", {"kind": told["sensor_kind"], "lon": lon, "lat": lat}
        order = "s.geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), s.id"
    row = c.execute(
        text(f"""select s.code, s.kind, l.value from sensors s left join sensor_latest l on l.sensor_id = s.id
                 where {where} order by s.state in ('silent', 'fault'), {order} limit 1"""),
        known,
    ).one_or_none()
    if row is None:
        raise Refused("The script names a sensor that this home does not have.")
    return SensorRow(*row)


def place_point(c: Connection, name: str) -> tuple[float, float]:
    """Where a place is, by name or by the code of a crowd place; longitude and latitude, EPSG:4326."""
    row = c.execute(
        text("""select ST_X(g), ST_Y(g) from (
                    select ST_Centroid(geom) as g, 0 as rank from crowd_places where code = :name
                    union all select geom, 1 from places where name = :name) x order by rank limit 1"""),
        {"name": name},
    ).one_or_none()
    if row is None:
        raise Refused(f"This home has no place “{name}”, which the script names.")
    return row[0], row[1]


def ticket_likes(c: Connection, limit: int = 4000) -> list[TicketLike]:
    """Some of the newest tickets, of all kinds, to make others after."""
    rows = c.execute(
        text("""select k.code, s.key, t.family::text, t.title, t.address, ST_X(t.geom), ST_Y(t.geom)
                from (select * from tickets where not is_default_point order by received_at desc limit :limit) t
                join categories k on k.id = t.category_id join ticket_sources s on s.id = t.source_id"""),
        {"limit": limit},
    )
    return [TicketLike(*row) for row in rows]


def any_category(c: Connection) -> str | None:
    """The code of a category for tickets of which the script only says that they come."""
    return c.execute(text("select code from categories order by parent_id is null, id limit 1")).scalar()


def first_sensor(c: Connection) -> SensorRow:
    """The first sensor by code, for a series of which nobody said whose it is."""
    row = c.execute(
        text("""select s.code, s.kind, l.value from sensors s left join sensor_latest l on l.sensor_id = s.id
                order by s.code limit 1""")
    ).one_or_none()
    if row is None:
        raise Refused("This home has no sensor yet that could tell a series.")
    return SensorRow(*row)
