"""Boundaries on their way in: which field is what, in which area above each lies, and swapping the versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from etl import steps
from etl.columns import clean
from etl.fields import guess_fields, parent_field
from etl.formats.base import Raw
from etl.pipeline import Desk
from etl.quality import Fault
from etl.steps.base import Case, Standing
from etl.where import probable_of_shapes, settle, tell
from geodata.commands.areas import AreaVersion
from geodata.commands.boundaries import (
    BEGINNING,
    CurrentArea,
    Swap,
    codes_ended,
    current_areas,
    ever_had,
    swap_versions,
)
from geodata.errors import FileRefused
from geodata.queries.evidence import evidence
from geodata.space.crs import shapes_to_stored
from geodata.space.neighbours import plane_of
from geodata.types import Bilingual

ENDED = Fault(
    "area_gone", "note",
    Bilingual("本次文件中没有该区域", "is in the store but not in the file"),
    Bilingual("自生效日起失效", "it ends on the day the load begins to count"),
)  # fmt: skip
MOST_GONE = 0.5


@dataclass(frozen=True, slots=True)
class Wish:
    """How boundaries are to be loaded.

    `as_drawn` takes gaps and overlaps as they are, `new_codes` codes that differ from the store's for the same areas.
    """

    scheme: str
    level: str
    name_field: str | None
    code_field: str | None
    valid_from: date | None
    partial: bool
    as_drawn: bool = False
    new_codes: bool = False


class Boundaries:
    """One load of the areas of a level."""

    key: str = "boundaries"

    def __init__(self, desk: Desk, wish: Wish) -> None:
        connection, profile, source, ledger = desk.connection, desk.profile, desk.source, desk.ledger
        if not source.has_shapes:
            raise FileRefused(
                "The file is a table without shapes; boundaries need a format with shapes, such as GeoJSON."
            )
        self._connection, self._profile, self._wish, self._run = connection, profile, wish, desk.run
        self._said_crs, self._given_crs, self._crs = source.crs, desk.crs, ""
        self.crs: dict[str, Any] = {"declared": source.declared_crs, "used": None}
        self.wanted: Sequence[str] = source.columns
        self._stored = current_areas(connection, wish.scheme)
        elsewhere = frozenset(area.code for area in self._stored if area.level != wish.level)
        top = wish.scheme == profile.scheme and profile.depth(wish.level) == 0
        self._above = self._level_above()
        standing = Standing(
            [area for area in self._stored if area.level == wish.level],
            self._above or (),
            codes_ended(connection, wish.scheme, wish.level),
            strict=wish.scheme == profile.scheme,
            as_drawn=wish.as_drawn,
            new_codes=wish.new_codes,
            partial=wish.partial,
        )
        self.case = Case(
            profile,
            ledger,
            codes_elsewhere=elsewhere | (frozenset() if top else {profile.code}),
            standing=standing,
        )
        self.figures: dict[str, Any] = {}
        self._fields: tuple[str, str] | None = None
        self._parent_field: str | None = None
        self._said: set[str] = set()
        self._kept: list[pd.DataFrame] = []

    def name(self, raw: Raw) -> pd.DataFrame:
        """Find code and name, once for the file."""
        if self._fields is None:
            self._fields = guess_fields(raw.table, self._wish.name_field, self._wish.code_field)
            name, code = self._fields
            self._parent_field = parent_field(raw.table)
            self.case.columns = {"name": name, "code": code, "parent_said": self._parent_field or ""}
            self.figures |= {"name_field": name, "code_field": code}
        name, code = self._fields
        table = pd.DataFrame(
            {"code": clean(raw.table[code]), "name": clean(raw.table[name])}, index=raw.table.index
        )
        if self._parent_field:
            table["parent_said"] = clean(raw.table[self._parent_field])
        table["shape"] = pd.Series(raw.shapes, index=raw.table.index, dtype=object)
        self._said.update(table["code"].dropna())
        return table

    def locate(self, table: pd.DataFrame) -> pd.DataFrame:
        """Bring the shapes into EPSG:4326; the first batch tells in which CRS the file is."""
        shapes = table["shape"].to_numpy()
        if not self._crs:
            self._settle(shapes, table["name"].tolist())
        return table.assign(shape=shapes_to_stored(shapes, self._crs))

    def _settle(self, shapes: np.ndarray[Any, Any], names: Sequence[str | None]) -> None:
        where = probable_of_shapes(shapes, self._said_crs, evidence(self._connection, self._profile), names)
        self.crs |= {"used": None, "probable": where.crs, "confidence": round(where.confidence, 3)}
        self._crs = settle(where, self._said_crs, self._given_crs)
        self.crs |= tell(self.case.ledger, where, self._crs)

    def load(self, table: pd.DataFrame) -> None:
        """Keep the rows: versions are swapped when all are known."""
        self._kept.append(table)

    def finish(self) -> None:
        """Compare with what is stored and swap what differs in one go."""
        table = pd.concat(self._kept)
        for step in steps.discover(self.key, "whole"):
            table = step.apply(table, self.case)
        before = {area.code: area for area in self.case.standing.here}
        valid_from = self._valid_from(before)
        versions = self._versions(table)
        new = [version for version in versions if version.code not in before]
        changed = _changed([version for version in versions if version.code in before], before)
        gone = [] if self._wish.partial else self._left_out(before)
        self._check_days(valid_from, [*(before[version.code] for version in changed), *gone])
        self._tell_gone(gone, before)
        ledger = self.case.ledger
        ledger.new, ledger.changed, ledger.unchanged = (
            len(new),
            len(changed),
            len(versions) - len(new) - len(changed),
        )
        self.figures |= {"valid_from": valid_from.isoformat(), "gone": len(gone), "tickets_moved": 0}
        self.figures["moved"] = _farthest_m(changed, before)
        if new or changed or gone:
            swap = _swap(self._wish.scheme, valid_from, new, [(before[v.code], v) for v in changed], gone)
            self.figures["tickets_moved"] = swap_versions(self._connection, self._profile, swap, self._run)

    def _left_out(self, before: dict[str, CurrentArea]) -> list[CurrentArea]:
        said = self._said | self.case.spared
        return [area for code, area in before.items() if code not in said]

    def _valid_from(self, before: dict[str, CurrentArea]) -> date:
        if self._wish.valid_from:
            return self._wish.valid_from
        known = bool(before) or ever_had(self._connection, self._wish.scheme, self._wish.level)
        return self._profile.today() if known else BEGINNING

    def _check_days(self, valid_from: date, touched: Sequence[CurrentArea]) -> None:
        late = max((area.valid_from for area in touched), default=valid_from)
        if late > valid_from:
            raise FileRefused(
                f"Areas in the store are valid from {late}; versions that follow cannot begin on {valid_from}."
            )

    def _tell_gone(self, gone: Sequence[CurrentArea], before: dict[str, CurrentArea]) -> None:
        if len(gone) > MOST_GONE * len(before):
            raise FileRefused(
                f"The file leaves out {len(gone):,} of the {len(before):,} areas of this level;"
                " if it is only a part of them, load it with --partial."
            )
        for area in gone:
            self.case.ledger.add(ENDED, value=f"{area.code} {area.name}")

    def _versions(self, table: pd.DataFrame) -> list[AreaVersion]:
        root = None if self._above is None else self._profile.code
        columns = (table[column].tolist() for column in ("code", "name", "shape", "parent"))
        return [
            AreaVersion(self._wish.level, code, name, None, parent or root, _many(shape))
            for code, name, shape, parent in zip(*columns, strict=True)
        ]

    def _level_above(self) -> list[CurrentArea] | None:
        """Areas of the nearest level above that has any; none when there are none, None at the very top."""
        if self._wish.scheme != self._profile.scheme:
            return []
        depth = self._profile.depth(self._wish.level)
        if depth == 0:
            return None
        levels = [level.key for level in self._profile.levels[:depth]]
        filled = [[area for area in self._stored if area.level == level] for level in levels]
        return next((areas for areas in reversed(filled) if areas), [])


def _swap(
    scheme: str,
    valid_from: date,
    new: Sequence[AreaVersion],
    changed: Sequence[tuple[CurrentArea, AreaVersion]],
    gone: Sequence[CurrentArea],
) -> Swap:
    replaced = [(area, version) for area, version in changed if area.valid_from == valid_from]
    followed = [(area, version) for area, version in changed if area.valid_from != valid_from]
    added = [*new, *(version for _, version in followed)]
    return Swap(scheme, valid_from, added, [*gone, *(area for area, _ in followed)], replaced)


def _changed(versions: Sequence[AreaVersion], before: dict[str, CurrentArea]) -> list[AreaVersion]:
    """Versions that differ from what is stored; where a ring begins and which way it runs makes no difference."""
    drawn = np.array([version.outline for version in versions], object)
    stored = np.array([before[version.code].outline for version in versions], object)
    same = shapely.equals_identical(drawn, stored)
    same[~same] = shapely.equals_exact(drawn[~same], stored[~same], 0.0, normalize=True)
    pairs = zip(versions, same.tolist(), strict=True)
    return [version for version, alike in pairs if not alike or _named_anew(version, before[version.code])]


def _named_anew(version: AreaVersion, area: CurrentArea) -> bool:
    return version.name != area.name or version.parent_code != area.parent_code


def _farthest_m(changed: Sequence[AreaVersion], before: dict[str, CurrentArea]) -> float:
    """How far, m, the outline that moves most lies from where it was."""
    if not changed:
        return 0.0
    drawn = np.array([version.outline for version in changed], object)
    stored = np.array([before[version.code].outline for version in changed], object)
    plane = plane_of(stored)
    return round(float(shapely.hausdorff_distance(plane.down(drawn), plane.down(stored)).max()), 1)


def _many(shape: Any) -> shapely.MultiPolygon:
    return shape if isinstance(shape, shapely.MultiPolygon) else shapely.MultiPolygon([shape])
