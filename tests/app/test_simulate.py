"""The simulator against the true doors: all it sends arrives once, a server that was away included, and the rules see it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

import app.http
from etl.feeds import sender, simulate
from etl.feeds.drill import DrillAsked, drill
from etl.feeds.simulate import Asked
from geodata.commands.evaluate import Judge
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine, transaction
from geodata.store.settings import Settings

URL = "http://testserver"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def db(demo_template: str, cluster: Cluster) -> Iterator[Engine]:
    """The demo in a database of its own, to be written."""
    cluster.create_database("simulated", demo_template)
    engine = make_engine(cluster.url("simulated"))
    yield engine
    engine.dispose()
    cluster.drop_database("simulated")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("simulated")


@pytest.fixture(scope="module")
def server(db: Engine, gusu: Profile, home: Path) -> httpx.BaseTransport:
    """The way to the doors, without a network."""
    application = FastAPI()
    app.http.install(application, db, gusu, Settings(home=home))
    return Doors(TestClient(application))


class Doors(httpx.BaseTransport):
    """Requests that are answered by an application beside us."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        told = self.client.request(
            request.method, request.url.path, content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(
            told.status_code, content=told.content, headers={"content-type": "application/json"}
        )


class Faulty(httpx.BaseTransport):
    """A server that is away now and then; some answers get lost after it has written."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner, self.asked = inner, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or not."""
        self.asked += 1
        if self.asked % 7 == 3:
            raise httpx.ConnectError("away")
        answer = self.inner.handle_request(request)
        if self.asked % 7 == 5:
            raise httpx.ReadError("the answer got lost")
        return answer


def ask(engine: Engine, sql: str) -> list[tuple]:
    with engine.connect() as c:
        return [tuple(row) for row in c.execute(text(sql))]


def judged(engine: Engine, profile: Profile) -> None:
    """Let the rules look at all that waits."""
    with engine.begin() as c:
        judge = Judge.load(c, profile)
        while judge.judge(c):
            pass
        judge.tick(c, datetime.now(UTC))


def test_three_minutes_of_guanqian_arrive_once_each_and_raise_the_street(
    db: Engine, gusu: Profile, home: Path, server: httpx.BaseTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "PAUSES_S", (0.02,))
    said: list[str] = []
    show = simulate.prepare(db, gusu, home, Asked(URL, "guanqian", minutes=3, speed=60, quiet=True))
    verdicts = simulate.play(show, say=said.append, stop=threading.Event(), transport=Faulty(server))
    ticks = ask(
        db, "select count(*), count(distinct at), max(at) - min(at) < interval '181 s' from crowd_ticks"
    )
    assert said[-1].startswith("Ended; rows so far"), said
    assert ticks == [(37, 37, True)], said
    assert any("nothing is lost" in sentence for sentence in said)
    assert verdicts["repeated"] > 0  # what was written before its answer got lost is sent again, and known
    assert ask(db, "select count(*) from crowd_grids") == [(1,)]
    assert ask(db, "select count(*) from tickets where origin = 'demo-tickets'") == ask(  # at night there may be none
        db, "select coalesce(sum(rows), 0) from feed_counts b join feeds f on f.id = b.feed_id where f.key = 'demo-tickets' and verdict = 'accepted'"
    )  # fmt: skip
    judged(db, gusu)
    raised = ask(db, "select subject_name, plan_key from alerts where subject_key = 'guanqian'")
    assert raised == [
        ("观前街", "crowd_street")
    ]  # its rise and its density are one alert, with the street's plan
    others = ask(db, "select subject_key from alerts where rule like 'crowd%' and subject_key <> 'guanqian'")
    assert others == []  # the rest of the town had an ordinary day


def test_the_token_is_kept_for_the_next_time_readable_to_us_only(
    db: Engine, gusu: Profile, home: Path
) -> None:
    before = ask(db, "select count(*) from feed_tokens")
    simulate.prepare(db, gusu, home, Asked(URL))
    assert ask(db, "select count(*) from feed_tokens") == before
    assert (home / "feed-tokens.json").stat().st_mode & 0o777 == 0o600


def test_a_drill_goes_through_the_doors_to_its_report(
    db: Engine, gusu: Profile, server: httpx.BaseTransport
) -> None:
    stop, done = threading.Event(), threading.Event()

    def judge_on() -> None:
        while not done.wait(0.2):
            judged(db, gusu)

    worker = threading.Thread(target=judge_on)
    worker.start()
    try:
        told = drill(db, gusu, DrillAsked(URL, "house_tilt", speed=80, stay_min=0, quiet=True),
                     say=lambda _: None, stop=stop, transport=server)  # fmt: skip
    finally:
        done.set()
        worker.join()
    assert "古城房屋倾斜处置 House tilting in the old town" in told
    assert "(sensor_level)" in told
    assert "无人处理 Nobody did" in told
    assert ask(db, "select state, report is not null from drills") == [("ended", True)]
    assert ask(db, "select count(*) > 10 from drill_readings") == [(True,)]


def test_where_nothing_answers_no_drill_begins(db: Engine, gusu: Profile) -> None:
    before = ask(db, "select count(*) from drills")
    with pytest.raises(Refused, match="Nothing answers at"):
        drill(db, gusu, DrillAsked("http://127.0.0.1:9", "house_tilt"), say=print, stop=threading.Event())
    assert ask(db, "select count(*) from drills") == before


def test_without_a_demo_there_is_nothing_to_drive(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no demo district"):
        simulate.prepare(empty_db, gusu, tmp_path, Asked(URL))
    with transaction(empty_db) as c:
        assert c.execute(text("select count(*) from feed_tokens")).scalar() == 0
