"""Heights and measures are dropped: areas here have two dimensions."""

from __future__ import annotations

import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

FLATTENED = Fault(
    "z_dropped", "repaired",
    Bilingual("坐标带高程", "its coordinates have a height"),
    Bilingual("已去除高程", "the height was dropped"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Make every shape flat."""
    shapes = table["shape"].to_numpy()
    high = pd.Series(shapely.has_z(shapes) | shapely.has_m(shapes), index=table.index)
    case.ledger.repaired(table, high, FLATTENED, column="geometry")
    return table.assign(shape=shapely.force_2d(shapes))


STEP = Step("area_flat", "boundaries", "repair", 10, apply)
