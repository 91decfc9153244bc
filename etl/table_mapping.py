"""A mapping of any kind but tickets: which column is which field, and what its words mean (docs/how-to/load-data.md)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from geodata.space.crs import known_crs

Name = Annotated[str, Field(min_length=1)]


class TableMapping(BaseModel):
    """How a file of one kind is read; a word that it does not know is a mistake.

    `columns` are our fields and the file's columns, several of which are joined; `words` what the words of a field
    mean; `always` what a field holds in every row; `other` what it holds where the word is not known; `drop` columns
    that hold persons and are not to be looked at.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Name
    name: str | None = None
    crs: str | None = None
    dates: list[Name] = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"]
    columns: dict[str, list[Name]] = {}
    words: dict[str, dict[str, str]] = {}
    always: dict[str, str] = {}
    other: dict[str, str] = {}
    drop: list[Name] = []

    @field_validator("columns", mode="before")
    @classmethod
    def _listed(cls, columns: object) -> object:
        if not isinstance(columns, dict):
            return columns
        return {field: [name] if isinstance(name, str) else name for field, name in columns.items()}

    @field_validator("crs")
    @classmethod
    def _crs(cls, said: str | None) -> str | None:
        if said is not None and known_crs(said) is None:
            raise ValueError(f"there is no CRS “{said}”")
        return said

    @property
    def used(self) -> tuple[str, ...]:
        """The columns of the file that are read."""
        return tuple(dict.fromkeys(name for names in self.columns.values() for name in names))
