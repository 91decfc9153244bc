"""The queue of long work: one taker at a time, taken up again after a silence, and exactly one result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from app.jobs import discover, doing
from app.jobs.base import Doing, Fields, Kind
from geodata.commands import accounts, jobs
from geodata.commands.accounts import Account
from geodata.errors import NotFound, Refused
from geodata.profile import Profile
from geodata.queries import jobs as queries
from geodata.store.settings import CHECKOUT, Settings
from geodata.types import Bilingual


@pytest.fixture
def planner(empty_db: Engine) -> Account:
    with empty_db.begin() as c:
        accounts.add(c, "planner", "planner", None)
        return next(one for one in accounts.list_accounts(c) if one.name == "planner")


def put(engine: Engine, account: Account, kind: str = "export") -> int:
    with engine.begin() as c:
        return jobs.ask(c, account, kind, {"question": {}, "options": {}})


def state(engine: Engine, account: Account, number: int) -> str:
    with engine.connect() as c:
        return queries.job(c, account.id, number).state


def test_two_workers_never_take_the_same(empty_db: Engine, planner: Account) -> None:
    first, second = put(empty_db, planner), put(empty_db, planner)
    with empty_db.begin() as one, empty_db.begin() as other:
        taken = jobs.take(one), jobs.take(other)
        assert jobs.take(other) is None
    assert [job.id for job in taken if job] == [first, second]


def test_a_silent_taker_loses_its_job_and_may_not_write(empty_db: Engine, planner: Account) -> None:
    number = put(empty_db, planner)
    with empty_db.begin() as c:
        slow = jobs.take(c)
    with empty_db.begin() as c:
        assert jobs.take(c) is None, "it is alive"
        quick = jobs.take(c, silent_s=-1)
    assert slow
    assert quick
    assert (quick.id, quick.attempt) == (number, slow.attempt + 1)
    with empty_db.begin() as c:
        assert jobs.done(c, quick, {"data": "quick"})
        assert not jobs.progress(c, slow, 0.5)
        assert not jobs.done(c, slow, {"data": "slow"})
        assert not jobs.failed(c, slow, "late")
        assert queries.job(c, planner.id, number).result == {"data": "quick"}


def test_what_breaks_off_three_times_is_given_up(empty_db: Engine, planner: Account) -> None:
    number = put(empty_db, planner)
    for _ in range(3):
        with empty_db.begin() as c:
            assert jobs.take(c, silent_s=-1)
    with empty_db.begin() as c:
        assert jobs.take(c, silent_s=-1) is None
        found = queries.job(c, planner.id, number)
    assert (found.state, found.reason) == ("failed", jobs.WORN_OUT)


def test_only_the_asker_sees_and_cancels(empty_db: Engine, planner: Account) -> None:
    number = put(empty_db, planner)
    with empty_db.begin() as c:
        accounts.add(c, "other", "planner", None)
        other = next(one for one in accounts.list_accounts(c) if one.name == "other")
        with pytest.raises(NotFound):
            queries.job(c, other.id, number)
        with pytest.raises(NotFound):
            jobs.cancel(c, other, number)
        taken = jobs.take(c)
        assert taken
        assert jobs.cancel(c, planner, number)
        assert not jobs.cancel(c, planner, number)
        assert not jobs.done(c, taken, {"data": 1})
    assert state(empty_db, planner, number) == "cancelled"


def test_nobody_fills_the_queue(empty_db: Engine, planner: Account) -> None:
    for _ in range(jobs.MOST_OPEN):
        put(empty_db, planner)
    with pytest.raises(Refused, match="open already"):
        put(empty_db, planner)


def home_of(engine: Engine, folder: Path) -> Settings:
    return Settings(home=folder, database_url=engine.url.render_as_string(hide_password=False))


def test_a_job_that_fails_says_why(empty_db: Engine, planner: Account, gusu: Profile, tmp_path: Path,
                                   monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    def refuse(doing: Doing) -> Fields:
        doing.file("txt").write_text("half")
        raise Refused("There is nothing to count.")

    def break_down(doing: Doing) -> Fields:
        raise ZeroDivisionError(doing.account.name)

    for function, reason in ((refuse, "There is nothing to count."), (break_down, doing.DEFECT)):
        monkeypatch.setattr(
            doing, "discover", lambda do=function: {"export": Kind("export", Bilingual("", ""), do)}
        )
        number = put(empty_db, planner)
        with empty_db.begin() as c:
            taken = jobs.take(c)
        assert taken
        doing.do(empty_db, gusu, home_of(empty_db, tmp_path), taken.id, taken.attempt)
        with empty_db.connect() as c:
            found = queries.job(c, planner.id, number)
        assert (found.state, found.reason) == ("failed", reason)


def test_what_a_lost_job_made_is_thrown_away(empty_db: Engine, planner: Account, gusu: Profile, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    number = put(empty_db, planner)

    def cancelled_meanwhile(doing: Doing) -> Fields:
        doing.file("txt").write_text("made")
        with doing.engine.begin() as c:
            jobs.cancel(c, doing.account, number)
        return {"file": "jobs/1.txt"}

    monkeypatch.setattr(
        doing, "discover", lambda: {"export": Kind("export", Bilingual("", ""), cancelled_meanwhile)}
    )
    with empty_db.begin() as c:
        taken = jobs.take(c)
    assert taken
    assert doing.do(empty_db, gusu, home_of(empty_db, tmp_path), taken.id, taken.attempt) == 1
    assert list((tmp_path / "jobs").iterdir()) == []
    assert state(empty_db, planner, number) == "cancelled"


KEEPER = """
import sys, threading
from pathlib import Path
from app.jobs import doing
from geodata.commands import jobs
from geodata.store.db import make_engine
from geodata.store.settings import Settings
jobs.SILENT_S = 2.0
jobs.take.__kwdefaults__["silent_s"] = 2.0
doing.BEAT_S = 0.4
doing.keep_doing(make_engine(sys.argv[1]), Settings(home=Path(sys.argv[2]), database_url=sys.argv[1]), threading.Event())
"""


@pytest.mark.timeout(400)
def test_a_killed_workers_job_is_taken_up_again_with_one_result(
    empty_db: Engine, planner: Account, gusu: Profile, tmp_path: Path
) -> None:
    """A real worker process is killed in the middle of an export; another one does it, and one file is left."""
    with empty_db.begin() as c:
        c.execute(
            text(
                "insert into facts values ('data_version', '1'), ('profile', to_jsonb(cast('gusu' as text)))"
            )
        )
        asked = {"question": {"window": ["2026-01-01", "2026-01-31"], "scheme": "grid"}, "before": None,
                 "options": {"kind": "xlsx"}}  # fmt: skip
        number = jobs.ask(c, planner, "export", asked)
    url = empty_db.url.render_as_string(hide_password=False)
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT), "YIPING_PROFILE": "gusu"}

    def keeper() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", KEEPER, url, str(tmp_path)], cwd=CHECKOUT, env=environment,
                                start_new_session=True)  # fmt: skip

    first = keeper()
    _until(lambda: state(empty_db, planner, number) == "running")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = keeper()
    try:
        _until(lambda: state(empty_db, planner, number) in ("done", "failed"))
    finally:
        second.kill()
        second.wait()
    with empty_db.connect() as c:
        found = queries.job(c, planner.id, number)
        attempt = c.execute(text("select attempt from jobs")).scalar_one()
    assert (found.state, found.reason) == ("done", None)
    assert attempt == 2
    assert found.result
    assert [file.name for file in (tmp_path / "jobs").iterdir()] == [f"{number}-2.xlsx"]
    assert (tmp_path / found.result["file"]).stat().st_size > 1000


def test_a_cancelled_jobs_process_is_ended(empty_db: Engine, planner: Account, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    number = put(empty_db, planner)
    monkeypatch.setattr(doing, "BEAT_S", 0.3)
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def sleeping(*_: object, **_more: object) -> subprocess.Popen[bytes]:
        started.append(real([sys.executable, "-c", "import time; time.sleep(60)"]))
        return started[-1]

    monkeypatch.setattr(doing.subprocess, "Popen", sleeping)
    with empty_db.begin() as c:
        taken = jobs.take(c)
    assert taken
    thread = threading.Thread(
        target=doing.watch, args=(empty_db, home_of(empty_db, tmp_path), taken, threading.Event())
    )
    thread.start()
    with empty_db.begin() as c:
        jobs.cancel(c, planner, number)
    thread.join(20)
    assert not thread.is_alive()
    assert started[0].poll() is not None
    assert state(empty_db, planner, number) == "cancelled"


def test_a_worker_that_is_told_to_stop_leaves_its_job_to_the_next(
    empty_db: Engine, planner: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = put(empty_db, planner)
    real = subprocess.Popen
    monkeypatch.setattr(
        doing.subprocess,
        "Popen",
        lambda *_, **__: real([sys.executable, "-c", "import time; time.sleep(60)"]),
    )
    stop = threading.Event()
    stop.set()
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        with empty_db.begin() as c:
            taken = jobs.take(c)
        assert taken
        doing.watch(empty_db, home_of(empty_db, tmp_path), taken, stop)
        assert state(empty_db, planner, number) == "waiting"


def _until(true: object, limit_s: float = 160) -> None:
    end = time.monotonic() + limit_s
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def test_every_kind_is_called_like_its_file() -> None:
    assert set(discover()) >= {"export", "upload_shape", "hotspots_all", "emerging"}
