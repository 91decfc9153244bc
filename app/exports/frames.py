"""Areas and hexagons of a question as tables with geometry, EPSG:4326."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.exports.matter import Matter
from app.exports.words import about, notes, title
from geodata.queries.base_map import outlines
from geodata.space.hexes import areas_m2, as_text, outlines as cell_outlines

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame


def area_frame(matter: Matter) -> GeoDataFrame:
    """The ranked areas; a hidden count is null and `hidden` says so."""
    import geopandas as gpd  # noqa: PLC0415 - a second that no start should wait for
    import pandas as pd  # noqa: PLC0415

    rows = matter.ranking.rows
    shapes = outlines(matter.c, matter.profile, matter.level, matter.q.window.last)
    whole = {
        name: pd.array([getattr(row, name) for row in rows], dtype="Int64")
        for name in ("count", "before", "due")
    }
    parts = {
        name: np.array([getattr(row, name) for row in rows], float)
        for name in (
            "change_pct",
            "per_km2",
            "per_1000",
            "on_time_rate",
            "response_median_h",
            "share",
            "area_km2",
        )
    }
    named = {
        "code": [row.code for row in rows],
        "name": [row.name_zh for row in rows],
        "name_en": [row.name_en for row in rows],
    }
    told = {"hidden": [row.hidden for row in rows], "before_hidden": [row.before_hidden for row in rows]}
    return gpd.GeoDataFrame(
        named | whole | parts | told, geometry=[shapes.get(row.code) for row in rows], crs="EPSG:4326"
    )


def cell_frame(matter: Matter) -> GeoDataFrame:
    """The hexagons; a hidden count is null and `hidden` says so."""
    import geopandas as gpd  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    found = matter.cells
    counts = pd.array(found.counts, dtype="Int64")
    counts[found.hidden] = pd.NA
    return gpd.GeoDataFrame(
        {
            "cell": [as_text(int(cell)) for cell in found.cells],
            "count": counts,
            "hidden": found.hidden,
            "area_km2": areas_m2(found.cells) / 1e6,
        },
        geometry=cell_outlines(found.cells),
        crs="EPSG:4326",
    )


def about_frame(matter: Matter) -> DataFrame:
    """The question and the notes, line by line."""
    import pandas as pd  # noqa: PLC0415

    said = [("", title(matter)), *about(matter), *(("", note) for note in notes(matter))]
    return pd.DataFrame(said, columns=["label", "text"])
