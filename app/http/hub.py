"""The hub of a web process: hears the database once and tells every open page what it may know.

Happenings reach a page all and in order, or its stream ends and it comes back for what it missed. Changes are only
gathered and told twice a second, because just the last state of a sensor or cell counts.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from anyio.to_thread import run_sync
from sqlalchemy import Engine

from app.http.sse import as_event
from geodata.commands.accounts import Account
from geodata.queries.visible import areas_above
from geodata.store.listen import CONNECTED, Notice, address_of, listen
from geodata.store.notices import CHANGED, HAPPENED, Happening, happened_after, last_number
from geodata.types import Role

log = logging.getLogger(__name__)
ROOM: Final = 2_000  # messages a page may be behind
GATHER_S = 0.5
MISSED_MOST = 2_000  # more than that is asked anew instead of told one by one
KINDS: dict[Role, frozenset[str]] = {
    "screen": frozenset({"alert", "incident", "dispatch", "feed", "drill"}),
    "planner": frozenset({"alert", "incident", "feed", "drill"}),
    "team": frozenset({"dispatch"}),  # and of these its own alone
}  # what a role is told; the others are told everything


@dataclass(eq=False)
class Client:
    """One open stream."""

    account: Account
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(ROOM))
    after: int = 0  # what it knows already

    def give(self, message: bytes) -> None:
        """Put a message in line; a page that is too far behind is sent away to come back."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Let its stream end after what is in line, or at once when the line is full."""
        while True:
            try:
                self.queue.put_nowait(None)
            except asyncio.QueueFull:
                with suppress(asyncio.QueueEmpty):
                    self.queue.get_nowait()
            else:
                return


class Hub:
    """Hears the database and holds the streams of one process; everything happens on its event loop."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clients: set[Client] = set()
        self.last = 0
        self.hearing = False
        self.above: dict[str, frozenset[str]] = {}
        self._changes: dict[str, set[str]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._starting = asyncio.Lock()

    async def newest(self) -> int:
        """The number of the newest happening."""
        return await run_sync(self._newest)

    async def join(self, client: Client) -> list[Happening] | None:
        """Take a stream in and give what it missed, None when that is too much to be told one by one.

        Nothing is lost or told twice between the two: between the last look and the joining nothing else runs.
        """
        await self._started()
        missed: list[Happening] = []
        while True:
            found = await run_sync(self._after, client.after)
            missed += found
            client.after = max([client.after, *(one.id for one in found)])
            too_many = len(missed) > MISSED_MOST
            if too_many:
                client.after = max(client.after, self.last)
            if client.after >= self.last:
                self.clients.add(client)
                return None if too_many else missed

    def leave(self, client: Client) -> None:
        """A stream has ended."""
        self.clients.discard(client)

    def close(self) -> None:
        """Stop hearing."""
        for task in self._tasks:
            task.cancel()

    def may_know(self, account: Account, happening: Happening) -> bool:
        """Whether an account is told of a happening: by role and by area."""
        if account.role in KINDS and happening.kind not in KINDS[account.role]:
            return False
        if account.role == "team":
            return happening.body.get("account_id") == account.id
        if account.area_code is None or happening.area_code is None:
            return True
        return account.area_code in self.above.get(happening.area_code, frozenset({happening.area_code}))

    async def _started(self) -> None:
        """Have one pair of ears, however many come at once."""
        async with self._starting:
            if self._tasks and not any(task.done() for task in self._tasks):
                return
            for task in self._tasks:
                task.cancel()
            self.last = await run_sync(self._newest)
            self._tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._gather())]

    async def _hear(self) -> None:
        async for notice in listen(address_of(self.engine), (HAPPENED, CHANGED)):
            self.hearing = True
            try:
                await self._heard(notice)
            except Exception:  # one bad notice must not make the room deaf
                log.exception("a notice could not be passed on")

    async def _heard(self, notice: Notice | None) -> None:
        if notice is not None and notice.channel == CHANGED:
            for what, keys in json.loads(notice.payload).items():
                self._changes.setdefault(what, set()).update(keys)
            return
        if notice is not None and notice != CONNECTED and int(notice.payload) <= self.last:
            return
        while told := await run_sync(self._after, self.last):
            for happening in told:
                self._tell(happening)
            self.last = told[-1].id

    def _tell(self, happening: Happening) -> None:
        message = as_event("happening", told_of(happening), number=happening.id)
        for client in list(self.clients):
            if happening.id > client.after and self.may_know(client.account, happening):
                client.give(message)

    async def _gather(self) -> None:
        while True:
            await asyncio.sleep(GATHER_S)
            if not self._changes:
                continue
            changes, self._changes = self._changes, {}
            for client in list(self.clients):
                if client.account.role != "team":
                    client.give(as_event("changed", keys_for(client.account, changes)))

    def _after(self, number: int) -> list[Happening]:
        with self.engine.connect() as c:
            found = happened_after(c, number, limit=MISSED_MOST + 1)
            if any(one.area_code and one.area_code not in self.above for one in found):
                self.above = areas_above(c)
        return found

    def _newest(self) -> int:
        with self.engine.connect() as c:
            self.above = areas_above(c)
            return last_number(c)


def told_of(happening: Happening) -> dict[str, Any]:
    """A happening as a page reads it."""
    return {
        "id": happening.id,
        "at": happening.at.isoformat(),
        "kind": happening.kind,
        "move": happening.move,
        "subject_id": happening.subject_id,
        "area_code": happening.area_code,
        "drill": happening.drill_id is not None,
        "body": happening.body,
    }


def keys_for(account: Account, changes: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """What changed, by name for those who see the whole district; who sees a part is only told that something did."""
    if account.area_code is not None:
        return {what: ["*"] for what in changes}
    return {what: ["*"] if "*" in keys else sorted(keys) for what, keys in changes.items()}
