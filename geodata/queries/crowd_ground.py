"""The ground under a crowd grid as the tables tell it; made once a grid, for it takes a moment."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.space.crowd_ground import Ground, Place, ground_of
from geodata.space.hexes import Cells, centres


def cells_of(c: Connection, grid_id: int) -> Cells:
    """The cells of a grid, ascending."""
    body = c.execute(text("select cells from crowd_grids where id = :id"), {"id": grid_id}).scalar_one()
    return np.frombuffer(bytes(body), "<i8").astype(np.int64)


def ground(c: Connection, grid_id: int) -> Ground:
    """Areas, walkable shares, places and neighbours of a grid's cells."""
    cells = cells_of(c, grid_id)
    places = [
        Place(row.code, shapely.from_wkb(bytes(row.shape)), row.walkable_share)
        for row in c.execute(
            text("select code, ST_AsBinary(geom) as shape, walkable_share from crowd_places order by id")
        )
    ]
    water = c.execute(text("select ST_AsBinary(geom) from ground_features where theme = 'water'")).scalars()
    return ground_of(cells, places, [shapely.from_wkb(bytes(shape)) for shape in water])


def inside(c: Connection, profile: Profile, area: str, cells: Cells) -> NDArray[np.bool_]:
    """Which cells have their centre in an area of the district's own scheme as it is today."""
    shape = c.execute(
        text("""select ST_AsBinary(ST_Union(geom)) from areas where scheme = :scheme and code = :code
                and valid_from <= :today and (valid_to is null or valid_to > :today)"""),
        {"scheme": profile.scheme, "code": area, "today": profile.today()},
    ).scalar()
    if shape is None:
        return np.zeros(len(cells), np.bool_)
    lon, lat = centres(cells)
    return np.asarray(shapely.contains_xy(shapely.from_wkb(bytes(shape)), lon, lat), np.bool_)
