"""What Yiping exports it reads back: the same tickets in an empty store, nothing new in its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.http.tickets import as_csv
from etl.demo.build import build
from geodata.profile import Profile
from geodata.queries.tickets import export
from geodata.types import Question, Window
from tests.db.load_files import rows_of
from tests.loading import load_tickets

TOLD = """
    select number, family::text, received_at, due_at, closed_at, state::text, address, outcome, title,
           location_quality::text, is_default_point, s.name, u.name, a.code
    from tickets t join ticket_sources s on s.id = t.source_id left join units u on u.id = t.unit_id
    left join areas a on a.id = t.area_id
    where received_at >= :since order by number"""


@pytest.fixture(scope="module")
def exported(module_db: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    build(module_db, gusu, seed=1229, last=gusu.today(), tickets_per_year=6_000)
    path = tmp_path_factory.mktemp("export") / "tickets.csv"
    with module_db.connect() as connection:
        question = Question(Window(gusu.today() - timedelta(days=90), gusu.today(), gusu.zone))
        path.write_text("".join(as_csv(export(connection, gusu, question), gusu.zone)), "utf-8")
    return path


def test_its_own_export_comes_back_as_it_was(module_db: Engine, gusu: Profile, exported: Path) -> None:
    since = datetime.combine(gusu.today() - timedelta(days=90), datetime.min.time(), gusu.zone).astimezone(
        UTC
    )
    before = rows_of(module_db, TOLD, since=since)
    events = rows_of(module_db, "select count(*) from ticket_events")
    known = load_tickets(module_db, gusu, exported, mapping="demo_export")
    assert known.rows.read == len(before) > 1000
    assert (known.rows.new, known.rows.rejected) == (0, 0)
    assert rows_of(module_db, TOLD, since=since) == before
    assert rows_of(module_db, "select count(*) from ticket_events") == events
    again = load_tickets(module_db, gusu, exported, mapping="demo_export")
    assert (again.rows.unchanged, again.rows.changed) == (len(before), 0)
    with module_db.begin() as connection:
        connection.execute(text("delete from tickets"))
    fresh = load_tickets(module_db, gusu, exported, mapping="demo_export")
    assert (fresh.rows.new, fresh.rows.rejected) == (len(before), 0)
    assert rows_of(module_db, TOLD, since=since) == before
