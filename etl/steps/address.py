"""A ticket that has no coordinates but says in words where it is gets its place from the words, with how sure that is."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

PLACED = {
    quality: Fault(f"located_by_{quality}", "note", Bilingual("没有坐标", "has no coordinates"), action)
    for quality, action in (
        ("address", Bilingual("已按地址定位", "located by its address")),
        ("road", Bilingual("已按道路名定位", "located by the road it names")),
        ("landmark", Bilingual("已按地标或小区定位", "located by the place it names")),
        ("area", Bilingual("仅知所在区域", "only its area is known")),
    )
}
UNPLACED = {
    "ambiguous": Fault(
        "address_ambiguous", "note",
        Bilingual("地址可指多处，无法确定", "has an address that may mean several places"),
        Bilingual("载入但未定位", "loaded without a place"),
    ),
    "elsewhere": Fault(
        "address_elsewhere", "note",
        Bilingual("地址不在本区", "has an address in another district"),
        Bilingual("载入但未定位", "loaded without a place"),
    ),
}  # fmt: skip
UNKNOWN = Fault(
    "address_unknown", "note",
    Bilingual("地址中没有本区已知的道路、地点或区域", "has an address that names no road, place or area known here"),
    Bilingual("载入但未定位", "loaded without a place"),
)  # fmt: skip
TAKEN = ("lon_deg", "lat_deg", "area_id", "road_id", "road_offset_m")


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Place rows by their address; a row whose file says that it could not be located is taken at its word."""
    silent = table["lon"].isna() & table["lat"].isna() & table["address"].notna()
    asked = silent & ~table["quality_key"].isin(["area", "none"])
    found = case.by_address(table[asked]) if asked.any() else None
    if found is None:
        return table
    table = table.copy()
    placed = found.index[found["quality"].isin(["address", "road", "landmark"])]
    table.loc[placed, list(TAKEN)] = found.loc[placed, list(TAKEN)]
    table.loc[placed, "quality_key"] = found.loc[placed, "quality"]
    in_area = found.index[(found["quality"] == "area") & (found["area_id"] > 0)]
    table.loc[in_area, "area_id"] = found.loc[in_area, "area_id"]
    _tell(found.assign(said=_said(table.loc[found.index, "address"], found)), case)
    return table


def _said(address: pd.Series, found: pd.DataFrame) -> pd.Series:
    """The address with its score."""
    return address.astype(str).str.slice(0, 60) + found["score"].map(" ({:.2f})".format)


def _tell(found: pd.DataFrame, case: Case) -> None:
    """A finding a row: how it was placed, or why it was not."""
    column = case.named("address")
    for quality, fault in PLACED.items():
        case.ledger.mark(found, found["quality"] == quality, fault, column=column, shown="said")
    unplaced = found["quality"] == "none"
    for why, fault in UNPLACED.items():
        case.ledger.mark(found, unplaced & (found["why"] == why), fault, column=column, shown="said")
    case.ledger.mark(
        found, unplaced & ~found["why"].isin(list(UNPLACED)), UNKNOWN, column=column, shown="said"
    )


STEP = Step("address", "tickets", "repair", 40, apply)
