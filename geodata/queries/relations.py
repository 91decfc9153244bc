"""Tables that may be drawn, their columns, and the joins that some attributes need; nothing else reaches SQL."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from geodata.queries.sources import Shapes, Tiles
from geodata.store.schema import metadata
from geodata.types import LOCATED

DRAWN = (
    "areas",
    "cameras",
    "coverage_gaps",
    "ground_features",
    "heritage_objects",
    "places",
    "roads",
    "sensors",
    "tickets",
)
JOINED = {
    "sensors": {"value": ("l.value", "left join sensor_latest l on l.sensor_id = t.id"),
                "at": ("l.at", "left join sensor_latest l on l.sensor_id = t.id")},
    "tickets": {"category": ("g.code", "join categories g on g.id = t.category_id"),
                "category_name": ("g.name", "join categories g on g.id = t.category_id"),
                "source": ("s.key", "join ticket_sources s on s.id = t.source_id")},
}  # fmt: skip
LOCATED_SQL = (
    f"t.location_quality in ({', '.join(repr(word) for word in LOCATED)}) and not t.is_default_point"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A checked source: FROM clause with alias t, select list by attribute, and conditions with their parameters."""

    table: str
    from_sql: str
    attributes: dict[str, str]
    conditions: tuple[str, ...]
    parameters: dict[str, Any]

    @property
    def select_list(self) -> str:
        """Attributes for a SELECT."""
        return ", ".join(f'{sql} as "{name}"' for name, sql in self.attributes.items())


@lru_cache(maxsize=512)
def relation(source: Shapes | Tiles, zoom: int | None = None) -> Relation:
    """Check a source's names against the schema; with a zoom, what is thinned there is left out."""
    if source.table not in DRAWN:
        raise ValueError(f"{source.table} is not a table that is drawn")
    attributes: dict[str, str] = {}
    joins: dict[str, None] = {}
    for attribute, column in source.columns.items():
        sql, join = _column(source.table, column)
        attributes[_plain(attribute)] = sql
        joins[join] = None
    conditions, parameters = _conditions(source, zoom)
    from_sql = " ".join([f"{source.table} t", *(join for join in joins if join)])
    return Relation(source.table, from_sql, attributes, conditions, parameters)


def _conditions(source: Shapes | Tiles, zoom: int | None) -> tuple[tuple[str, ...], dict[str, Any]]:
    wanted: list[tuple[str, tuple[str, ...]]] = [(column, (value,)) for column, value in source.where.items()]
    thin = source.thin if isinstance(source, Shapes) and zoom is not None else ()
    lowest = next(
        (rule for rule in sorted(thin, key=lambda rule: rule.below_zoom) if (zoom or 0) < rule.below_zoom),
        None,
    )
    if lowest:
        wanted.append((lowest.column, lowest.values))
    conditions = [f"{_column(source.table, column)[0]} = any(:is_{column})" for column, _ in wanted]
    if source.table == "tickets":
        conditions.append(LOCATED_SQL)
    return tuple(conditions), {f"is_{column}": list(values) for column, values in wanted}


def _column(table: str, column: str) -> tuple[str, str]:
    """SQL of a column and the join it needs; enumerations read as text."""
    if column in JOINED.get(table, {}):
        return JOINED[table][column]
    for known in metadata.tables[table].columns:
        if known.name == column:
            cast = "::text" if type(known.type).__name__ == "ENUM" else ""
            return f't."{column}"{cast}', ""
    raise ValueError(f"{table} has no column {column}")


def _plain(name: str) -> str:
    if not name.isidentifier() or not name.isascii():
        raise ValueError(f"{name} cannot be an attribute")
    return name
