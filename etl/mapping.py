"""A mapping: a small TOML file that says which column of an export is what (docs/how-to/load-data.md)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from geodata.errors import Refused
from geodata.space.crs import STORED, known_crs
from geodata.types import CLOSED_STATES, OPEN_STATES, LocationQuality

SHIPPED = Path(__file__).parent / "mappings"
FAMILIES = ("service", "city")

Name = Annotated[str, Field(min_length=1)]


class Part(BaseModel):
    """A table of the file; a word that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choice(Part):
    """One of several words: always the same `value`, or what `values` makes of a column, else `other`."""

    column: Name | None = None
    value: Name | None = None
    values: dict[str, str] = {}
    other: Name | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Choice:
        if (self.column is None) == (self.value is None):
            raise ValueError("give either a column or a value")
        return self

    @property
    def said(self) -> tuple[str, ...]:
        """The words on the right-hand side."""
        return tuple(word for word in (self.value, self.other, *self.values.values()) if word)


class Open(Choice):
    """A choice from a list that stays open: with `create`, a word not known yet is added."""

    create: bool = False


class Unit(Open):
    """Who handles the ticket; `code` may name a column of short keys."""

    code: Name | None = None
    kind: Literal["subdistrict", "department", "company", "other"] = "department"


class Category(Part):
    """What the ticket is about: one to three columns, the levels from the top down."""

    scheme: Choice
    columns: Annotated[list[Name], Field(min_length=1, max_length=3)]
    create: bool = False

    @field_validator("scheme", mode="before")
    @classmethod
    def _plain(cls, scheme: object) -> object:
        return {"value": scheme} if isinstance(scheme, str) else scheme


class Columns(Part):
    """Which column holds what; `title` may join several."""

    number: Name
    received: Name
    due: Name | None = None
    closed: Name | None = None
    lon: Name | None = None
    lat: Name | None = None
    title: list[Name] = []
    description: Name | None = None
    address: Name | None = None
    outcome: Name | None = None
    area: Name | None = None

    @field_validator("title", mode="before")
    @classmethod
    def _listed(cls, title: object) -> object:
        return [title] if isinstance(title, str) else title


class Mapping(Part):
    """How an export is read; `drop` are columns that hold persons and are not to be looked at."""

    kind: Literal["tickets"] = "tickets"
    name: str | None = None
    origin: Name
    time_zone: str | None = None
    dates: Annotated[list[Name], Field(min_length=1)]
    crs: str = STORED
    default_points: list[tuple[float, float]] = []
    columns: Columns
    state: Choice
    source: Open
    category: Category
    family: Choice
    unit: Unit | None = None
    quality: Choice | None = None
    drop: list[Name] = []

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        try:
            return name if name is None else ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"there is no time zone “{name}”") from None

    @field_validator("crs")
    @classmethod
    def _crs(cls, said: str) -> str:
        if known_crs(said) is None:
            raise ValueError(f"there is no CRS “{said}”")
        return said

    @model_validator(mode="after")
    def _known_words(self) -> Mapping:
        _only(self.state, (*OPEN_STATES, *CLOSED_STATES), "state")
        _only(self.family, FAMILIES, "family")
        if self.quality:
            _only(self.quality, get_args(LocationQuality), "quality")
        if (self.columns.lon is None) != (self.columns.lat is None):
            raise ValueError("lon and lat go together")
        return self

    @property
    def used(self) -> dict[str, str]:
        """Our name of each column that is read, and the file's; several may share one column."""
        c = self.columns
        used = {field: getattr(c, field) for field in Columns.model_fields if field != "title"}
        used |= {f"title_{n}": name for n, name in enumerate(c.title)}
        used |= {f"category_{n}": name for n, name in enumerate(self.category.columns)}
        used |= {"scheme": self.category.scheme.column, "unit_code": self.unit.code if self.unit else None}
        choices = {"state": self.state, "source": self.source, "family": self.family, "unit": self.unit}
        used |= {field: choice.column for field, choice in choices.items() if choice}
        used |= {"quality": self.quality.column if self.quality else None}
        return {field: name for field, name in used.items() if name}

    @property
    def silent(self) -> frozenset[str]:
        """Columns of a ticket of which this export says nothing, by their names in the store."""
        c = self.columns
        told = {
            "title": c.title, "description": c.description, "address": c.address, "outcome": c.outcome,
            "due_at": c.due, "unit_id": self.unit,
        }  # fmt: skip
        return frozenset(column for column, source in told.items() if not source)


def _only(choice: Choice, words: tuple[str, ...], what: str) -> None:
    for word in choice.said:
        if word not in words:
            raise ValueError(f"there is no {what} “{word}”; there are {', '.join(words)}")


def load_mapping(name: str) -> Mapping:
    """Read a shipped mapping by name, or any by the path of its TOML file; Refused says what is wrong in it."""
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        raise Refused(f"There is no mapping “{name}”; use one of {known}, or a .toml file.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Refused(f"The mapping {path.name} cannot be read: {fault}.") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise Refused(f"The mapping {path.name} is wrong at {where}: {first['msg']}.") from None
