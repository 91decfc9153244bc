"""New tickets written straight into the table are those that comparing each with the store would have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl import ticket_writing
from geodata.commands import tickets
from geodata.profile import Profile
from tests.db.load_files import areas, box, mapping, rows_of, table, ticket
from tests.loading import load_boundaries, load_tickets

ROWS = """
    select number, to_jsonb(t) - 'id' - 'load_id' - 'source_id' - 'category_id', s.name, c.name,
           (select jsonb_agg(to_jsonb(e) - 'ticket_id' order by seq) from ticket_events e where e.ticket_id = t.id)
    from tickets t join ticket_sources s on s.id = source_id join categories c on c.id = category_id order by number"""
DIRTY = (
    {"lon": "", "lat": ""}, {"lon": "x"}, {"received": "yesterday"}, {"state": "done"}, {"said": "电话13812345678"},
    {"lon": 0, "lat": 0}, {"closed": "2025-05-07 07:08"}, {"lon": 120.6001, "lat": 31.3001}, {"due": ""}, {"what": ""},
    {"state": "done", "closed": "2025-05-07 07:08"}, {"said": ""}, {"lon": 121.9}, {"by": "forum"},
)  # fmt: skip


def written(engine: Engine, profile: Profile, folder: Path, rows: list[str]) -> list[tuple[Any, ...]]:
    with engine.begin() as c:
        c.execute(text("truncate tickets, ticket_events, hexes"))
    load_tickets(engine, profile, table(folder, rows), mapping=mapping(folder), max_rejected_percent=60)
    return [*rows_of(engine, ROWS), *rows_of(engine, "select to_jsonb(h) from hexes h order by cell")]


def test_both_ways_of_writing_give_the_same_rows(
    empty_db: Engine, gusu: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [("A", "甲", box(120.60, 31.30, 120.62, 31.32)), ("B", "乙", box(120.62, 31.30, 120.64, 31.32))]
    load_boundaries(empty_db, gusu, areas(tmp_path, cells), level="grid_cell")
    with empty_db.begin() as c:
        c.execute(
            text("""insert into roads (code, name, class, geom) values
            ('r1', '一路', 'lane', ST_GeomFromText('MULTILINESTRING((120.6 31.31, 120.65 31.31))', 4326))""")
        )
    rows = [
        ticket(n, **({"lon": 120.6003 + n * 0.0002, "lat": 31.3101} | (DIRTY[n % 14] if n % 3 else {})))
        for n in range(300)
    ]
    monkeypatch.setattr(ticket_writing, "AT_ONCE", 70)
    as_new = written(empty_db, gusu, tmp_path, rows)
    monkeypatch.setattr(tickets, "_any_known", lambda *_: True)
    compared = written(empty_db, gusu, tmp_path, rows)
    assert as_new == compared
    assert len(as_new) > 200


def test_a_batch_with_one_known_ticket_is_compared(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    mapped = mapping(tmp_path)
    load_tickets(empty_db, gusu, table(tmp_path, [ticket(501)]), mapping=mapped)
    rows = [ticket(n, said="new" if n == 501 else "something") for n in range(1_000)]
    report = load_tickets(empty_db, gusu, table(tmp_path, rows), mapping=mapped)
    assert (report.rows.new, report.rows.changed, report.rows.unchanged) == (999, 1, 0)
    assert rows_of(empty_db, "select count(*) from ticket_events") == [(1_000,)]
    assert rows_of(empty_db, "select title from tickets where number = '501'") == [("new",)]
