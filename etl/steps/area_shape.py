"""An area has an area, and it lies on the earth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

MISSING = Fault("no_shape", "rejected", Bilingual("没有图形", "has no shape"))
NO_AREA = Fault("not_an_area", "rejected", Bilingual("不是面", "is not an area"))
OFF_EARTH = Fault(
    "outside_the_earth", "rejected",
    Bilingual("坐标超出地球范围（多半不是经纬度）", "lies outside the earth: its coordinates are probably no degrees"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject what is missing, empty, a line or a point, or nowhere on the earth."""
    shapes = table["shape"].to_numpy()
    empty = pd.Series(shapely.is_missing(shapes) | shapely.is_empty(shapes), index=table.index)
    table = case.ledger.reject(table, empty, MISSING, column="geometry")
    kinds = shapely.get_type_id(table["shape"].to_numpy())
    named = table.assign(kind=[shape.geom_type for shape in table["shape"]])
    table = case.ledger.reject(
        named, pd.Series(~np.isin(kinds, (3, 6)), table.index), NO_AREA, column="geometry", shown="kind"
    )
    west, south, east, north = shapely.bounds(table["shape"].to_numpy()).reshape(-1, 4).T
    on_earth = (west >= -180) & (south >= -90) & (east <= 180) & (north <= 90)  # degrees
    return case.ledger.reject(table, pd.Series(~on_earth, table.index), OFF_EARTH, column="geometry")


STEP = Step("area_shape", "boundaries", "check", 10, apply)
