"""The demo's categories, channels and units, read from the data files and written with fixed keys."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from geodata.commands.bulk import insert_rows

DATA = Path(__file__).parent / "data"
THEMES = ("street", "shop", "estate", "lane", "water", "green")
FAMILIES = ("service", "city")
MANNERS = ("trouble", "matter", "event", "part")  # how a category is talked about
SCHEMES = ("hotline", "city")  # the tree in which each family is told
CITY_A_MONTH = 21_700  # cases a month of the city tree; its figures are absolute
ALL_A_MONTH = 62_102  # tickets that the district received in March 2024


@dataclass(frozen=True, slots=True)
class Leaf:
    """A category that tickets are filed under."""

    id: int
    name: str
    family: int
    a_month: float
    hours: float
    priority: int
    theme: int
    kind: str
    department: str
    street: float
    manner: int


@dataclass(frozen=True, slots=True)
class Source:
    """A channel, with its share of its family."""

    id: int
    key: str
    name: str
    name_en: str
    family: int
    share: float
    mark: str


@dataclass(frozen=True, slots=True)
class Unit:
    """Who handles tickets; `also` passes a share on to others by key."""

    id: int
    key: str
    name: str
    name_en: str
    kind: str
    area_code: str | None
    also: dict[str, float]


@dataclass(frozen=True)
class Catalogue:
    """All lists; keys count from 1 in file order, so that the same files give the same keys."""

    rows: list[dict[str, Any]]
    leaves: list[Leaf]
    pairs: list[tuple[int, int]]
    sources: list[Source]
    units: list[Unit]

    @cached_property
    def unit_ids(self) -> dict[str, int]:
        """Key of a unit → its id."""
        return {unit.key: unit.id for unit in self.units}

    @cached_property
    def seasons(self) -> NDArray[np.float64]:
        """How often each leaf comes up in each month (leaf, month from 0), its mean month being 1."""
        told = read("seasons")
        weights = np.array([told.get(leaf.name, [1.0] * 12) for leaf in self.leaves], float)
        return np.asarray(weights / weights.mean(axis=1, keepdims=True))

    def column(self, name: str) -> NDArray[Any]:
        """One property of all leaves."""
        return np.array([getattr(leaf, name) for leaf in self.leaves])


def read(name: str) -> dict[str, Any]:
    """Read a data file of the demo."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def read_catalogue(subdistricts: Sequence[tuple[str, str, str | None]]) -> Catalogue:
    """Read the lists; each sub-district (code, name, English name) is a unit of its own."""
    rows: list[dict[str, Any]] = []
    leaves: list[Leaf] = []
    for family, scheme in enumerate(SCHEMES):
        _tree(read(f"categories_{scheme}"), family, rows, leaves)
    leaves = _scaled(leaves)
    return Catalogue(rows, leaves, _pairs(leaves), _sources(), _units(subdistricts))


def write(connection: Connection, catalogue: Catalogue) -> None:
    """Write the lists into empty tables."""
    insert_rows(connection, "categories", catalogue.rows)
    insert_rows(
        connection,
        "category_crosswalk",
        [{"from_id": a, "to_id": b, "note": None} for a, b in catalogue.pairs],
    )
    insert_rows(connection, "ticket_sources", [
        {"id": s.id, "key": s.key, "name": s.name, "name_en": s.name_en} for s in catalogue.sources
    ])  # fmt: skip
    insert_rows(connection, "units", [
        {"id": u.id, "code": u.key, "name": u.name, "name_en": u.name_en, "kind": u.kind, "area_code": u.area_code}
        for u in catalogue.units
    ])  # fmt: skip


def _tree(facts: dict[str, Any], family: int, rows: list[dict[str, Any]], leaves: list[Leaf]) -> None:
    for number, top in enumerate(facts["top"], 1):
        code = f"{facts['prefix']}{number:02d}"
        top_id = _row(rows, (facts["scheme"], code), top, None, 1)
        weight = sum(leaf[2] for group in top["group"] for leaf in group["leaves"])
        for at, group in enumerate(top["group"], 1):
            group_id = _row(
                rows, (facts["scheme"], f"{code}{at:02d}"), group, top_id, 2, kind=group.get("kind", "event")
            )
            for place, (name, en, share, *hours) in enumerate(group["leaves"], 1):
                known = {"name": name, "en": en}
                terms = {
                    "kind": group.get("kind", "event"),
                    "deadline_h": float(hours[0] if hours else group["hours"]),
                    "priority": group["priority"],
                    "filing_standard": top["filing"].format(name=name),
                    "closing_standard": top["closing"].format(name=name),
                }
                leaf_id = _row(
                    rows, (facts["scheme"], f"{code}{at:02d}{place:02d}"), known, group_id, 3, **terms
                )
                leaves.append(Leaf(
                    leaf_id, name, family, share * top["month"] / weight, terms["deadline_h"], group["priority"],
                    THEMES.index(group["theme"]), terms["kind"], top["department"], top["street"],
                    MANNERS.index(terms["kind"] if family else top.get("manner", "trouble")),
                ))  # fmt: skip


def _row(
    rows: list[dict[str, Any]],
    key: tuple[str, str],
    known: dict[str, Any],
    parent: int | None,
    level: int,
    **more: Any,
) -> int:
    scheme, code = key
    row = {
        "id": len(rows) + 1, "scheme": scheme, "code": code, "name": known["name"], "name_en": known["en"],
        "parent_id": parent, "level": level, "kind": None, "deadline_h": None, "priority": None,
        "filing_standard": None, "closing_standard": None,
    }  # fmt: skip
    rows.append(row | more)
    return len(rows)


def _scaled(leaves: list[Leaf]) -> list[Leaf]:
    """Keep the city tree's absolute figures and let the hotline's, in proportion, make up the month's total."""
    told = sum(leaf.a_month for leaf in leaves if leaf.family == 0)
    factor = (ALL_A_MONTH - CITY_A_MONTH) / told
    return [replace(leaf, a_month=leaf.a_month * factor) if leaf.family == 0 else leaf for leaf in leaves]


def _pairs(leaves: list[Leaf]) -> list[tuple[int, int]]:
    ids = {(leaf.family, leaf.name): leaf.id for leaf in leaves}
    return [(ids[0, hotline], ids[1, city]) for hotline, city in read("crosswalk")["same"]]


def _sources() -> list[Source]:
    return [
        Source(at, x["key"], x["name"], x["en"], FAMILIES.index(x["family"]), x["share"], x["mark"])
        for at, x in enumerate(read("sources")["source"], 1)
    ]


def _units(subdistricts: Sequence[tuple[str, str, str | None]]) -> list[Unit]:
    found = [
        Unit(at, f"street_{code}", name, name_en or name, "subdistrict", code, {})
        for at, (code, name, name_en) in enumerate(subdistricts, 1)
    ]
    for at, x in enumerate(read("units")["unit"], len(found) + 1):
        found.append(Unit(at, x["key"], x["name"], x["en"], x["kind"], None, x.get("also", {})))
    return found
