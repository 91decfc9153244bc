"""Upkeep makes partitions ahead of time and forgets ended sessions only."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine, text

from geodata.commands.upkeep import forget_ended_sessions, prepare_readings


def test_partitions_are_made_ahead_and_twice_is_once(empty_db: Engine) -> None:
    with empty_db.begin() as connection:
        prepare_readings(connection, date(2026, 11, 22))
        prepare_readings(connection, date(2026, 11, 22))
        names = set(
            connection.execute(
                text("select relid::regclass::text from pg_partition_tree('readings')")
            ).scalars()
        )
    assert {"readings_2026_11", "readings_2026_12", "readings_other"} <= names


def test_a_reading_falls_into_its_month(empty_db: Engine) -> None:
    with empty_db.begin() as connection:
        prepare_readings(connection, date(2026, 11, 22))
        key = connection.execute(
            text("insert into sensors (code, name, kind, unit, state, interval_s, geom) values"
                 " ('S', 'x', 'tilt', 'mm', 'normal', 60, ST_SetSRID(ST_Point(120.6, 31.3), 4326)) returning id")
        ).scalar()  # fmt: skip
        connection.execute(
            text("insert into readings values (:s, '2026-11-30 23:59:59+00', 1.5)"), {"s": key}
        )
        where = connection.execute(text("select tableoid::regclass::text from readings")).scalar()
    assert where == "readings_2026_11"


def test_only_ended_sessions_are_forgotten(empty_db: Engine) -> None:
    with empty_db.begin() as connection:
        connection.execute(
            text("insert into accounts (name, role, password_hash) values ('ada', 'planner', 'x')")
        )
        connection.execute(
            text("insert into sessions (token_hash, account_id, expires_at) select v.t::bytea, a.id, now() + v.d from"
                 " accounts a, (values ('old', interval '-1 hour'), ('new', interval '1 hour')) v(t, d)")
        )  # fmt: skip
        assert forget_ended_sessions(connection) == 1
        left = (
            connection.execute(text("select convert_from(token_hash, 'UTF8') from sessions")).scalars().all()
        )
    assert left == ["new"]
