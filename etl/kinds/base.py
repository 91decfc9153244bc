"""What a kind of file is: what it brings, which fields it has, and how a load of it is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine

from etl.formats.base import Opening
from etl.pipeline import Desk, Kind
from etl.quality import Report
from geodata.profile import Profile
from geodata.types import Bilingual

MAX_REJECTED_PERCENT = 5.0
Shape = Literal["none", "point", "line", "area", "raster"]
Form = Literal["text", "number", "whole", "date", "moment", "word", "angle", "address", "coordinate"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind; `words` are those it knows, `example` is what a template shows.

    One column may stand for several fields, and several columns for one where `many`.
    """

    name: str
    title: Bilingual
    what: Bilingual
    required: bool = False
    form: Form = "text"
    words: Mapping[str, Bilingual] = field(default_factory=dict)
    example: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """Something that is asked once for a whole file, such as the level of boundaries."""

    name: str
    title: Bilingual
    required: bool = False


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a file is to be loaded.

    `told` holds the kind's own options by name; `mapping` is the name of a shipped or saved mapping, the path of a
    TOML file, or the mapping itself; `drop` are columns that hold persons and are not looked at; `max_rejected_percent` is the share of rows, in percent, that may be faulty; `rasters`
    the folder in which rasters are kept.
    """

    crs: str | None = None
    opening: Opening = field(default_factory=Opening)
    mapping: str | Path | dict[str, Any] | None = None
    max_rejected_percent: float = MAX_REJECTED_PERCENT
    told: Mapping[str, Any] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    rasters: Path | None = None

    def booked(self) -> dict[str, Any]:
        """What the book of loads remembers of how a file was asked to be loaded, as plain values."""
        opening = {name: getattr(self.opening, name) for name in Opening.__slots__}
        named = {"crs": self.crs, "mapping": self._mapping_named, **opening}
        plain = {key: value for key, value in named.items() if value is not None}
        told = {
            key: value if isinstance(value, bool | int | float | None) else str(value)
            for key, value in self.told.items()
        }
        return {**told, **plain, "max_rejected_percent": self.max_rejected_percent}

    @property
    def _mapping_named(self) -> str | None:
        if isinstance(self.mapping, dict):
            return str(self.mapping.get("name") or self.mapping.get("origin") or "given")
        return self.mapping.name if isinstance(self.mapping, Path) else self.mapping


OpenKind = Callable[[Desk, LoadOptions], Kind]
TakeWhole = Callable[[Engine, Profile, Path, LoadOptions, bool], Report]


def _nothing_to_check(_: Profile, __: LoadOptions) -> None:
    pass


@dataclass(frozen=True, slots=True)
class KindOf:
    """A kind of file; the key is the name of its module.

    Most are tables that pass through the pipeline by `open`; a raster is taken whole by `take`. `mapped` says that its
    files are read by a mapping, `check` refuses options that cannot be before anything is opened.
    """

    key: str
    title: Bilingual
    shape: Shape
    fields: tuple[Field, ...] = ()
    options: tuple[Option, ...] = ()
    mapped: bool = True
    check: Callable[[Profile, LoadOptions], None] = _nothing_to_check
    open: OpenKind | None = None
    take: TakeWhole | None = None

    def field(self, name: str) -> Field:
        """A field by name."""
        return next(one for one in self.fields if one.name == name)
