"""Registers on their way in: roads, places, devices and other lists of things, each row told apart by its code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from etl import row_places
from etl.columns import clean, joined
from etl.formats.base import Raw, Source
from etl.headers import find_columns, known_words, plain
from etl.kinds.base import Field, KindOf, LoadOptions
from etl.pipeline import Desk
from etl.quality import Fault
from etl.row_values import UNREAD, read
from etl.steps.base import Case
from etl.table_mapping import TableMapping
from etl.where import probable_of_shapes, settle, tell
from geodata.commands.registers import Written
from geodata.errors import FileRefused
from geodata.profile import Profile
from geodata.queries.evidence import evidence
from geodata.space.crs import STORED, shapes_to_stored
from geodata.types import BBox, Bilingual

MISSING = Fault("value_missing", "rejected", Bilingual("缺少必填值", "lacks a value that must be there"))
UNREADABLE = Fault("value_unreadable", "rejected", Bilingual("无法识别", "has a value that cannot be read"))
STRANGE = Fault(
    "word_unknown", "rejected", Bilingual("词语不在映射之列", "has a word that the mapping does not name")
)
AGAIN = Fault(
    "code_again",
    "rejected",
    Bilingual("编码在本文件中重复", "its code stands in an earlier row of this file"),
)
ROW_AGAIN = Fault("row_again", "rejected", Bilingual("与前面某行重复", "is the same thing as an earlier row"))
LONG = Fault("value_too_long", "rejected", Bilingual("文字过长", "has a text of more than 400 characters"))
CODES_MADE = Fault(
    "codes_made", "note",
    Bilingual("文件没有编码列", "has no column of codes"),
    Bilingual("按名称与位置生成编码；移动或更名后会成为新的对象", "codes were made of name and place; what moves or is renamed becomes another thing"),
)  # fmt: skip
SAME_PLACE = Fault(
    "same_place", "note",
    Bilingual("与其他行位置完全相同", "stands on the same spot as another row"),
    Bilingual("照原样载入", "loaded where it says"),
)  # fmt: skip
LONGEST, CODE_LETTERS = 400, 12
FEW, NO_PROOF = (
    20,
    0.5,
)  # so few things that lie in the district as the file says are no proof that it says wrong
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows ready to be written: values by field, and shapes in EPSG:4326 where the kind has any.

    `told` are the fields of which the file says something.
    """

    table: pd.DataFrame
    told: Collection[str]
    load_id: int | None


@dataclass(frozen=True, slots=True)
class Writer:
    """How a kind is written; `secret` are fields whose values never stand in a finding.

    `check` may reject rows that contradict themselves, `finish` does what follows once all are in and gives further
    figures; `spread` says that two on the same spot are worth a note.
    """

    write: Callable[[Connection, Profile, Batch], Written]
    check: Callable[[pd.DataFrame, Case], pd.DataFrame] = lambda table, _: table
    finish: Callable[[Connection, Profile, Written], Found] = lambda _, __, ___: {}
    secret: frozenset[str] = frozenset()
    spread: bool = True


