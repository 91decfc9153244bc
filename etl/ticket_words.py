"""What the words of tickets stand for in the store, asked once a word: the connection is busy writing most of the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from etl.mapping import Mapping
from geodata.commands.categories import categories_by_path, sources_by_name, units_by_name

Path = tuple[str, ...]


@dataclass(slots=True)
class Known:
    """Keys of channels, of categories by (scheme, path) and of units by name; None for what was asked and is not there.

    `rest` is called before the connection is used.
    """

    connection: Connection
    mapping: Mapping
    rest: Callable[[], None]
    sources: dict[str, int | None] = field(default_factory=dict)
    categories: dict[tuple[str, Path], int | None] = field(default_factory=dict)
    units: dict[str, int | None] = field(default_factory=dict)
    _pairs: set[tuple[str, str]] = field(default_factory=set)

    def learn(self, sources: set[str], paths: set[tuple[str, Path]], units: set[tuple[str, str]]) -> None:
        """Ask for what is new among these words; `units` are (code, name)."""
        sources, paths = sources - self.sources.keys(), paths - self.categories.keys()
        units = units - self._pairs if self.mapping.unit else set()
        if not (sources or paths or units):
            return
        self.rest()
        if sources:
            found = sources_by_name(self.connection, sources, create=self.mapping.source.create)
            self.sources |= {name: found.get(name) for name in sources}
        for scheme in {scheme for scheme, _ in paths}:
            self._learn_categories(scheme, {path for of, path in paths if of == scheme})
        if units:
            self._learn_units(units)

    def _learn_categories(self, scheme: str, paths: set[Path]) -> None:
        found = categories_by_path(self.connection, str(scheme), paths, create=self.mapping.category.create)
        self.categories |= {(scheme, path): found.get(path) for path in paths}

    def _learn_units(self, pairs: set[tuple[str, str]]) -> None:
        unit: Any = self.mapping.unit
        found = units_by_name(self.connection, pairs, kind=unit.kind, create=unit.create)
        self.units |= {name: found.get(name) for _, name in pairs}
        self._pairs |= pairs
