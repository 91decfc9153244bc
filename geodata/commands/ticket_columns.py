"""Many tickets as whole columns: new ones go straight into the table as binary COPY, in the order of their areas.

Six covering indexes are kept while rows come in, and that is most of the work; rows that lie near each other touch the
same pages. Keys are taken from the table's counter beforehand, so that a ticket's events can be written beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands.bulk import copy_rows
from geodata.commands.copy_binary import (
    Field,
    Part,
    Text,
    Vocabulary,
    instants,
    number,
    points,
    text as words,
    vocabulary,
)
from geodata.commands.loads import kept_for_undo

Columns = Mapping[
    str, NDArray[Any]
]  # by TicketRow's names; 0 stands for no key, NaN and NaT for nothing, None for no text
WIDTHS = {
    "source_id": "i2", "category_id": "i8", "unit_id": "i8", "area_id": "i8", "road_id": "i8", "hex_r9": "i8",
    "hex_r10": "i8", "hex_r11": "i8", "row_number": "i4", "is_default_point": "bool", "repaired": "bool", "lon": "f8",
    "lat": "f8", "road_offset_m": "f4",
}  # fmt: skip
INSTANTS = ("received_at", "due_at", "closed_at")
PLACE = ("lon", "lat")
CLOSED = {"resolved_online": 2, "merged": 3}  # place in EVENTS of what its closing is called; else closed
EVENTS = ("received", "closed", "resolved_online", "merged")


def as_fields(columns: Columns, names: tuple[str, ...]) -> list[Field]:
    """These columns as the staging table takes them."""
    return [_field(name, columns[name]) for name in names]


def copy_new(c: Connection, columns: Columns, *, origin: str, load_id: int | None) -> None:
    """Write tickets of which none is known, with their first events; UniqueViolation when one is."""
    near = np.lexsort((columns["received_at"], columns["hex_r10"], columns["area_id"]))
    columns = {name: values[near] for name, values in columns.items()}
    rows = len(near)
    keys = _keys(c, rows)
    names = tuple(name for name in columns if name not in PLACE)
    every = np.zeros(rows, np.int64)
    fields = [
        number(keys, "i8"), words(Part(vocabulary([origin]), every)),
        number(np.full(rows, load_id or 0), "i8", None if load_id else np.ones(rows, bool)),
        points(columns["lon"], columns["lat"], _missing(np.isnan(columns["lon"]))),
        *(_field(name, columns[name], offset="f8") for name in names),
    ]  # fmt: skip
    copy_rows(c, "tickets", ("id", "origin", "load_id", "geom", *names), fields)
    with kept_for_undo(c, None):  # they go with their tickets
        _copy_events(c, columns, keys)


def _field(name: str, values: NDArray[Any], offset: str = "f4") -> Field:
    if name in INSTANTS:
        return instants(values)
    width = WIDTHS.get(name)
    if width is None:
        return _strings(values)
    if width == "bool":
        return number(values, "bool")
    if width in ("f4", "f8"):
        # the staging table rounds a distance to four bytes: what is written beside it must say the same
        said = values.astype(np.float32).astype(offset) if width == "f4" else values
        return number(said, offset if width == "f4" else width, _missing(np.isnan(values)))
    return number(values, width, _missing(values == 0))


def _missing(mask: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    return mask if mask.any() else None


def _strings(values: NDArray[Any]) -> Text:
    import pyarrow as pa  # noqa: PLC0415 - half a second that no start should wait for

    array = pa.array(values, pa.string(), from_pandas=True)
    _, offsets, body = array.buffers()
    ends = np.frombuffer(offsets, np.int32)[: len(array) + 1].astype(np.int64)
    blob = np.frombuffer(body, np.uint8) if body is not None and body.size else np.zeros(1, np.uint8)
    missing = np.asarray(array.is_null()) if array.null_count else None
    return Text((Part(Vocabulary(blob, ends[:-1], np.diff(ends)), np.arange(len(array))),), missing)


def _keys(c: Connection, count: int) -> NDArray[np.int64]:
    """So many numbers from the counter of tickets; others may draw from it at the same time."""
    counter = c.execute(text("select pg_get_serial_sequence('tickets', 'id')")).scalar()
    # named once: looked up for each number, the counter's name costs ten times the number
    drawn = "select nextval(cast(:counter as regclass)) as key from generate_series(1, :count)"
    asked = {"counter": counter, "count": count}
    low, high = c.execute(text(f"select min(key), max(key) from ({drawn}) k"), asked).one()
    if high - low + 1 == count:
        return np.arange(low, high + 1)
    return np.array(c.execute(text(drawn), asked).scalars().all(), np.int64)


def _copy_events(c: Connection, columns: Columns, keys: NDArray[np.int64]) -> None:
    closed = ~np.isnat(columns["closed_at"])
    kind = np.array([CLOSED.get(state, 1) for state in columns["state"][closed].tolist()], np.int64)
    key = np.concatenate([keys, keys[closed]])
    at = np.concatenate([columns["received_at"], columns["closed_at"][closed]])
    kinds = np.concatenate([np.zeros(len(keys), np.int64), kind])
    seq = np.concatenate([np.ones(len(keys), np.int64), np.full(len(kind), 2)])
    order = np.lexsort((seq, key))
    copy_rows(c, "ticket_events", ("ticket_id", "seq", "at", "kind"), [
        number(key[order], "i8"), number(seq[order], "i2"), instants(at[order]),
        words(Part(vocabulary(EVENTS), kinds[order])),
    ])  # fmt: skip
