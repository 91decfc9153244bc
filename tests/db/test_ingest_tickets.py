"""Tickets through the door's command: located and scrubbed like those of a load, changed when a row says more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from geodata.commands.facts import get_fact
from geodata.profile import Profile
from tests.db.senders import NOON, booked, counts, lay_feed, queue, send
from tests.db.town import build_town

HERE = {"lon": 120.6171, "lat": 31.32}  # beside 人民路 of the chequered town


@pytest.fixture(scope="module")
def town_to_write(module_db: Engine, gusu: Profile) -> Engine:
    """The chequered town with a few tickets; each test sends under a feed of its own."""
    build_town(module_db, gusu, tickets=60, days=3, last=NOON)
    return module_db


@pytest.fixture
def city(town_to_write: Engine) -> Iterator[Engine]:
    """The town without what the test before sent."""
    yield town_to_write
    with town_to_write.begin() as c:
        c.execute(
            text(
                "delete from ticket_events where ticket_id in (select id from tickets where origin <> 'demo')"
            )
        )
        c.execute(text("delete from tickets where origin <> 'demo'"))
        c.execute(text("delete from feeds"))


def ticket(number: str = "A1", minutes: float = -5, **more: Any) -> dict[str, Any]:
    at = NOON + timedelta(minutes=minutes)
    return {"number": number, "category": "H1.1.1", "received_at": at.isoformat()} | more


def kept(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as c:
        rows = c.execute(
            text("""select t.*, a.level as area_level, r.code as road, s.key as source from tickets t
                    left join areas a on a.id = t.area_id left join roads r on r.id = t.road_id
                    join ticket_sources s on s.id = t.source_id where origin <> 'demo' order by number""")
        ).mappings()
        return [dict(row) for row in rows]


def version(engine: Engine) -> int:
    with engine.connect() as c:
        return int(get_fact(c, "data_version"))


def test_a_ticket_is_located_scrubbed_and_shown_anew(city: Engine, gusu: Profile) -> None:
    feed, before = lay_feed(city, "tickets"), version(city)
    row = ticket(
        title="王先生反映占道", description="电话13812345678，家住3幢204室", address="人民路12号 13812345678",
        source="12345", caller="13812345678", **HERE,
    )  # fmt: skip
    assert counts(send(city, gusu, feed, [row, ticket("A2")])) == {"accepted": 2}
    one, other = kept(city)
    assert (one["area_level"], one["road"], one["source"], one["location_quality"]) == (
        "grid_cell",
        "r1",
        "12345",
        "given",
    )
    assert "13812345678" not in str(one)
    assert "王" not in one["title"]
    assert "204" not in one["description"]
    assert one["address"].startswith("人民路12号")
    assert (other["geom"], other["location_quality"], other["source"]) == (None, "none", feed.key)
    with city.connect() as c:
        cells = {one["hex_r9"], one["hex_r10"], one["hex_r11"]}
        assert (
            c.execute(
                text("select count(*) from hexes where cell = any(:cells)"), {"cells": list(cells)}
            ).scalar()
            == 3
        )
        events = c.execute(
            text("select count(*) from ticket_events where ticket_id = :id"), {"id": one["id"]}
        ).scalar()
    assert events == 1
    assert version(city) > before
    (batch,) = queue(city)
    assert sorted(batch.ticket_ids()) == sorted([one["id"], other["id"]])


def test_a_row_that_says_more_changes_and_one_that_says_less_does_not(city: Engine, gusu: Profile) -> None:
    feed = lay_feed(city, "tickets")
    send(city, gusu, feed, [ticket(title="占道", **HERE)])
    assert counts(send(city, gusu, feed, [ticket(title="占道", **HERE)])) == {"repeated": 1}
    assert counts(send(city, gusu, feed, [ticket()])) == {"repeated": 1}
    assert counts(send(city, gusu, feed, [ticket(closed_at=NOON.isoformat())])) == {"accepted": 1}
    (one,) = kept(city)
    assert (one["state"], one["title"], one["road"]) == ("closed", "占道", "r1")
    told = send(city, gusu, feed, [ticket(state="handling")])
    assert counts(told) == {"out_of_order": 1}
    assert kept(city)[0]["state"] == "closed"


def test_each_row_is_judged_by_itself(city: Engine, gusu: Profile) -> None:
    feed = lay_feed(city, "tickets")
    early = (NOON - timedelta(hours=1)).isoformat()
    rows: list[tuple[Any, str]] = [
        (ticket(), "accepted"), (ticket(), "repeated"), (None, "malformed"), ({}, "malformed"), (ticket("x\0"), "malformed"),
        (ticket("\ud800"), "malformed"), (ticket("B" * 99), "malformed"), (ticket("B", category="nowhere"), "unknown"),
        (ticket("B", category="\0"), "malformed"), (ticket("B", category=[1]), "malformed"), (ticket("B", 60 * 24 * 365), "impossible"),
        (ticket("B", closed_at=early), "impossible"), (ticket("B", lon=999, lat=0), "impossible"),
        (ticket("B", lon=float("nan"), lat=0), "impossible"), (ticket("B", family="x"), "malformed"),
        (ticket("B", state="closed"), "impossible"), (ticket("B", title=5), "malformed"), (ticket("B", source=["x"]), "malformed"),
        (ticket("B", received_at="2026-11-22"), "malformed"), (ticket("B", title="x" * 30_000), "malformed"),
        (ticket("C", -60 * 24 * 3), "late"), (ticket("D", title="a\0b\ud800"), "accepted"),
    ]  # fmt: skip
    told = send(city, gusu, feed, [row for row, _ in rows])
    verdicts = {one.row: one.verdict for one in told.rows}
    assert [verdicts.get(n, "accepted") for n in range(len(rows))] == [verdict for _, verdict in rows]
    assert [one["number"] for one in kept(city)] == ["A1", "C", "D"]
    assert sum(booked(city).values()) == len(rows)


def test_a_default_point_is_nowhere(city: Engine, gusu: Profile) -> None:
    lon, lat = gusu.default_points[0]
    send(city, gusu, lay_feed(city, "tickets"), [ticket(lon=lon, lat=lat)])
    (one,) = kept(city)
    assert (one["is_default_point"], one["area_id"], one["road_id"]) == (True, None, None)


def test_a_drill_leaves_tickets_and_figures_alone(city: Engine, gusu: Profile) -> None:
    feed, before = lay_feed(city, "tickets", drill=True), version(city)
    assert counts(send(city, gusu, feed, [ticket("演1", **HERE), ticket("演2")])) == {"accepted": 2}
    assert counts(send(city, gusu, feed, [ticket("演1", **HERE)])) == {"repeated": 1}
    assert kept(city) == []
    assert version(city) == before
    (batch,) = queue(city)
    assert (batch.ticket_numbers(), batch.ticket_ids()) == (["演1", "演2"], [])


def test_it_waits_for_no_load_and_two_senders_write_once(city: Engine, gusu: Profile) -> None:
    feed = lay_feed(city, "tickets")
    rows = [ticket(f"N{n}", **HERE) for n in range(40)]
    told: list[dict[str, int]] = []

    def sender(order: int) -> None:
        told.append(counts(send(city, gusu, feed, rows[::order])))

    with city.begin() as loading:
        loading.execute(text("lock table categories, areas, roads, units in share row exclusive mode"))
        threads = [threading.Thread(target=sender, args=(order,)) for order in (1, -1, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(told) == 3
    assert sum(one.get("accepted", 0) for one in told) == 40 == len(kept(city))
    assert sum(one.get("repeated", 0) for one in told) == 80
