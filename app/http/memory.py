"""Answers kept in memory up to a weight, the least recently used forgotten first; each made once however many ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """A bounded memory; `weigh` gives an answer's weight in the unit of `room`."""

    def __init__(self, room: int, weigh: Callable[[V], int]) -> None:
        self._room, self._weigh, self._weight = room, weigh, 0
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The answer kept under a key, or the one made now; who asks meanwhile waits for it."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                return self._keep(key, make())
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def forget(self, key: Hashable) -> None:
        """Drop one answer."""
        with self._lock:
            if key in self._kept:
                self._weight -= self._weigh(self._kept.pop(key)) + 1

    def _keep(self, key: Hashable, value: V) -> V:
        with self._lock:
            self._kept[key] = value
            self._weight += self._weigh(value) + 1
            while self._weight > self._room and len(self._kept) > 1:
                self._weight -= self._weigh(self._kept.popitem(last=False)[1]) + 1
        return value
