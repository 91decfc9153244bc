"""Feeds, their tokens and the queue to the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import Engine, text

from geodata.commands import feeds, intake
from geodata.commands.feeds import Feed
from geodata.errors import BadArgument, NotFound

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def feed_of(engine: Engine, key: str = "gateway", kind: str = "readings") -> Feed:
    with engine.begin() as c:
        return feeds.add_feed(c, key, kind, title="网关", title_en="Gateway", interval_s=60)


def test_a_feed_is_made_once_and_keeps_its_kind(empty_db: Engine) -> None:
    first, again = feed_of(empty_db), feed_of(empty_db)
    assert first == again
    with pytest.raises(BadArgument), empty_db.begin() as c:
        feeds.add_feed(c, "gateway", "crowd", title="x", interval_s=60)
    for key, kind, interval_s in (("X y", "crowd", 1), ("ok", "weather", 1), ("ok", "crowd", 0)):
        with pytest.raises(BadArgument), empty_db.begin() as c:
            feeds.add_feed(c, key, kind, title="x", interval_s=interval_s)


def test_a_token_opens_its_feed_until_the_feed_retires(empty_db: Engine) -> None:
    feed = feed_of(empty_db)
    with empty_db.begin() as c:
        token = feeds.make_feed_token(c, "gateway")
        assert feeds.of_feed_token(c, token) == feed
        assert feeds.of_feed_token(c, token + "x") is None
        assert token not in str(c.execute(text("select * from feed_tokens")).all())
        c.execute(text("update feeds set state = 'retired'"))
        assert feeds.of_feed_token(c, token) is None
        with pytest.raises(NotFound):
            feeds.make_feed_token(c, "gateway")


def test_counts_add_up_and_a_feed_only_moves_forward(empty_db: Engine) -> None:
    feed = feed_of(empty_db)
    with empty_db.begin() as c:
        for counts in ({"accepted": 3, "late": 0}, {"accepted": 2, "jump": 1}):
            feeds.count_verdicts(c, feed, date(2026, 11, 22), counts)
        booked = {row.verdict: row.rows for row in c.execute(text("select verdict, rows from feed_counts"))}
        feeds.mark_heard(c, feed, NOON, NOON)
        feeds.mark_heard(c, feed, NOON, NOON.replace(hour=3))
        feeds.mark_heard(c, feed, NOON, None)
        state, last_at = c.execute(text("select state, last_at from feeds")).one()
    assert booked == {"accepted": 5, "jump": 1}
    assert (state, last_at) == ("live", NOON)


def test_a_batch_leaves_the_queue_with_the_transaction_that_took_it(empty_db: Engine) -> None:
    feed = feed_of(empty_db)
    told = [(1, intake.to_us(NOON), 1.5), (2, intake.to_us(NOON) + 1, -2.0)]
    with empty_db.begin() as c:
        intake.put(c, feed, "readings", intake.pack_readings(told))
        intake.put(c, feed, "readings", b"")
        intake.put(c, feed, "crowd", intake.pack_wholes([intake.to_us(NOON)]))
    with empty_db.connect() as c:
        assert [taken.kind for taken in intake.take(c)] == ["readings", "crowd"]
        c.rollback()
    with empty_db.connect() as one, empty_db.connect() as two:
        first, second = intake.take(one, limit=1), intake.take(two)
        assert [len(first), len(second)] == [1, 1]  # nobody waits, nobody gets the same
        assert first[0].readings().tolist() == told
        assert second[0].moments() == [NOON]
        one.commit()
        two.commit()
    with empty_db.connect() as c:
        assert intake.waiting(c) == 0


def test_moments_survive_packing() -> None:
    at = datetime(2026, 11, 22, 4, 5, 6, 789012, tzinfo=UTC)
    assert intake.from_us(intake.to_us(at)) == at
    assert np.frombuffer(intake.pack_wholes([intake.to_us(at)]), intake.WHOLE).tolist() == [intake.to_us(at)]