class Rows:
    """One load of a register."""

    def __init__(self, desk: Desk, options: LoadOptions, kind: KindOf, writer: Writer) -> None:
        self.key, self._kind, self._writer, self._desk = kind.key, kind, writer, desk
        self.mapping = _mapping(kind, options, desk.source)
        _check(kind, self.mapping, desk.source)
        named = {field: ", ".join(columns) for field, columns in self.mapping.columns.items()}
        self.case = Case(desk.profile, desk.ledger, named)
        self.wanted: Sequence[str] = self.mapping.used
        self._crs: str | None = None
        self.crs: dict[str, Any] = {"declared": desk.source.declared_crs, "used": None}
        self.figures: dict[str, Any] = {}
        self._whole = Written([], [], 0)
        self._known = {
            field.name: _words(field, self.mapping) for field in kind.fields if field.form == "word"
        }
        self._spots: set[tuple[float, float]] = set()
        if self._makes_codes:
            desk.ledger.add(CODES_MADE)

    @property
    def _makes_codes(self) -> bool:
        coded = any(field.name == "code" for field in self._kind.fields)
        return coded and "code" not in self.mapping.columns and "code" not in self.mapping.always

    def name(self, raw: Raw) -> pd.DataFrame:
        """Cells under our names, read; rows with a cell that cannot be read are rejected."""
        index = raw.table.index
        cells = {column: clean(raw.table[column]) for column in self.wanted}
        said = {field: joined([cells[column] for column in columns], index)
                for field, columns in self.mapping.columns.items()}  # fmt: skip
        for field, value in self.mapping.always.items():
            said[field] = pd.Series([value] * len(index), index, dtype=object)
        table = pd.DataFrame(said, index=index, dtype=object)
        table = table.reindex(columns=[field.name for field in self._kind.fields])
        if (
            self._kind.shape in ("point", "line")
            and raw.shapes is not None
            and "lon" not in self.mapping.columns
        ):
            table["shape"] = pd.Series(np.asarray(raw.shapes, object), index, dtype=object)
        for one in self._kind.fields:
            if one.form != "coordinate":
                table = self._read(table, one)
        return table

    def _read(self, table: pd.DataFrame, field: Field) -> pd.DataFrame:
        column, ledger = self.case.named(field.name), self.case.ledger
        shown = "" if field.name in self._writer.secret else field.name
        if field.required and not (field.name == "code" and self._makes_codes):
            table = ledger.reject(table, table[field.name].isna(), MISSING, column=column)
        texts = table[field.name]
        forms, words = self.mapping.dates, self._known.get(field.name, {})
        other = self.mapping.other.get(field.name)
        known = {text: read(text, field.form, forms=forms, words=words) for text in texts.dropna().unique()}
        known = {text: other if value is UNREAD and other else value for text, value in known.items()}
        bad = texts.map(lambda text: known.get(text) is UNREAD).astype(bool)
        fault = STRANGE if field.form == "word" else UNREADABLE
        table = ledger.reject(table, bad, fault, column=column, shown=shown)
        long = table[field.name].map(lambda text: isinstance(text, str) and len(text) > LONGEST).astype(bool)
        table = ledger.reject(table, long, LONG, column=column)
        values = [known.get(text) if isinstance(text, str) else None for text in table[field.name]]
        return table.assign(**{field.name: pd.Series(values, table.index, dtype=object)})

    def locate(self, table: pd.DataFrame) -> pd.DataFrame:
        """Shapes in EPSG:4326; rows that lie nowhere that can be are rejected."""
        if self._kind.shape not in ("point", "line"):
            return table
        ledger, lon, lat = self.case.ledger, self.case.named("lon"), self.case.named("lat")
        if "shape" not in table:
            table = row_places.of_columns(table, ledger, lon, lat)
        table = row_places.fitting(table, ledger, self._kind.shape)
        shapes = table["shape"].to_numpy()
        if self._crs is None:
            self._crs = self._settled(shapes, table)
        turned = shapes_to_stored(shapes, self._crs)
        table = table.assign(shape=pd.Series(turned, table.index, dtype=object))
        both = "" if lon == "lon" and self._desk.source.has_shapes else ", ".join(dict.fromkeys((lon, lat)))
        return row_places.on_earth(table, ledger, self._desk.profile.bbox, both)

    def _settled(self, shapes: row_places.Shapes, table: pd.DataFrame) -> str:
        source, desk = self._desk.source, self._desk
        said = self.mapping.crs or source.crs or (None if source.has_shapes else STORED)
        names = table["name"].tolist() if "name" in table else None
        where = probable_of_shapes(shapes, said, evidence(desk.connection, desk.profile), names)
        if said and len(shapes) < FEW and _all_within(shapes_to_stored(shapes, said), desk.profile.bbox):
            where = replace(where, confidence=min(where.confidence, NO_PROOF))
        used = settle(where, said, desk.crs)
        self.crs |= tell(desk.ledger, where, used)
        return used

    def load(self, table: pd.DataFrame) -> None:
        """Write a batch and count what was new, changed and known."""
        table = self._writer.check(self._told_apart(table), self.case)
        if table.empty:
            return
        told = {*self.mapping.columns, *self.mapping.always}
        batch = Batch(table, told, self._desk.run)
        written = self._writer.write(self._desk.connection, self._desk.profile, batch)
        ledger, whole = self.case.ledger, self._whole
        ledger.new += len(written.new)
        ledger.changed += len(written.changed)
        ledger.unchanged += len(table) - len(written.new) - len(written.changed)
        self._whole = Written(
            whole.new + written.new,
            whole.changed + written.changed,
            whole.unchanged + written.unchanged,
            max(whole.farthest_m, written.farthest_m),
        )

    def _told_apart(self, table: pd.DataFrame) -> pd.DataFrame:
        if "code" not in table:
            return table
        if self._makes_codes:
            table = table.assign(code=_codes(self._kind.key, table))
        again = table["code"].duplicated() | table["code"].isin(self.case.seen)
        fault = ROW_AGAIN if self._makes_codes else AGAIN
        shown = "" if self._makes_codes else "code"
        table = self.case.ledger.reject(
            table, again, fault, column=self.case.columns.get("code", ""), shown=shown
        )
        self.case.seen.update(table["code"])
        return self._spotted(table)

    def _spotted(self, table: pd.DataFrame) -> pd.DataFrame:
        if self._kind.shape != "point" or not self._writer.spread or table.empty:
            return table
        shapes = table["shape"].to_numpy()
        spots = list(zip(shapely.get_x(shapes).tolist(), shapely.get_y(shapes).tolist(), strict=True))
        seen = pd.Series(spots, table.index, dtype=object)
        again = seen.duplicated() | seen.isin(self._spots)
        self.case.ledger.mark(table, again, SAME_PLACE)
        self._spots.update(spots)
        return table

    def finish(self) -> None:
        """Do what follows from rows that came or changed."""
        if self._whole.farthest_m:
            self.figures["moved"] = round(self._whole.farthest_m, 1)
        if self._whole.new or self._whole.changed:
            self.figures |= self._writer.finish(self._desk.connection, self._desk.profile, self._whole)


