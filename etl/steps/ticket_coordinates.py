"""Coordinates are numbers, come in pairs and lie on the earth; a place that is unknown is said to be so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

NO_NUMBER = Fault(
    "coordinate_not_a_number", "rejected", Bilingual("坐标不是数字", "has a coordinate that is no number")
)
HALF = Fault("coordinate_alone", "rejected", Bilingual("坐标只有一半", "has only one of its two coordinates"))
OFF_EARTH = Fault("outside_the_earth", "rejected", Bilingual("坐标超出地球范围", "lies outside the earth"))
NULL_ISLAND = Fault("zero_zero", "rejected", Bilingual("坐标为 0,0", "has the coordinates 0, 0"))
ELSEWHERE = Fault(
    "outside_the_district", "note",
    Bilingual("坐标不在本区范围内", "lies outside the district"),
    Bilingual("照原样载入", "loaded where it says"),
)  # fmt: skip
NOWHERE = Fault(
    "no_coordinates", "note",
    Bilingual("没有坐标", "has no coordinates"),
    Bilingual("载入但未定位", "loaded without a place"),
)  # fmt: skip
GAP = Fault(
    "in_no_area", "note",
    Bilingual("在本区范围内，但不在任何区域边界之内", "lies within the district's box but in none of its areas"),
    Bilingual("照原样载入，不计入任何区域", "loaded where it says, in no area"),
)  # fmt: skip
DEFAULT = Fault(
    "default_point", "note",
    Bilingual("坐标是来源系统表示“未知”的默认点", "stands on the point that its source writes for “unknown”"),
    Bilingual("载入并标记，热力与热点不计", "loaded and marked; heat and hotspots leave it out"),
)  # fmt: skip
NEAR_DEG = 1e-5  # about a metre: what rounding moves a point by
AT_ZERO_DEG = 1e-6


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject impossible coordinates; note rows that are nowhere, elsewhere or on the default point."""
    table = _rejected(table, case)
    lon, lat = table["lon_deg"], table["lat_deg"]
    box, nowhere = case.profile.bbox, lon.isna()
    elsewhere = ~nowhere & ~(lon.between(box.west, box.east) & lat.between(box.south, box.north))
    default = table["lon"].notna() & on_default_point(lon, lat, case.default_points)
    case.ledger.mark(table, nowhere, NOWHERE)
    case.ledger.mark(table, elsewhere & ~default, ELSEWHERE, column=_both(case))
    gap = ~nowhere & ~elsewhere & ~default & (table["area_id"] == 0)
    if case.has_areas:
        case.ledger.mark(table, gap, GAP, column=_both(case))
    case.ledger.mark(table, default, DEFAULT, column=_both(case))
    # What stands on the default point is nowhere: it belongs to no area and no road.
    placed = {"area_id": table["area_id"].mask(default, 0), "road_id": table["road_id"].mask(default, 0)}
    return table.assign(
        is_default_point=default, road_offset_m=table["road_offset_m"].mask(default), **placed
    )


def _rejected(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    half = table["lon"].isna() != table["lat"].isna()
    table = case.ledger.reject(table, half, HALF, column=_both(case))
    for said in ("lon", "lat"):
        read = pd.to_numeric(table[said], errors="coerce").to_numpy(float, na_value=np.nan)
        unread = table[said].notna() & ~np.isfinite(read)
        table = case.ledger.reject(table, unread, NO_NUMBER, column=case.named(said), shown=said)
    for bad, fault in ((_off_earth, OFF_EARTH), (_zero, NULL_ISLAND)):
        found = bad(table)
        if found.any():
            shown = table["lon"].astype("string") + ", " + table["lat"].astype("string")
            table = case.ledger.reject(
                table.assign(shown=shown), found, fault, column=_both(case), shown="shown"
            )
    return table


def on_default_point(
    lon: pd.Series, lat: pd.Series, points: tuple[tuple[float, float], ...]
) -> pd.Series[bool]:
    """Which rows stand, to about a metre, on one of these points (degrees, EPSG:4326)."""
    found = np.zeros(len(lon), bool)
    for x, y in points:
        found |= ((lon - x).abs() < NEAR_DEG).to_numpy() & ((lat - y).abs() < NEAR_DEG).to_numpy()
    return pd.Series(found, index=lon.index, dtype=bool)


def _off_earth(table: pd.DataFrame) -> pd.Series[bool]:
    return (table["lon_deg"].abs() > 180) | (table["lat_deg"].abs() > 90)


def _zero(table: pd.DataFrame) -> pd.Series[bool]:
    return (table["lon_deg"].abs() < AT_ZERO_DEG) & (table["lat_deg"].abs() < AT_ZERO_DEG)


def _both(case: Case) -> str:
    names = dict.fromkeys((case.named("lon"), case.named("lat")))
    return ", ".join(names)


STEP = Step("ticket_coordinates", "tickets", "check", 30, apply)
