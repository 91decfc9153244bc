"""A load is whole or nothing: killed, refused or broken off, and remembered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from etl import pipeline
from geodata.commands.loads import DIED
from geodata.commands.undo import roll_back
from geodata.errors import FileRefused, Refused, Unavailable
from geodata.profile import Profile
from tests.db.load_files import everything, mapping, rows_of, table, ticket
from tests.loading import load_tickets

LOAD = """
import sys
from pathlib import Path
from geodata.profile import load_profile
from geodata.store.db import make_engine
from tests.loading import load_tickets
load_tickets(make_engine(sys.argv[1]), load_profile("gusu"), Path(sys.argv[2]), mapping=sys.argv[3])
"""


OTHERS = "datname = current_database() and pid <> pg_backend_pid()"
STATIONS = {
    "while rows are read": "select exists (select from loads where state = 'running')",
    "while tickets are written": f"select exists (select from pg_stat_activity where {OTHERS} and query like 'COPY \"tickets\"%')",
    "while default points are marked": f"select exists (select from pg_stat_activity where {OTHERS} and query ~ 'percentile_disc|set is_default_point')",
}  # fmt: skip


def child_with(engine: Engine, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-c", program, url, *arguments], cwd=Path(__file__).parents[2])


def killed(engine: Engine, child: subprocess.Popen[bytes], when: str) -> None:
    """Kill a process at a moment, and wait until the server let go of what it held."""
    wait_until(engine, when, every_s=0.002)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    held = "select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
    wait_until(
        engine, f"select not exists ({held})"
    )  # other databases of the cluster have locks of their own


@pytest.mark.parametrize("station", STATIONS)
def test_a_killed_load_leaves_nothing_and_the_next_one_tells_of_it(
    empty_db: Engine, gusu: Profile, tmp_path: Path, station: str
) -> None:
    rows = [ticket(n, lon=120.6 + n * 5e-6, kind=f"k{n % 5}") for n in range(6_000)]
    rows += [ticket(n, lon=120.612345, lat=31.3311, kind=f"k{n % 5}") for n in range(6_000, 8_000)]
    path, before = table(tmp_path, rows, "many.csv"), everything(empty_db)
    mapped = mapping(tmp_path)
    killed(empty_db, child_with(empty_db, LOAD, str(path), mapped), STATIONS[station])
    assert rows_of(empty_db, "select state from loads") == [("running",)]
    assert everything(empty_db) == before
    assert rows_of(empty_db, "select count(*) from load_undo") == [(0,)]
    # who takes it up again asks for the same
    report = load_tickets(empty_db, gusu, path, mapping=mapped)
    assert (report.rows.new, report.figures["default_point"]) == (8_000, 2_000)
    assert rows_of(empty_db, "select state, message from loads order by id") == [
        ("failed", DIED),
        ("done", None),
    ]
    assert load_tickets(empty_db, gusu, path, mapping=mapped).rows.unchanged == 8_000
    assert rows_of(empty_db, "select count(*), count(distinct number) from tickets") == [(8_000, 8_000)]


BACK = """
import sys
from geodata.commands.undo import roll_back
from geodata.profile import load_profile
from geodata.store.db import make_engine, transaction
with transaction(make_engine(sys.argv[1])) as c:
    roll_back(c, load_profile("gusu"), 1)
