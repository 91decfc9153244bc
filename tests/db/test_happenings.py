"""Nobody misses a happening, whoever commits late; everybody is told only what they may know."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.http.hub import MISSED_MOST, ROOM, Client, Hub, keys_for
from geodata.commands.accounts import Account
from geodata.store.listen import CONNECTED, Ear, address_of
from geodata.store.notices import HAPPENED, announce, changed, happened_after, last_number
from tests.aio import run

ALL = Account(1, "commander", "commander", None)
SCREEN = Account(2, "screen", "screen", None)


def _write(engine: Engine, pause_s: float, number: int) -> None:
    with engine.begin() as c:
        announce(c, "alert", "raise", number)
        time.sleep(pause_s)


def test_a_reader_with_a_cursor_misses_nothing_when_writers_commit_out_of_order(module_db: Engine) -> None:
    chance = random.Random(7)
    writers = [threading.Thread(target=_write, args=(module_db, chance.random() / 100, n)) for n in range(60)]
    seen: list[int | None] = []
    with module_db.connect() as c:
        cursor = last_number(c)
    for writer in writers:
        writer.start()
    until = time.monotonic() + 30
    while len(seen) < len(writers) and time.monotonic() < until:
        with module_db.connect() as c:
            for one in happened_after(c, cursor):
                seen.append(one.subject_id)
                cursor = one.id
    for writer in writers:
        writer.join()
    assert sorted(n for n in seen if n is not None) == list(range(60))


def test_numbers_of_a_plain_sequence_would_be_missed(module_db: Engine) -> None:
    """Why there is a lock: the same reader loses a row that was numbered early and committed late."""
    insert = text("insert into happenings (kind, move) values ('alert', 'raise') returning id")
    with module_db.connect() as slow, module_db.connect() as quick, module_db.connect() as reader:
        early = slow.execute(insert).scalar_one()
        quick.execute(insert)
        quick.commit()
        cursor = last_number(reader)
        slow.commit()
        reader.rollback()
        assert early not in [one.id for one in happened_after(reader, cursor)]


def test_what_happened_cannot_be_changed(module_db: Engine) -> None:
    with module_db.begin() as c:
        number = announce(c, "alert", "raise", 1)
    for statement in (
        "update happenings set move = 'x' where id = :n",
        "delete from happenings where id = :n",
    ):
        with pytest.raises(DBAPIError, match="added, never changed"), module_db.begin() as c:
            c.execute(text(statement), {"n": number})


def test_an_ear_hears_and_comes_back(module_db: Engine) -> None:
    ear = Ear(address_of(module_db), [HAPPENED])
    assert ear.wait(0.1) == [CONNECTED]
    _write(module_db, 0, 5)
    assert [notice.channel for notice in ear.wait(2)] == [HAPPENED]
    with module_db.begin() as c:
        c.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%'"
                       " or query = 'select 1'"))  # fmt: skip
    with pytest.raises(Exception, match=r"terminat|closed|lost"):
        for _ in range(5):
            ear.wait(0.2)
    assert ear.wait(0.1)[0] == CONNECTED
    ear.close()


def _with_hub(engine: Engine, act: Callable[[Hub], Coroutine[Any, Any, None]]) -> None:
    async def with_it() -> None:
        hub = Hub(engine)
        try:
            await act(hub)
        finally:
            hub.close()

    run(with_it())


async def _next(client: Client) -> str:
    message = await asyncio.wait_for(client.queue.get(), 5)
    assert message is not None
    return message.decode()


def test_a_page_is_told_what_it_missed_and_what_happens(module_db: Engine) -> None:
    async def act(hub: Hub) -> None:
        start = await hub.newest()
        _write(module_db, 0, 11)
        client = Client(ALL, after=start)
        missed = await hub.join(client)
        assert [one.subject_id for one in missed or ()] == [11]
        await asyncio.sleep(0.3)  # the ear opens
        await asyncio.to_thread(_write, module_db, 0, 12)
        assert '"subject_id":12' in await _next(client)
        with module_db.begin() as c:
            changed(c, "sensors", ["S1", "S2"])
        assert '"sensors":["S1","S2"]' in await _next(client)

    _with_hub(module_db, act)


def test_a_page_far_behind_is_sent_away_to_come_back(module_db: Engine) -> None:
    async def act(hub: Hub) -> None:
        client = Client(ALL, after=await hub.newest())
        await hub.join(client)
        for _ in range(ROOM + 1):
            client.give(b"x")
        left = [client.queue.get_nowait() for _ in range(client.queue.qsize())]
        assert left[-1] is None

    _with_hub(module_db, act)


def test_too_much_missed_is_asked_anew(module_db: Engine) -> None:
    async def act(hub: Hub) -> None:
        before = await hub.newest()
        with module_db.begin() as c:
            c.execute(text("insert into happenings (kind, move) select 'alert', 'raise'"
                           f" from generate_series(1, {MISSED_MOST + 5})"))  # fmt: skip
        assert await hub.join(Client(ALL, after=before)) is None

    _with_hub(module_db, act)


def test_a_screen_is_not_told_of_thresholds_and_a_part_sees_its_part(module_db: Engine) -> None:
    hub = Hub(module_db)
    hub.above = {"A-1": frozenset({"A-1", "A", "root"}), "B-1": frozenset({"B-1", "B", "root"})}
    with module_db.begin() as c:
        announce(c, "threshold", "set", 1)
        announce(c, "alert", "raise", 1, area_code="A-1")
        announce(c, "alert", "raise", 2, area_code="B-1")
        three = happened_after(c, last_number(c) - 3)
    part = Account(3, "local", "commander", "A")
    assert [hub.may_know(SCREEN, one) for one in three] == [False, True, True]
    assert [hub.may_know(part, one) for one in three] == [True, True, False]
    assert keys_for(part, {"sensors": {"S1"}}) == {"sensors": ["*"]}


def test_many_who_come_at_once_are_told_once(module_db: Engine) -> None:
    async def act(hub: Hub) -> None:
        start = await hub.newest()
        clients = [Client(ALL, after=start) for _ in range(20)]
        await asyncio.gather(*(hub.join(client) for client in clients))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(_write, module_db, 0, 77)
        for client in clients:
            assert '"subject_id":77' in await _next(client)
        await asyncio.sleep(0.3)
        assert [client.queue.qsize() for client in clients] == [0] * 20

    _with_hub(module_db, act)
