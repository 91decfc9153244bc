"""Facts that the store keeps about itself, such as profile, demo and data_version."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text


def get_fact(connection: Connection, key: str) -> Any | None:
    """Read a fact; None when there is none."""
    return connection.execute(text("select value from facts where key = :key"), {"key": key}).scalar()


def put_fact(connection: Connection, key: str, value: Any) -> None:
    """Write a fact in place of the one before; `value` is anything that JSON can say."""
    connection.execute(
        text(
            "insert into facts (key, value) values (:key, cast(:value as jsonb))"
            " on conflict (key) do update set value = excluded.value"
        ),
        {"key": key, "value": json.dumps(value, ensure_ascii=False)},
    )


def drop_fact(connection: Connection, key: str) -> None:
    """Forget a fact."""
    connection.execute(text("delete from facts where key = :key"), {"key": key})


def bump_data_version(connection: Connection) -> int:
    """Say that the data changed, so that whoever keeps copies makes them anew; returns the new version."""
    return int(
        connection.execute(
            text(
                "insert into facts (key, value) values ('data_version', to_jsonb(1))"
                " on conflict (key) do update set value = to_jsonb((facts.value)::int + 1) returning (value)::int"
            )
        ).scalar_one()
    )
