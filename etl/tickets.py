"""Tickets on their way in: what each column means, where each ticket lies, and writing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from etl.columns import as_paths, chosen, clean, joined, of_points
from etl.formats.base import Raw, Source
from etl.mapping import Choice, Mapping
from etl.pipeline import Desk
from etl.quality import Fault
from etl.steps.base import Case
from etl.ticket_words import Known
from etl.ticket_writing import Writing, columns_of, placed
from etl.times import read_times
from etl.where import probable, settle as settle_crs, tell
from geodata.commands import default_points
from geodata.commands.locating import areas_by_name, read_ground
from geodata.commands.tickets import open_desk, settle
from geodata.errors import FileRefused
from geodata.queries.evidence import evidence
from geodata.queries.gazetteer import gazetteer
from geodata.space.crs import to_stored
from geodata.types import Bilingual

TEXTS = ("title", "description", "address", "outcome")
TIMES = ("received", "due", "closed")  # in this order: closing is held against receipt
OPTIONAL = ("lon", "lat", "due", "closed", "description", "address", "outcome", "area", "unit", "unit_code")
MANY = 1000
REPEATED = Fault(
    "default_point_found", "note",
    Bilingual("坐标重复次数异常，应为来源系统的默认点", "is a point that repeats absurdly often: what its source writes for “unknown”"),
    Bilingual("已标记并记住；热力与热点不计", "marked and remembered; heat and hotspots leave it out"),
)  # fmt: skip


class Tickets:
    """One load of tickets by a mapping."""

    key: str = "tickets"

    def __init__(self, desk: Desk, mapping: Mapping) -> None:
        source, profile = desk.source, desk.profile
        self._connection, self._profile, self._mapping, self._run = (
            desk.connection,
            profile,
            mapping,
            desk.run,
        )
        _check_columns(source, mapping)
        self._said_crs, self._given_crs = source.crs or mapping.crs, desk.crs
        self._crs = ""  # told by the first coordinates
        self._zone = mapping.time_zone or profile.time_zone
        self.crs: dict[str, Any] = {
            "declared": source.declared_crs,
            "used": self._given_crs or self._said_crs,
        }
        points = (
            *profile.default_points,
            *mapping.default_points,
            *default_points.known(desk.connection, mapping.origin),
        )
        self.case = Case(
            profile, desk.ledger, mapping.used, points, words=self._words, by_address=self._by_address
        )
        self.wanted: Sequence[str] = tuple(dict.fromkeys(mapping.used.values()))
        self.figures: dict[str, Any] = dict.fromkeys(
            ("located", "default_point", "unlocated", "in_an_area"), 0
        )
        self._taken = 0
        self._writing = Writing(
            desk.connection, origin=mapping.origin, load_id=desk.run, silent=mapping.silent
        )
        open_desk(desk.connection)  # before reading: what is read must stay as it is
        self._ground = read_ground(desk.connection, profile)
        self.case.has_areas = bool(len(self._ground.area_ids))
        self._areas = areas_by_name(desk.connection, profile.scheme) if mapping.columns.area else {}
        self._known = Known(desk.connection, mapping, rest=self._writing.rest)

    def name(self, raw: Raw) -> pd.DataFrame:
        """Columns under our names, times and words read; what cannot be read is left empty for the checks."""
        read = {column: clean(raw.table[column]) for column in self.wanted}
        table = pd.DataFrame(
            {field: read[column] for field, column in self._mapping.used.items()}, index=raw.table.index
        )
        table = table.reindex(columns=[*table.columns, *(field for field in OPTIONAL if field not in table)])
        if raw.shapes is not None and self._mapping.columns.lon is None:
            table["lon"], table["lat"] = of_points(raw.shapes, table.index)
        titles = [table[f"title_{n}"] for n in range(len(self._mapping.columns.title))]
        table["title"] = joined(titles, table.index)
        levels = [table[f"category_{n}"] for n in range(len(self._mapping.category.columns))]
        table["path"] = as_paths(levels)
        table["category"] = table["path"].map(" › ".join, na_action="ignore")
        return self._with_words(self._with_times(table))

    def _with_times(self, table: pd.DataFrame) -> pd.DataFrame:
        for field in TIMES:
            read = read_times(table[field], self._mapping.dates, self._zone)
            table[f"{field}_at"], table[f"{field}_jumped"] = read.at, read.jumped
            if field == "closed":
                early = read.at < table["received_at"]
                table["closed_at"] = read.at.mask(early, read.later)
        return table

    def _with_words(self, table: pd.DataFrame) -> pd.DataFrame:
        m = self._mapping
        for field, choice in (
            ("state", m.state),
            ("family", m.family),
            ("quality", m.quality or Choice(value="given")),
        ):
            table[f"{field}_key"] = chosen(table, field, choice)
        table["scheme"] = chosen(table, "scheme", m.category.scheme)
        table["source"] = chosen(table, "source", m.source, keep=True)
        if m.unit:
            table["unit"] = chosen(table, "unit", m.unit, keep=True)
        return table

    def locate(self, table: pd.DataFrame) -> pd.DataFrame:
        """Coordinates in degrees (EPSG:4326), and the area and the road each ticket belongs to."""
        x, y = (
            pd.to_numeric(table[field], errors="coerce").to_numpy(float, na_value=np.nan)
            for field in ("lon", "lat")
        )
        finite = np.isfinite(x) & np.isfinite(y)
        if not self._crs and finite.any():
            self._settle_crs(x, y)
        used = self._crs or self._said_crs
        lon, lat = to_stored(np.where(finite, x, np.nan), np.where(finite, y, np.nan), used)
        table = table.assign(lon_deg=lon, lat_deg=lat)
        days = self._days(table)
        table["area_id"] = self._ground.area_of(lon, lat, days)
        table["road_id"], table["road_offset_m"] = self._ground.road_of(lon, lat)
        if self._areas:
            said = [self._area_said(name, day) for name, day in zip(table["area"], days, strict=True)]
            table["area_id"] = np.where(np.isfinite(lon), table["area_id"], said)
        return table

    def _settle_crs(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        where = probable(x, y, self._said_crs, evidence(self._connection, self._profile))
        self._crs = settle_crs(where, self._said_crs, self._given_crs)
        self.crs |= tell(self.case.ledger, where, self._crs)

    def _days(self, table: pd.DataFrame) -> NDArray[np.datetime64]:
        local = table["received_at"].dt.tz_convert(self._profile.zone).dt.tz_localize(None)
        return np.asarray(local.to_numpy("datetime64[D]"))

    def _by_address(self, table: pd.DataFrame) -> pd.DataFrame | None:
        self._writing.rest()
        matcher = gazetteer(self._connection, self._profile)
        if not matcher.ground.names:
            return None
        units = [unit if isinstance(unit, str) else None for unit in table["unit"]]
        found = matcher.locate_all(table["address"].tolist(), units)
        days = self._days(table)
        area = self._ground.area_of(found.lon, found.lat, days)
        if not self._areas:
            self._areas = areas_by_name(self._connection, self._profile.scheme)
        said = [self._area_said(code, day) for code, day in zip(found.area, days, strict=True)]
        road, offset = self._ground.road_of(found.lon, found.lat)
        return pd.DataFrame(
            {
                "lon_deg": found.lon, "lat_deg": found.lat, "quality": found.quality, "score": found.score,
                "why": found.why, "area_id": np.where(np.isfinite(found.lon), area, said),
                "road_id": road, "road_offset_m": offset,
            },
            index=table.index,
        )  # fmt: skip

    def _area_said(self, name: str | None, day: np.datetime64) -> int:
        if not isinstance(name, str) or np.isnat(day):
            return 0
        versions = self._areas.get(name, ())
        return next((key for key, first, end in versions if first <= day.astype(object) < end), 0)

    def _words(self, table: pd.DataFrame) -> pd.DataFrame:
        unit_of = zip(table["unit_code"].tolist(), table["unit"].tolist(), strict=True)
        paths = list(zip(table["scheme"], table["path"], strict=True))
        known = self._known
        known.learn(
            set(table["source"].dropna().unique()), {pair for pair in paths if isinstance(pair[0], str)},
            {(str(code or name), str(name)) for code, name in unit_of if isinstance(name, str)},
        )  # fmt: skip
        categories = pd.Series([known.categories.get(pair) for pair in paths], table.index, object)
        table = table.assign(source_id=table["source"].map(known.sources), category_id=categories)
        return table.assign(unit_id=None if self._mapping.unit is None else table["unit"].map(known.units))

    def load(self, table: pd.DataFrame) -> None:
        """Hand a batch on to be written."""
        if table.empty:
            return
        table = placed(table)
        self._taken += len(table)
        self._writing.add(columns_of(table, self.case.ledger.mended))
        point = table["lon_deg"].notna()
        for figure, rows in (
            ("located", point & ~table["is_default_point"]), ("default_point", table["is_default_point"]),
            ("unlocated", ~point), ("in_an_area", table["area_id"] > 0),
        ):  # fmt: skip
            self.figures[figure] += int(rows.sum())

    def finish(self) -> None:
        """Write the rest, mark default points that show only in the whole, let the planner know of what was written."""
        ledger, writing = self.case.ledger, self._writing
        writing.finish()
        ledger.new, ledger.changed = writing.new, writing.changed
        ledger.unchanged = self._taken - ledger.new - ledger.changed
        if ledger.new + ledger.changed >= default_points.LEAST:
            self._mark_default_points()
        if ledger.new + ledger.changed >= MANY:
            settle(self._connection)

    def close(self) -> None:
        """Stop writing, before the transaction is given up."""
        self._writing.close()

    def _mark_default_points(self) -> None:
        for point in default_points.find_and_mark(self._connection, self._mapping.origin):
            self.figures["located"] -= point.written
            self.figures["default_point"] += point.written
            self.figures["in_an_area"] -= point.in_area
            value = f"{point.lon:.6f}, {point.lat:.6f} × {point.tickets:,}"
            self.case.ledger.add(REPEATED, column=self.case.named("lon"), value=value)


def _check_columns(source: Source, mapping: Mapping) -> None:
    missing = [name for name in dict.fromkeys(mapping.used.values()) if name not in source.columns]
    if missing:
        has = ", ".join(source.columns)
        raise FileRefused(
            f"The file has no column {', '.join(f'“{n}”' for n in missing)}; its columns are: {has}."
        )
    twice = [name for name in mapping.used.values() if source.columns.count(name) > 1]
    if twice:
        raise FileRefused(f"The file has two columns called “{twice[0]}”; which one counts cannot be told.")
    c = mapping.columns
    if c.lon is None and not source.has_shapes and c.area is None and c.address is None:
        raise FileRefused(
            "The file has no shapes, and the mapping names neither lon and lat nor an area nor an address: no place, no CRS."
        )
