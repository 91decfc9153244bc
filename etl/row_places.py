"""Where the rows of a register lie: points from two columns or from shapes, lines from shapes; and what cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from etl.kinds.base import Shape
from etl.quality import Fault, Ledger
from etl.steps.ticket_coordinates import HALF, NO_NUMBER, NULL_ISLAND, OFF_EARTH
from geodata.types import BBox, Bilingual

Shapes = NDArray[np.object_]
NO_PLACE = Fault("no_place", "rejected", Bilingual("没有位置", "says not where it is"))
NOT_A_LINE = Fault("not_a_line", "rejected", Bilingual("不是线", "is no line"))
MIDDLE = Fault(
    "middle_taken", "repaired",
    Bilingual("图形不是点", "is a shape and not a point"),
    Bilingual("取其内部的一点", "a point inside it was taken"),
)  # fmt: skip
FLATTENED = Fault(
    "z_dropped",
    "repaired",
    Bilingual("含高程", "has heights"),
    Bilingual("已去除高程", "heights were dropped"),
)
ELSEWHERE = Fault(
    "outside_the_district", "note",
    Bilingual("坐标不在本区范围内", "lies outside the district"),
    Bilingual("照原样载入", "loaded where it says"),
)  # fmt: skip
AT_ZERO_DEG = 1e-6
NEVER: tuple[float, float] = (np.nan, np.nan)


def of_columns(table: pd.DataFrame, ledger: Ledger, lon: str, lat: str) -> pd.DataFrame:
    """Points of two columns of text, as the file's coordinates have them, in a column `shape`."""
    both = f"{lon}, {lat}"
    table = ledger.reject(table, table["lon"].isna() != table["lat"].isna(), HALF, column=both)
    for field, column in (("lon", lon), ("lat", lat)):
        numbers = pd.to_numeric(table[field], errors="coerce")
        unread = table[field].notna() & ~np.isfinite(numbers.to_numpy(float, na_value=np.nan))
        table = ledger.reject(table, unread, NO_NUMBER, column=column, shown=field)
    x, y = (pd.to_numeric(table[field]).to_numpy(float, na_value=np.nan) for field in ("lon", "lat"))
    points = np.full(len(table), None, object)
    there = np.isfinite(x) & np.isfinite(y)
    points[there] = shapely.points(x[there], y[there])
    return table.assign(shape=pd.Series(points, table.index, dtype=object))


def fitting(table: pd.DataFrame, ledger: Ledger, shape: Shape) -> pd.DataFrame:
    """Rows with a shape that the kind can take: points, or lines; heights are dropped."""
    table = ledger.reject(table, _absent(_of(table)), NO_PLACE)
    high = pd.Series(shapely.has_z(_of(table)), table.index)
    ledger.repaired(table, high & (shape == "line"), FLATTENED)
    table = table.assign(shape=pd.Series(shapely.force_2d(_of(table)), table.index, dtype=object))
    if shape == "line":
        return ledger.reject(table, ~pd.Series(np.isin(_types(table), (1, 5)), table.index), NOT_A_LINE)
    other = pd.Series(_types(table) != 0, table.index)
    several = pd.Series(shapely.get_num_geometries(_of(table)) > 1, table.index)
    ledger.repaired(table, other & ((_types(table) != 4) | several), MIDDLE)
    shapes = np.where(other, shapely.point_on_surface(_of(table)), _of(table))
    return table.assign(shape=pd.Series(shapes, table.index, dtype=object))


def on_earth(table: pd.DataFrame, ledger: Ledger, box: BBox, column: str) -> pd.DataFrame:
    """Reject what lies off the earth or at 0, 0 (EPSG:4326); note what lies outside the district."""
    bounds = shapely.bounds(_of(table))
    off = ~(np.abs(bounds[:, [0, 2]]).max(1) <= 180) | ~(np.abs(bounds[:, [1, 3]]).max(1) <= 90)
    table = ledger.reject(table, pd.Series(off, table.index), OFF_EARTH, column=column)
    zero = np.abs(shapely.bounds(_of(table))).max(1) < AT_ZERO_DEG if len(table) else np.zeros(0, bool)
    table = ledger.reject(table, pd.Series(zero, table.index), NULL_ISLAND, column=column)
    away = ~shapely.intersects(_of(table), shapely.box(*box))
    ledger.mark(table, pd.Series(away, table.index), ELSEWHERE, column=column)
    return table


def _of(table: pd.DataFrame) -> Shapes:
    return np.asarray(table["shape"].to_numpy(), object)


def _types(table: pd.DataFrame) -> NDArray[Any]:
    return np.asarray(shapely.get_type_id(_of(table)))


def _absent(shapes: Shapes) -> Any:
    return shapely.is_missing(shapes) | shapely.is_empty(shapes)
