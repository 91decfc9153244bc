"""Corners that stand twice in a row are written once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

TWICE = Fault(
    "vertices_twice", "repaired",
    Bilingual("边界上有重复的相邻顶点", "has corners that stand twice in a row"),
    Bilingual("已去除重复顶点", "each is kept once"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Drop repeated corners of areas that stay areas without them."""
    shapes = table["shape"].to_numpy()
    area = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    plain = shapes.copy()
    plain[area] = shapely.remove_repeated_points(shapes[area], 0.0)
    fewer = shapely.get_num_coordinates(shapes) - shapely.get_num_coordinates(plain)
    sound = (shapely.get_type_id(plain) == shapely.get_type_id(shapes)) & ~shapely.is_empty(plain)
    twice = pd.Series(area & sound & (fewer > 0), table.index)
    case.ledger.repaired(table.assign(many=fewer), twice, TWICE, column="geometry", shown="many")
    return table.assign(shape=np.where(twice, plain, shapes))


STEP = Step("area_vertices", "boundaries", "repair", 15, apply)
