"""Bulk filling, the facts, and the links between areas, against a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from shapely import box
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from geodata.commands.areas import AreaVersion, add_versions, relink
from geodata.commands.bulk import after_highest, ahead, copy_encoded, copy_rows, emptied
from geodata.commands.copy_binary import days, encode, instants, number, points, strings
from geodata.commands.facts import bump_data_version, drop_fact, get_fact, put_fact
from geodata.store.db import transaction

RULES = """
select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'public'::regnamespace
union all select indexdef from pg_indexes where schemaname = 'public' order by 1
"""


def rules(connection: Connection) -> list[str]:
    return list(connection.execute(text(RULES)).scalars())


def test_values_of_every_kind_come_back_as_they_went(empty_db: Engine) -> None:
    with transaction(empty_db) as c:
        copy_rows(c, "cameras", (
            "code", "name", "kind", "state", "heading_deg", "field_of_view_deg", "range_m", "installed_on", "last_seen_at", "geom",
        ), [
            strings(["a", "b"]), strings(["观前街1号", "x\ty\\"]), strings(["dome", "ptz"]), strings(["online", "fault"]),
            number(np.array([12.5, np.nan]), "f8", np.array([False, True])), number(np.array([90, 360]), "f8"),
            number(np.array([0.1, 30]), "f8"), days(np.array(["1999-12-31", "NaT"], "datetime64[D]")),
            instants(np.array(["2026-03-01T12:34:56", "NaT"], "datetime64[s]")),
            points(np.array([120.61, -73.9]), np.array([31.3, 40.7])),
        ])  # fmt: skip
        rows = c.execute(text(
            "select name, heading_deg, range_m, installed_on::text, last_seen_at::text, ST_AsText(geom), ST_SRID(geom),"
            " ST_SRID(geom_3857) from cameras order by code"
        )).all()  # fmt: skip
    assert [tuple(row) for row in rows] == [
        ("观前街1号", 12.5, 0.1, "1999-12-31", "2026-03-01 12:34:56+00", "POINT(120.61 31.3)", 4326, 3857),
        ("x\ty\\", None, 30.0, None, None, "POINT(-73.9 40.7)", 4326, 3857),
    ]


def test_a_bulk_fill_leaves_keys_and_indexes_as_they_were(empty_db: Engine) -> None:
    tables = ("ticket_events", "tickets", "hexes", "readings")
    with transaction(empty_db) as c:
        before = rules(c)
        with emptied(c, tables, tables):
            inside = rules(c)
            cells = np.arange(5, dtype=np.int64) + (9 << 52)
            outline = strings([bytes.fromhex("0103000020110F000000000000")] * 5)
            copy_encoded(c, "hexes", ("cell", "resolution", "centre_lon", "centre_lat", "area_m2", "geom_3857"), [encode([
                number(cells, "i8"), number(np.full(5, 9), "i2"), *[number(np.zeros(5), "f8")] * 3, outline,
            ])], freeze=True)  # fmt: skip
        assert rules(c) == before
        assert len(inside) < len(before) - 10
        assert c.execute(text("select count(*) from hexes")).scalar() == 5


def _the_same_cell_twice(engine: Engine) -> None:
    with transaction(engine) as c, emptied(c, ("hexes",), ("hexes",)):
        cells = np.full(2, 9 << 52, np.int64)
        outline = strings([bytes.fromhex("0103000020110F000000000000")] * 2)
        copy_rows(c, "hexes", ("cell", "resolution", "centre_lon", "centre_lat", "area_m2", "geom_3857"), [
            number(cells, "i8"), number(np.full(2, 9), "i2"), *[number(np.zeros(2), "f8")] * 3, outline,
        ])  # fmt: skip


def test_a_fill_that_breaks_a_rule_leaves_nothing(empty_db: Engine) -> None:
    with empty_db.connect() as c:
        before = rules(c)
    with pytest.raises(IntegrityError, match="pk_hexes"):
        _the_same_cell_twice(empty_db)
    with empty_db.connect() as c:
        assert rules(c) == before
        assert c.execute(text("select count(*) from hexes")).scalar() == 0


def test_the_counter_goes_on_after_copied_keys(empty_db: Engine) -> None:
    with transaction(empty_db) as c:
        copy_rows(c, "places", ("id", "code", "kind", "name", "geom"), [
            number(np.array([41]), "i8"), strings(["p"]), strings(["gate"]), strings(["娄门"]),
            points(np.array([120.6]), np.array([31.3])),
        ])  # fmt: skip
        after_highest(c, "places")
        after_highest(c, "roads")
        added = text(
            "insert into places (code, kind, name, geom) select 'q', kind, name, geom from places returning id"
        )
        assert c.execute(added).scalar() == 42


def test_batches_made_ahead_come_in_order_and_faults_arrive() -> None:
    def numbers(last: int) -> Iterator[int]:
        yield from range(last)
        if last == 3:
            raise ValueError("broken batch")

    assert list(ahead(numbers(50))) == list(range(50))
    with pytest.raises(ValueError, match="broken batch"):
        list(ahead(numbers(3)))
    some = ahead(numbers(1000))
    assert next(some) == 0
    some.close()  # type: ignore[attr-defined]


def test_facts(empty_db: Engine) -> None:
    with transaction(empty_db) as c:
        assert get_fact(c, "demo") is None
        put_fact(c, "demo", {"seed": 1, "名": "街"})
        put_fact(c, "demo", {"seed": 2, "名": "街"})
        assert get_fact(c, "demo") == {"seed": 2, "名": "街"}
        drop_fact(c, "demo")
        assert get_fact(c, "demo") is None
        assert [bump_data_version(c), bump_data_version(c)] == [1, 2]
        assert get_fact(c, "data_version") == 2


def area(level: str, code: str, parent: str | None, at: float = 0.0) -> AreaVersion:
    return AreaVersion(level, code, f"{code}社区", None, parent, box(120.6 + at, 31.3, 120.61 + at, 31.31))


def ancestors(c: Connection) -> set[tuple[str, str, int]]:
    found = c.execute(text(
        "select a.code || '@' || a.valid_from, l.ancestor_code, l.steps from area_ancestors l join areas a on a.id = l.area_id"
    ))  # fmt: skip
    return {tuple(row) for row in found}


def test_relink_finds_all_above_also_a_parent_that_was_never_loaded(empty_db: Engine) -> None:
    with transaction(empty_db) as c:
        add_versions(
            c, "grid", [area("station", "S", "D"), area("cell", "C", "S")], valid_from=date(2022, 1, 1)
        )
        add_versions(c, "police", [area("beat", "S", None)], valid_from=date(2022, 1, 1))
        relink(c, "grid")
        relink(c, "grid")
        assert ancestors(c) == {
            ("S@2022-01-01", "S", 0), ("S@2022-01-01", "D", 1),
            ("C@2022-01-01", "C", 0), ("C@2022-01-01", "S", 1), ("C@2022-01-01", "D", 2),
        }  # fmt: skip
        assert c.execute(text("select area_km2 from areas where code = 'C'")).scalar() == pytest.approx(
            1.055, rel=0.01
        )


def test_relink_follows_the_parents_of_a_versions_own_days(empty_db: Engine) -> None:
    with transaction(empty_db) as c:
        add_versions(
            c, "grid", [area("station", "S", "D1"), area("cell", "C", "S")], valid_from=date(2022, 1, 1)
        )
        c.execute(text("update areas set valid_to = '2024-01-01'"))
        add_versions(
            c, "grid", [area("station", "S", "D2"), area("cell", "C", "S")], valid_from=date(2024, 1, 1)
        )
        relink(c, "grid")
        links = ancestors(c)
        assert ("C@2022-01-01", "D1", 2) in links
        assert ("C@2024-01-01", "D2", 2) in links
        assert ("C@2024-01-01", "D1", 2) not in links


def test_relink_survives_a_circle(empty_db: Engine) -> None:
    with transaction(empty_db) as c:
        add_versions(c, "grid", [area("cell", "A", "B"), area("cell", "B", "A")], valid_from=date(2022, 1, 1))
        relink(c, "grid")
        assert len(ancestors(c)) == 4