def _all_within(shapes: row_places.Shapes, box: BBox) -> bool:
    return bool(shapely.intersects(shapes, shapely.box(*box)).all())


def _mapping(kind: KindOf, options: LoadOptions, source: Source) -> TableMapping:
    if isinstance(options.mapping, dict):
        return TableMapping.model_validate(options.mapping)
    headers = pd.DataFrame(columns=list(dict.fromkeys(source.columns)))
    hits = find_columns(kind, headers, near=False)
    columns = {field: [hit.column] for field, hit in hits.items()}
    if source.has_shapes:
        columns = {field: names for field, names in columns.items() if field not in ("lon", "lat")}
    return TableMapping(kind=kind.key, columns=columns)


def _check(kind: KindOf, mapping: TableMapping, source: Source) -> None:
    fields = {field.name: field for field in kind.fields}
    told = {*mapping.columns, *mapping.always, *mapping.words, *mapping.other}
    if strange := sorted(told - fields.keys()):
        raise FileRefused(
            f"The mapping names “{strange[0]}”, which {kind.title.en.lower()} do not have; they have: {', '.join(fields)}."
        )
    has = ", ".join(source.columns)
    if absent := [name for name in mapping.used if name not in source.columns]:
        raise FileRefused(f"The file has no column “{absent[0]}”; its columns are: {has}.")
    if twice := [name for name in mapping.used if source.columns.count(name) > 1]:
        raise FileRefused(f"The file has two columns called “{twice[0]}”; which one counts cannot be told.")
    told_of = {*mapping.columns, *mapping.always}
    lacking = [
        one.name for one in kind.fields if one.required and one.name not in told_of and one.name != "code"
    ]
    if lacking:
        raise FileRefused(
            f"Which column is “{lacking[0]}” cannot be told; say so in a mapping (--suggest writes a first one). The columns are: {has or 'none'}."
        )
    if kind.shape == "line" and not source.has_shapes:
        raise FileRefused(
            f"The file is a table without shapes; {kind.title.en.lower()} need a format with lines, such as GeoJSON."
        )
    if kind.shape == "point" and not source.has_shapes and not {"lon", "lat"} <= mapping.columns.keys():
        raise FileRefused(
            f"Which columns are longitude and latitude cannot be told; say so in a mapping (--suggest writes a first one). The columns are: {has}."
        )


def _words(field: Field, mapping: TableMapping) -> dict[str, str]:
    return known_words(mapping.kind, field) | {
        plain(word): means for word, means in mapping.words.get(field.name, {}).items()
    }


def _codes(kind: str, table: pd.DataFrame) -> pd.Series:
    names = table["name"] if "name" in table else pd.Series([None] * len(table), table.index)
    lines = shapely.to_wkt(table["shape"].to_numpy(), rounding_precision=6)
    made = [
        f"{kind[:1].upper()}-"
        + blake2b(f"{name or ''}|{line}".encode(), digest_size=CODE_LETTERS // 2).hexdigest()
        for name, line in zip(names, lines, strict=True)
    ]
    return pd.Series(made, table.index, dtype=object)
