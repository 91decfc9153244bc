"""The migrations make exactly the tables that the schema says, and can be taken back."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from geodata.store.cluster import Cluster
from geodata.store.db import alembic_config, migrate
from geodata.store.schema import metadata

SQUARE = "ST_Multi(ST_MakeEnvelope({w}, 31.30, {e}, 31.31, 4326))"


def test_migrations_meet_the_schema(cluster: Cluster, empty_db: Engine) -> None:
    command.check(alembic_config(cluster.url("one_test")))


def test_migrations_can_be_taken_back_and_made_again(cluster: Cluster, empty_db: Engine) -> None:
    url = cluster.url("one_test")
    command.downgrade(alembic_config(url), "base")
    with empty_db.connect() as connection:
        left = connection.execute(
            text("select count(*) from pg_tables where schemaname = 'public' and tablename not in"
                 " ('alembic_version', 'spatial_ref_sys')")
        ).scalar()  # fmt: skip
    assert left == 0
    migrate(url)


def test_every_column_says_what_it_is() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if not column.comment
    ]
    assert silent == []
    assert all(table.comment for table in metadata.tables.values())


def _area(code: str, first: str, last: str, w: float = 120.60) -> str:
    return (
        "insert into areas (scheme, level, code, name, valid_from, valid_to, area_km2, geom) values"
        f" ('grid', 'community', '{code}', 'x', '{first}', {last}, 1, {SQUARE.format(w=w, e=w + 0.01)})"
    )


def test_two_versions_of_an_area_cannot_hold_the_same_day(empty_db: Engine) -> None:
    with empty_db.begin() as connection:
        connection.execute(text(_area("A", "2025-01-01", "'2025-06-01'")))
        connection.execute(text(_area("A", "2025-06-01", "null")))
    with pytest.raises(IntegrityError), empty_db.begin() as connection:
        connection.execute(text(_area("A", "2025-07-01", "null")))


def test_a_bow_tie_is_no_area(empty_db: Engine) -> None:
    bow = "'SRID=4326;MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))'"
    with pytest.raises(IntegrityError), empty_db.begin() as connection:
        connection.execute(
            text("insert into areas (scheme, level, code, name, valid_from, area_km2, geom)"
                 f" values ('grid', 'community', 'B', 'x', '2025-01-01', 1, {bow})")
        )  # fmt: skip


@pytest.mark.parametrize("value", ["'NaN'", "'Infinity'"])
def test_a_reading_is_a_number(empty_db: Engine, value: str) -> None:
    sensor = (
        "insert into sensors (code, name, kind, unit, state, interval_s, geom) values"
        " ('S', 'x', 'tilt', 'mm', 'normal', 60, ST_SetSRID(ST_Point(120.6, 31.3), 4326)) returning id"
    )
    with empty_db.begin() as connection:
        key = connection.execute(text(sensor)).scalar()
    with pytest.raises(IntegrityError), empty_db.begin() as connection:
        connection.execute(text(f"insert into readings values ({key}, now(), {value})"))