"""


def test_a_rollback_that_is_killed_has_not_been(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    before = everything(empty_db)[:-1]
    path = table(tmp_path, (ticket(n, lon=120.6 + n % 97 * 1e-4) for n in range(9_000)))
    load_tickets(empty_db, gusu, path, mapping=mapping(tmp_path))
    loaded = everything(empty_db)
    deleting = (
        f"select exists (select from pg_stat_activity where {OTHERS} and query like 'delete from tickets%')"
    )
    killed(empty_db, child_with(empty_db, BACK), deleting)
    assert everything(empty_db) == loaded
    assert rows_of(empty_db, "select state from loads") == [("done",)]
    with empty_db.begin() as c:
        roll_back(c, gusu, 1)
    assert everything(empty_db)[:-1] == before


def wait_until(engine: Engine, question: str, every_s: float = 0.05) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(int(40 / every_s)):
            if connection.execute(text(question)).scalar():
                return
            time.sleep(every_s)
    pytest.fail(f"never became true: {question}")


def test_a_load_that_runs_is_not_called_dead(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    path, mapped = table(tmp_path, [ticket(1)]), mapping(tmp_path)
    found: list[tuple[object, ...]] = []

    class Nested(pipeline._Work):
        def done(self, open_kind: pipeline.OpenKind) -> pipeline.Report:
            with empty_db.begin() as other:
                pipeline.loads.mark_dead(other)
            found.extend(rows_of(empty_db, "select state from loads"))
            return super().done(open_kind)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_Work", Nested)
        load_tickets(empty_db, gusu, path, mapping=mapped)
    assert found == [("running",)]


@pytest.mark.parametrize(
    "body", [b"", b"number\n", b"\x00" * 500, b"a,b\n1,2\n", b"x" * 3_000_000, b'{"type": "FeatureColl']
)
def test_a_faulty_file_is_refused_and_remembered(
    empty_db: Engine, gusu: Profile, tmp_path: Path, body: bytes
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(body)
    before = everything(empty_db)
    with pytest.raises(FileRefused) as refusal:
        load_tickets(empty_db, gusu, path, mapping=mapping(tmp_path))
    assert everything(empty_db) == before
    assert rows_of(empty_db, "select state, message, file_name from loads") == [
        ("refused", str(refusal.value), "bad.csv")
    ]


def test_a_missing_file_is_refused(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileRefused):
            load_tickets(empty_db, gusu, path, mapping=mapping(tmp_path))


def test_a_mapping_without_places_is_refused_for_a_table(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    name = mapping(tmp_path)
    Path(name).write_text(Path(name).read_text().replace('lon = "lon"\nlat = "lat"\n', ""))
    with pytest.raises(FileRefused, match="no CRS"):
        load_tickets(empty_db, gusu, table(tmp_path, [ticket(1)]), mapping=name)


def test_a_line_of_200_megabytes_is_refused_soon_and_in_little_memory(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as stream:
        for _ in range(200):
            stream.write(b"x" * 1_000_000)
    url = empty_db.url.render_as_string(hide_password=False)
    watched = (
        LOAD.replace("load_tickets(make", "try:\n    load_tickets(make")
        + (
            "except Exception as refusal:\n"
            "    high = [line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
            "    print(type(refusal).__name__, int(high[0]) // 1024)\n"  # ru_maxrss would count the test's own process
        )
    )
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", watched, url, str(path), mapping(tmp_path)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert told[0] == "LoadRefused"
    assert int(told[1]) < 400  # MiB; the libraries alone take 200
    assert time.monotonic() - began < 30


def test_faults_of_the_machine_are_told_in_a_sentence() -> None:
    class Full(Exception):
        sqlstate = "53100"

    full = pipeline._told(OperationalError("insert", {}, Full("could not extend file")))
    disk = pipeline._told(OSError(28, "No space left on device"))
    assert isinstance(full, Unavailable)
    assert "full" in str(full)
    assert isinstance(disk, Unavailable)
    assert "No space left" in str(disk)


def test_what_the_store_does_not_take_is_told_without_a_trace(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    with empty_db.begin() as connection:
        connection.exec_driver_sql("alter table tickets add constraint never check (number <> '2')")
    before = everything(empty_db)
    with pytest.raises(Refused, match="never"):
        load_tickets(empty_db, gusu, table(tmp_path, [ticket(1), ticket(2)]), mapping=mapping(tmp_path))
    assert everything(empty_db) == before
    assert rows_of(empty_db, "select state from loads") == [("failed",)]
