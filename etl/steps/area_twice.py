"""An outline stands once in a file, whatever code it bears."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

AGAIN = Fault(
    "outline_again", "rejected",
    Bilingual("与本文件中另一行的边界相同", "has the same outline as an earlier row of this file"),
)  # fmt: skip
DIGITS = 7  # of a degree: a centimetre


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject the second of two areas that are the same to a centimetre."""
    rounded = shapely.transform(table["shape"].to_numpy(), lambda points: np.round(points, DIGITS))
    drawn = pd.Series(shapely.to_wkb(shapely.normalize(rounded)), table.index)
    first = table["code"].groupby(drawn).transform("first")
    shown = table["code"].astype(str) + " = " + first.astype(str)
    return case.ledger.reject(
        table.assign(shown=shown), drawn.duplicated(), AGAIN, column="geometry", shown="shown"
    )


STEP = Step("area_twice", "boundaries", "whole", 10, apply)
