"""A transaction is whole or nothing, and what stops it is told in one sentence."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from geodata.errors import Unavailable
from geodata.store.db import make_engine, transaction

FULL = "do $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$"


def test_a_full_disk_is_named_and_nothing_stays(empty_db: Engine) -> None:
    with (
        pytest.raises(Unavailable, match="disk of the database is full"),
        transaction(empty_db) as connection,
    ):
        connection.execute(text("insert into facts values ('half', '1')"))
        connection.execute(text(FULL))
    with empty_db.connect() as connection:
        assert connection.execute(text("select count(*) from facts")).scalar() == 0


def test_a_database_that_is_away_is_said_calmly() -> None:
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="does not answer") as told, transaction(nowhere):
        pass
    assert "127.0.0.1" not in str(told.value)
