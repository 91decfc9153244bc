"""A town small enough to judge by hand: one area chain, a few sensors, a feed, and a judge that can be thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from geodata.commands import feeds, intake
from geodata.commands.evaluate import Judge, Rounds
from geodata.commands.feeds import Feed
from geodata.commands.intake import pack_readings, to_us
from geodata.profile import Profile

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def lay_town(engine: Engine, sensors: int = 3) -> None:
    """A district with one sub-district and one cell, and sensors of a kind without rates: fire is falling, AI rising."""
    with engine.begin() as c:
        c.execute(
            text("""insert into areas (scheme, level, code, name, parent_code, valid_from, area_km2, geom)
                    select 'grid', level, code, code, parent, date '2020-01-01', km2,
                           ST_Multi(ST_MakeEnvelope(120.524, 31.257, 120.651, 31.381, 4326))
                    from (values ('district', '320508', null, 3.0), ('subdistrict', 'sub', '320508', 2.0),
                                 ('grid_cell', 'cell', 'sub', 1.0)) v (level, code, parent, km2)""")
        )
        c.execute(
            text("""insert into area_ancestors (area_id, ancestor_code, steps)
                    with recursive up as (select id, code, parent_code, 0 as steps from areas
                        union all select up.id, a.code, a.parent_code, steps + 1
                        from up join areas a on a.code = up.parent_code)
                    select id, code, steps from up""")
        )
        c.execute(
            text("""insert into sensors (code, name, kind, unit, state, interval_s, area_id, geom)
                    select 'S' || n, '探头' || n, 'ai_event', '件', 'normal', 60,
                           (select id from areas where code = 'cell'), ST_Point(120.6 + n / 1e4, 31.3, 4326)
                    from generate_series(1, :n) n"""),
            {"n": sensors},
        )


@dataclass
class Court:
    """A judge over an engine: told, judged, looked at."""

    engine: Engine
    profile: Profile
    rounds: Rounds = field(default_factory=Rounds)
    _judge: Judge | None = None

    def feed(self, key: str = "gateway", kind: str = "readings", drill_id: int | None = None) -> Feed:
        """A feed, made when there is none."""
        with self.engine.begin() as c:
            return feeds.add_feed(c, key, kind, title="网关", interval_s=60, drill_id=drill_id)

    def tell(self, feed: Feed, told: Sequence[tuple[str, datetime, float]]) -> None:
        """Put readings into the queue as the door does, the history beside it."""
        with self.engine.begin() as c:
            ids = {row.code: row.id for row in c.execute(text("select code, id from sensors"))}
            rows = sorted((ids[code], to_us(at), value) for code, at, value in told)
            intake.put(c, feed, "readings", pack_readings(sorted(rows, key=lambda row: row[1])))
            feeds.mark_heard(c, feed, datetime.now(UTC), max(at for _, at, _ in told))

    def judge(self) -> int:
        """Judge all that waits with one memory."""
        done = 0
        with self.engine.begin() as c:
            judge = self._of(c)
            while one := judge.judge(c):
                done += one
        return done

    def tick(self, now: datetime | None = None) -> None:
        """One second of the clock."""
        with self.engine.begin() as c:
            self._of(c).tick(c, now)

    def forget(self) -> None:
        """As a judge that was killed: another one starts from the tables."""
        self._judge = None

    def _of(self, c: Connection) -> Judge:
        self._judge = self._judge or Judge.load(c, self.profile, rounds=self.rounds)
        return self._judge

    def alerts(self) -> list[Row[Any]]:
        """All alerts, oldest first."""
        with self.engine.connect() as c:
            return list(c.execute(text("select * from alerts order by id")).all())

    def moves(self) -> list[str]:
        """All moves of all alerts, in order."""
        with self.engine.connect() as c:
            return list(c.execute(text("select move from alert_moves order by id")).scalars())

    def told(self) -> list[str]:
        """What everybody was told, in order."""
        with self.engine.connect() as c:
            return list(c.execute(text("select kind || ':' || move from happenings order by id")).scalars())


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)
