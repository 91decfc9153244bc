"""Crowd ticks through the door's command: one array a tick, each cell once, never a device."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import h3.api.basic_str as h3
import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.space.hexes import cover
from tests.db.senders import NOON, booked, counts, lay_feed, queue, send

CELLS = sorted(h3.grid_disk(h3.latlng_to_cell(31.313, 120.622, 11), 3))  # 37 cells


def tick(seconds: float = 0, people: Any = None, cells: Any = None, **more: Any) -> dict[str, Any]:
    """A whole tick so many seconds after noon."""
    cells = CELLS if cells is None else cells
    told = list(range(1, len(cells) + 1)) if people is None else people
    return {"at": (NOON + timedelta(seconds=seconds)).isoformat(), "resolution": 11, "cells": cells, "people": told} | more  # fmt: skip


def kept(engine: Engine) -> list[dict[str, float]]:
    """The ticks as people by cell, oldest first."""
    with engine.connect() as c:
        rows = c.execute(
            text("select g.cells, t.people, t.people_total, t.cells_told from crowd_ticks t join crowd_grids g on g.id = t.grid_id order by t.at")
        ).all()  # fmt: skip
    ticks = []
    for cells, people, total, told in rows:
        values = np.frombuffer(bytes(people), "<f4")
        one = {h3.int_to_str(int(cell)): float(n) for cell, n in zip(np.frombuffer(bytes(cells), "<i8"), values, strict=True)
               if not np.isnan(n)}  # fmt: skip
        assert (len(one), pytest.approx(sum(one.values()))) == (told, total)
        ticks.append(one)
    return ticks


def test_a_tick_is_one_array_whatever_the_order_of_its_cells(empty_db: Engine, gusu: Profile) -> None:
    feed = lay_feed(empty_db, "crowd")
    backwards = tick(60, cells=CELLS[::-1], people=list(range(37, 0, -1)))
    told = send(empty_db, gusu, feed, [tick(0), backwards, tick(120, people=[None, *[19] * 36])], NOON + timedelta(minutes=2))  # fmt: skip
    assert counts(told) == {"accepted": 3}
    first, second, third = kept(empty_db)
    assert first == second == dict(zip(CELLS, range(1, 38), strict=True))
    assert CELLS[0] not in third
    with empty_db.connect() as c:
        assert c.execute(text("select count(*) from crowd_grids")).scalar() == 1
        key = c.execute(text("select key from crowd_grids")).scalar()
    by_name = {"at": (NOON + timedelta(seconds=180)).isoformat(), "grid": key, "people": [19] * 37}
    assert counts(send(empty_db, gusu, feed, [by_name, by_name | {"grid": "f" * 64}, by_name | {"grid": [1]}],
                       NOON + timedelta(minutes=3))) == {"accepted": 1, "unknown": 2}  # fmt: skip
    assert [len(batch.moments()) for batch in queue(empty_db)] == [3, 1]


def test_what_cannot_be_is_told_and_spoils_nothing_else(empty_db: Engine, gusu: Profile) -> None:
    feed = lay_feed(empty_db, "crowd")
    bad: list[Any] = [
        None, 5, {}, tick(0, cells=["x"] * 37), tick(0, cells=[*CELLS[:36], CELLS[0]]), tick(0, people=[1]), tick(0, people="1"),
        tick(0, [1], 5), tick(0, cells=[]), tick(0, people=[None] * 37), tick(0, people=[-1] * 37), tick(0, people=[{}] * 37),
        tick(0, cells=[*CELLS[:36], h3.cell_to_parent(CELLS[0], 10)]), tick(0) | {"at": ["x"]}, tick(0) | {"at": "2026-11-22T12:00:00"},
        tick(0, cells=[*CELLS[:36], "\ud800"]), tick(0, cells=[*CELLS[:36], 7]),
    ]  # fmt: skip
    some = tick(0, people=[-5, float("nan"), 1e9, 1e300, *[1] * 33])
    told = send(empty_db, gusu, feed, [*bad, some])
    assert counts(told) == {"malformed": len(bad), "accepted": 1, "impossible": 3}
    assert len(kept(empty_db)[0]) == 33
    late = send(empty_db, gusu, feed, [tick(-900), tick(-86_400 * 30), tick(86_400), some])
    assert counts(late) == {"out_of_order": 1, "impossible": 2, "repeated": 1}
    assert booked(empty_db) == {"malformed": len(bad), "accepted": 1, "impossible": 5, "out_of_order": 1, "repeated": 1}  # fmt: skip


def test_a_leap_of_all_people_is_a_jump_either_way(empty_db: Engine, gusu: Profile) -> None:
    feed = lay_feed(empty_db, "crowd")
    hundreds = [100.0] * 37
    for seconds, people, verdict in ((0, hundreds, "accepted"), (60, [0] * 37, "jump"), (120, hundreds, "jump"),
                                     (180, hundreds, "accepted"), (7200, [1] * 37, "accepted")):  # fmt: skip
        told = send(empty_db, gusu, feed, [tick(seconds, people)], NOON + timedelta(seconds=seconds))
        assert counts(told) == {verdict: 1}, seconds


def test_a_tick_may_come_in_parts_and_each_cell_once(empty_db: Engine, gusu: Profile) -> None:
    feed = lay_feed(empty_db, "crowd")
    rows = [{"cell": cell, "at": NOON.isoformat(), "people": n} for n, cell in enumerate(CELLS)]
    odd: list[Any] = [rows[0], {"cell": "x", "at": NOON.isoformat(), "people": 1}, {**rows[30], "people": -1}, {**rows[31], "people": None},
                      {**rows[32], "people": 1e9}, {**rows[33], "at": None}]  # fmt: skip
    first = send(empty_db, gusu, feed, [*rows[:20], *odd])
    assert counts(first) == {"accepted": 20, "repeated": 1, "malformed": 3, "impossible": 2}
    assert [one.row for one in first.rows if one.verdict == "impossible"] == [22, 24]
    second = send(empty_db, gusu, feed, rows[15:][::-1])
    assert counts(second) == {"accepted": 17, "repeated": 5}
    assert {one.row for one in second.rows} == set(range(17, 22))
    assert counts(send(empty_db, gusu, feed, rows)) == {"repeated": 37}
    assert counts(send(empty_db, gusu, feed, [tick(0)])) == {"repeated": 1}
    assert kept(empty_db) == [{cell: float(n) for n, cell in enumerate(CELLS)}]


@pytest.mark.parametrize("more", [
    {"device_id": "x"}, {"IMEI": "1"}, {"Mac-Address": "1"}, {"phoneNumber": "1"}, {"手机号": "1"}, {"extra": {"list": [{"userId": 1}]}},
    {"extra": "a4:5e:60:c1:22:0f"}, {"people": [{"mac": 1}]},
])  # fmt: skip
def test_a_feed_that_tells_of_devices_is_refused_whole(
    empty_db: Engine, gusu: Profile, more: dict[str, Any]
) -> None:
    feed = lay_feed(empty_db, "crowd")
    with pytest.raises(BadArgument, match="devices or persons"):
        send(empty_db, gusu, feed, [tick(0), tick(60) | more])
    assert kept(empty_db) == []
    assert counts(send(empty_db, gusu, feed, [tick(0, weather="sun", source="heat", device_count=9)])) == {"accepted": 1}  # fmt: skip


def test_fifty_thousand_cells_are_written_in_time(empty_db: Engine, gusu: Profile) -> None:
    from shapely import box  # noqa: PLC0415

    feed = lay_feed(empty_db, "crowd")
    cells = [h3.int_to_str(int(cell)) for cell in cover(box(120.52, 31.255, 120.652, 31.385), 11)][:50_000]
    assert len(cells) == 50_000
    people = np.random.default_rng(7).random(50_000).round(2).tolist()
    send(empty_db, gusu, feed, [tick(0, people, cells)])
    taken = []
    for at in range(1, 6):
        began = time.process_time()
        assert counts(send(empty_db, gusu, feed, [tick(at, people, cells)], NOON + timedelta(seconds=at))) == {"accepted": 1}  # fmt: skip
        taken.append(time.process_time() - began)
    print("tick of 50,000 cells, ms:", [round(x * 1000) for x in taken])
    assert min(taken) < 0.15
