"""Reads tickets out of PostgreSQL in one snapshot: binary COPY with rows of one width, into small numbers chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands.bulk import raw
from geodata.commands.copy_binary import HEADER
from geodata.cube.arrays import CHUNK, MOST_DAYS, Column, Columns, Numbering, numbered, small
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.queries.relations import LOCATED_SQL
from geodata.space.hexes import RESOLUTIONS
from geodata.store.schema.tickets import TICKET_STATES
from geodata.types import LOCATED

NEVER = -(2**63)  # -infinity as PostgreSQL sends it
POSTGRES_DAY = 10_957  # 2000-01-01 in days since 1970-01-01
DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
PLACES = ("located", "default_point", "unlocated")
TOLD = (
    "area",
    "category",
    "source",
    "kind",
    "day",
    "hour",
    "due_day",
    "took",
    "located",
)  # in the order of Lives
FIELDS = {
    "r9": ("i8", f"case when {LOCATED_SQL} then t.hex_r9 else 0 end"),
    "r10": ("i8", "coalesce(t.hex_r10, 0)"),
    "r11": ("i8", "coalesce(t.hex_r11, 0)"),
    "area": ("i8", "coalesce(t.area_id, 0)"),
    "category": ("i8", "t.category_id"),
    "source": ("i2", "t.source_id"),
    "kind": ("i2", ""),
    "received": ("i8", "t.received_at"),
    "due": ("i8", "coalesce(t.due_at, '-infinity')"),
    "closed": ("i8", "coalesce(t.closed_at, '-infinity')"),
}
KIND = f"""(case t.state {" ".join(f"when '{state}' then {n}" for n, state in enumerate(TICKET_STATES))} end
    + case t.family when 'city' then 8 else 0 end
    + case when t.is_default_point then 16
           when t.location_quality in ({", ".join(repr(word) for word in LOCATED)}) then 0 else 32 end
    + case when t.closed_at <= t.due_at then 64 else 0 end)::int2"""


@dataclass(slots=True)
class Lives:
    """All tickets as the dossier counts them, columns of one length and of the smallest integers that hold them.

    `areas` are area keys (0: none), `kinds` bits: 0–2 state, 3 city family, 4–5 place, 6 closed on time; `days`,
    `hours` of receipt by the local clock; `due_days` −1 where none; days since 1970-01-01. `took` are µs from receipt to closing, −1 while open. `located` are in the
    cube too.
    """

    areas: Column
    categories: Column
    sources: Column
    kinds: Column
    days: Column
    hours: Column
    due_days: Column
    took: Column
    located: Column


def snapshot(c: Connection) -> str:
    """The moment this transaction sees, by which later changes are told from those it holds."""
    return str(c.execute(text("select cast(pg_current_snapshot() as text)")).scalar_one())


def read(c: Connection, profile: Profile) -> Iterator[dict[str, Column]]:
    """Chunks of raw columns of all tickets; the transaction must be REPEATABLE READ."""
    listed = ", ".join(sql or KIND for _, sql in FIELDS.values())
    row = np.dtype([("fields", ">i2"), *((f, t) for name, (kind, _) in FIELDS.items()
                                         for f, t in ((f"{name}_size", ">i4"), (name, f">{kind}")))])  # fmt: skip
    clock = LocalClock(profile.zone)
    statement = f"copy (select {listed} from tickets t) to stdout (format binary)"
    with raw(c).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for body in _pieces(copy, row.itemsize):
            yield _columns(np.frombuffer(body, row), clock)


def _pieces(copy: Any, width: int) -> Iterator[bytes]:
    """Whole rows, many at a time; the first message begins with the header, the last is the trailer alone."""
    rows, begin = iter(copy), len(HEADER)
    while held := list(islice(rows, CHUNK)):
        whole = b"".join(held)
        yield whole[begin : begin + (len(whole) - begin) // width * width]
        begin = 0


def _columns(rows: NDArray[Any], clock: LocalClock) -> dict[str, Column]:
    found = {name: rows[name].astype(kind) for name, (kind, _) in FIELDS.items()}
    received, due, closed = (found.pop(name) for name in ("received", "due", "closed"))
    local = clock.local(received)
    found["took"] = np.where(closed == NEVER, -1, closed - np.where(closed == NEVER, 0, received))
    has_due = due != NEVER
    found["day"] = (local // DAY_US + POSTGRES_DAY).astype(np.int32)
    found["hour"] = (local % DAY_US // HOUR_US).astype(np.uint8)
    found["due_day"] = np.where(
        has_due, clock.local(np.where(has_due, due, 0)) // DAY_US + POSTGRES_DAY, -1
    ).astype(np.int32)
    return found


class LocalClock:
    """Turns instants into the clock on the wall; a day on which it is put forward or back is looked at more closely."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._days: dict[int, int | None] = {}

    def local(self, instants_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Microseconds of local time since 2000-01-01 00:00, from those of UTC."""
        days = instants_us // DAY_US
        known, at = np.unique(days, return_inverse=True)
        offsets = np.array([self._offset(int(day)) for day in known], object)
        plain = np.array([0 if offset is None else offset for offset in offsets], np.int64)[at]
        for number in np.flatnonzero(offsets == None):  # noqa: E711 - elementwise
            for i in np.flatnonzero(at == number):
                plain[i] = self._at(int(instants_us[i]))
        return instants_us + plain

    def _offset(self, day: int) -> int | None:
        if day not in self._days:
            begin, end = self._at(day * DAY_US), self._at((day + 1) * DAY_US)
            self._days[day] = begin if begin == end else None
        return self._days[day]

    def _at(self, instant_us: int) -> int:
        at = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant_us)
        offset = at.astimezone(self._zone).utcoffset() or timedelta()
        return offset // timedelta(microseconds=1)


class Gathering:
    """Takes the chunks up: what is told of every ticket once, and the numbers of the cells of those that are located."""

    def __init__(self) -> None:
        self._numberings = {r: Numbering() for r in RESOLUTIONS}
        self._codes: list[dict[str, Column]] = []
        self._lives: list[dict[str, Column]] = []
        self.tickets = 0

    def take(self, chunk: dict[str, Column]) -> None:
        """One chunk."""
        self.tickets += len(chunk["day"])
        chunk["located"] = chunk["r9"] != 0
        here = np.flatnonzero(chunk["located"])
        self._codes.append(
            {f"r{r}": narrowed(self._numberings[r].take(chunk[f"r{r}"][here])) for r in RESOLUTIONS}
        )
        self._lives.append({name: narrowed(chunk[name]) for name in TOLD})

    def lives(self) -> Lives:
        """All tickets for the dossier; once."""
        return Lives(*(_joined(self._lives, name) for name in TOLD))

    def heat(
        self, lives: Lives, places: dict[int, int], parents: dict[int, int | None]
    ) -> tuple[Columns, dict[int, int]]:
        """Columns of the heat cube, and the place of each area key that holds tickets; unknown areas get a place each; once."""
        here = lives.located
        areas, at = numbered(lives.areas[here])
        place_of = {int(area): places.get(int(area), -int(area)) for area in areas}
        keys, small_places = small(
            np.array([place_of[int(a)] for a in areas], np.int64), np.int16, 1 << 15, "places"
        )
        category_keys, categories = small(lives.categories[here], np.int16, 1 << 15, "categories")
        day = lives.days[here].astype(np.int32)
        first = int(day.min()) if len(day) else 0
        if len(day) and int(day.max()) - first >= MOST_DAYS:
            raise Refused("The tickets span more than 179 years; one of them has a wrong date.")
        columns = Columns(
            {r: _joined(self._codes, f"r{r}", np.int32) for r in RESOLUTIONS},
            {r: self._numberings[r].cells() for r in RESOLUTIONS},
            small_places[at], keys, categories, category_keys, (day - first).astype(np.uint16), first,
            lives.hours[here], parents,
        )  # fmt: skip
        return columns, place_of


def narrowed(column: Column) -> Column:
    """The same whole numbers in as few bytes as hold them; columns of several widths join to the widest."""
    if column.dtype == bool:
        return column
    low, high = int(column.min(initial=0)), int(column.max(initial=0))
    kinds = (np.uint8, np.uint16, np.int16, np.int32)
    return column.astype(
        next((k for k in kinds if np.iinfo(k).min <= low and high <= np.iinfo(k).max), np.int64)
    )


def _joined(chunks: list[dict[str, Column]], name: str, kind: type | None = None) -> Column:
    """One column whole; its pieces are let go."""
    pieces = [chunk.pop(name) for chunk in chunks]
    return np.concatenate(pieces, dtype=kind) if pieces else np.zeros(0, kind or np.int64)


def expected(c: Connection) -> int:
    """How many tickets there are, about; for a bar that fills."""
    return int(c.execute(text("select reltuples from pg_class where oid = 'tickets'::regclass")).scalar_one())


def database(c: Connection) -> str:
    """Which database this is; transactions of another have other numbers."""
    statement = """
        select concat_ws('/', (select system_identifier from pg_control_system()),
                         (select oid from pg_database where datname = current_database()))"""
    return str(c.execute(text(statement)).scalar_one())


def places(c: Connection, profile: Profile) -> dict[int, int]:
    """For each area the place it belongs to: a number for each set of sub-districts that areas stand in (from 1)."""
    level = profile.levels[1].key if len(profile.levels) > 1 else profile.levels[0].key
    rows = c.execute(
        text("""select x.area_id, string_agg(distinct x.ancestor_code, '/' order by x.ancestor_code) as above
                from area_ancestors x
                where x.ancestor_code in (select code from areas where scheme = :scheme and level = :level)
                group by x.area_id order by above, x.area_id"""),
        {"scheme": profile.scheme, "level": level},
    ).all()
    numbers = {above: number for number, above in enumerate(dict.fromkeys(row.above for row in rows), 1)}
    return {row.area_id: numbers[row.above] for row in rows}


def parents(c: Connection) -> dict[int, int | None]:
    """The tree of categories: key to the key above."""
    return {
        row.id: row.parent_id for row in c.execute(text("select id, parent_id from categories order by id"))
    }


def ground(c: Connection) -> str:
    """A short word that changes with every boundary and every category."""
    statement = """
        select md5(concat((select string_agg(concat_ws(',', area_id, ancestor_code, steps), ';' order by area_id, ancestor_code)
                           from area_ancestors),
                          (select string_agg(concat_ws(',', id, parent_id), ';' order by id) from categories)))"""
    return str(c.execute(text(statement)).scalar_one())
