"""A judge that sits stands in nobody's way."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

from geodata.commands import demo_live, feeds, readings
from geodata.commands.sensorthings import mirror_sensors
from geodata.profile import Profile
from geodata.store.locks import Lock

ROOT = Path(__file__).resolve().parents[2]


def test_rows_come_in_and_a_demo_is_completed_while_the_judge_sits(empty_db: Engine, gusu: Profile) -> None:
    with empty_db.begin() as c:
        c.execute(text("""insert into sensors (code, name, kind, unit, state, interval_s, geom) values
                          ('S1', 'x', 'tilt', 'mm', 'normal', 60, ST_SetSRID(ST_MakePoint(120.6, 31.3), 4326))"""))  # fmt: skip
    with empty_db.connect() as judge, empty_db.begin() as c:
        judge.execute(text("select pg_advisory_lock(:lock)"), {"lock": int(Lock.SEAT)})
        c.execute(text("set local lock_timeout = '2s'"))
        demo_live.one_at_a_time(c)
        feed = feeds.add_feed(c, "gateway", "readings", title="x", interval_s=60)
        now = datetime(2026, 12, 2, tzinfo=UTC)
        row = {
            "sensor": "S1",
            "at": "2026-12-01T00:00:00Z",
            "value": 1.0,
        }  # a month that has no partition yet
        assert readings.accept(c, gusu, feed, [row], now=now).stored == 1
        mirror_sensors(c)


def test_no_lock_has_its_number_elsewhere() -> None:
    """A number written beside its use would sooner or later be somebody else's."""
    strayed = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "geodata").rglob("*.py")
        if re.search(r"7_?170_?320_?5\d\d", file.read_text("utf-8")) and file.name != "locks.py"
    ]
    assert strayed == []
