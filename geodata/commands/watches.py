"""Where the judging of every subject stands: kept in memory by the one judge, written when it changed.

A judge whose transaction failed forgets all of this and loads it again, so memory never says more than the tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Connection, text

Key = tuple[str, int]  # cause, drill (0 for true)


class State(Protocol):
    """What a rule remembers of one subject."""

    def as_dict(self) -> Mapping[str, Any]:
        """As JSON keeps it."""
        ...

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote."""
        ...


S = TypeVar("S", bound=State)


class Watches:
    """The states of all causes."""

    def __init__(self, rows: Mapping[Key, tuple[Mapping[str, Any], datetime]]) -> None:
        self._kept: dict[Key, State | Mapping[str, Any]] = {key: told for key, (told, _) in rows.items()}
        self._saved_at = {key: at for key, (_, at) in rows.items()}
        self._to_write: dict[Key, State | None] = {}

    @classmethod
    def load(cls, c: Connection) -> Watches:
        """Read all that is kept."""
        rows = c.execute(text("select cause, drill_id, state, changed_at from watches")).all()
        return cls({(row[0], row[1]): (row[2], row[3]) for row in rows})

    def get(self, key: Key, kind: type[S]) -> S | None:
        """The state of a cause; None when nothing is remembered."""
        found = self._kept.get(key)
        if isinstance(found, Mapping):
            found = self._kept[key] = kind.from_dict(found)
        assert found is None or isinstance(found, kind)
        return found

    def put(self, key: Key, state: State, *, write: bool = True) -> None:
        """Remember a state; one that only moved on in time need not be written."""
        self._kept[key] = state
        if write or key in self._to_write:
            self._to_write[key] = state

    def drop(self, key: Key) -> None:
        """Forget a cause."""
        if self._kept.pop(key, None) is not None:
            self._to_write[key] = None

    def keys(self, rule: str) -> Iterator[Key]:
        """All causes of a rule."""
        beginning = f"{rule}:"
        return (key for key in list(self._kept) if key[0].startswith(beginning))

    def saved_at(self, key: Key) -> datetime | None:
        """When a state that was read from the table had been written."""
        return self._saved_at.get(key)

    def save(self, c: Connection) -> int:
        """Write what changed; gives how many rows."""
        gone = [key for key, state in self._to_write.items() if state is None]
        kept = [(*key, json.dumps(dict(state.as_dict()), ensure_ascii=False))
                for key, state in sorted(self._to_write.items(), key=_by_key) if state is not None]  # fmt: skip
        if kept:
            causes, drills, states = (list(column) for column in zip(*kept, strict=True))
            c.execute(
                text("""insert into watches (cause, drill_id, state)
                        select * from unnest(cast(:causes as text[]), cast(:drills as bigint[]), cast(:states as jsonb[]))
                        on conflict (cause, drill_id) do update set state = excluded.state, changed_at = now()"""),
                {"causes": causes, "drills": drills, "states": states},
            )
        if gone:
            c.execute(
                text("""delete from watches w
                        using unnest(cast(:causes as text[]), cast(:drills as bigint[])) as g (cause, drill)
                        where w.cause = g.cause and w.drill_id = g.drill"""),
                {"causes": [key[0] for key in gone], "drills": [key[1] for key in gone]},
            )
        written, self._to_write = len(self._to_write), {}
        return written


def _by_key(item: tuple[Key, State | None]) -> Key:
    return item[0]
