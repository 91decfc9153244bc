"""Other systems are told, signed, again when they do not answer, never of a drill and never elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from app.telling import worded
from geodata.commands import webhooks
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.store import notices
from geodata.store.cluster import Cluster
from geodata.store.db import transaction
from geodata.store.notices import Happening
from tests.db.response_town import drill, raised, response_town


class Listener:
    """A real server that keeps what it is told and answers as the test wants."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((dict(self.headers.items()), body))
                self.send_response(outer.answers)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def town_(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    yield from response_town(cluster, gusu, "webhooks")


@pytest.fixture
def engine(town_: Engine) -> Iterator[Engine]:
    yield town_
    with town_.begin() as c:
        c.execute(text("delete from webhooks"))


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


def registered(engine: Engine, listener: Listener, *kinds: str) -> str:
    with transaction(engine) as c:
        return webhooks.register(
            c, "other", f"http://{listener.host}/in", hosts=[listener.host], kinds=kinds
        )[1]


def happen(engine: Engine, *, kind: str = "alert", drilled: bool = False) -> int:
    with transaction(engine) as c:
        play = drill(c) if drilled else None
        key = raised(c, f"crowd_density:{notices.last_number(c)}", drill_id=play)
        return notices.announce(c, kind, "raise", key, drill_id=play, body={"level": "warning"})


def tell(engine: Engine, gusu: Profile, listener: Listener) -> int:
    with transaction(engine) as c:
        webhooks.queue(c)
    return webhooks.send_due(engine, lambda c, h: worded(c, gusu, h), [listener.host])


def test_what_happened_is_told_once_signed_and_worded(
    engine: Engine, gusu: Profile, listener: Listener
) -> None:
    happen(engine)  # before anybody listened
    secret = registered(engine, listener)
    number = happen(engine)
    assert tell(engine, gusu, listener) == 1
    assert tell(engine, gusu, listener) == 0
    (headers, body), told = listener.got[0], json.loads(listener.got[0][1])
    assert (told["id"], told["alert"]["title"]["zh"]) == (number, "观前街：人群过密")
    signed = hmac.new(secret.encode(), headers["X-Yiping-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["X-Yiping-Signature"] == f"sha256={signed.hexdigest()}"
    assert "区" in body.decode() or "名" in body.decode()


def test_drills_and_other_kinds_stay_inside(engine: Engine, gusu: Profile, listener: Listener) -> None:
    registered(engine, listener, "incident")
    happen(engine)
    happen(engine, drilled=True)
    happen(engine, kind="incident", drilled=True)
    assert tell(engine, gusu, listener) == 0
    assert listener.got == []
    with engine.connect() as c:
        assert c.execute(text("select count(*) from webhook_deliveries")).scalar() == 0


def test_one_that_does_not_answer_is_tried_again_and_given_up(
    engine: Engine, gusu: Profile, listener: Listener
) -> None:
    registered(engine, listener)
    happen(engine)
    listener.answers = 503
    for n in range(webhooks.TRIES_MOST + 3):
        assert tell(engine, gusu, listener) == 0
        if n == 0:
            assert tell(engine, gusu, listener) == 0  # its time has not come
            assert len(listener.got) == 1
        with transaction(engine) as c:
            c.execute(text("update webhook_deliveries set next_try_at = now() where next_try_at is not null"))
    assert len(listener.got) == webhooks.TRIES_MOST
    with engine.connect() as c:
        hook = webhooks.list_webhooks(c)[0]
        said = c.execute(text("select said from webhook_deliveries")).scalar()
    assert (hook.waiting, hook.given_up, said) == (0, 1, "503 Service Unavailable")


def test_a_redirect_is_not_followed_and_a_host_taken_off_the_list_not_called(
    engine: Engine, gusu: Profile, listener: Listener
) -> None:
    registered(engine, listener)
    happen(engine)
    listener.answers = 307
    assert tell(engine, gusu, listener) == 0
    assert len(listener.got) == 1
    with transaction(engine) as c:
        c.execute(text("update webhook_deliveries set next_try_at = now()"))
    assert webhooks.send_due(engine, lambda c, h: worded(c, gusu, h), ["elsewhere.example"]) == 0
    assert len(listener.got) == 1


HOSTS = ["Hooks.example", "10.1.2.3:8443", ""]


@pytest.mark.parametrize(
    "url", ["http://hooks.example/x", "https://hooks.example:443/x", "https://10.1.2.3:8443/"]
)
def test_listed_hosts_are_allowed(url: str) -> None:
    assert webhooks.allowed(url, HOSTS)


@pytest.mark.parametrize("url", [
    "http://hooks.example:8080/", "https://10.1.2.3/", "http://169.254.169.254/latest", "file:///etc/passwd", "ftp://hooks.example/",
    "http://hooks.example@evil.example/", "http://me:secret@hooks.example/", "http://evil.example/hooks.example", "http://hooks.example.evil/",
    "http:///x", "//hooks.example", "http://[::1]/", "http://hooks.example:99999/", "gopher://hooks.example", "", "http://hooks.example\\@evil.example/",
])  # fmt: skip
def test_everything_else_is_not(url: str) -> None:
    assert not webhooks.allowed(url, HOSTS)


def test_one_that_cannot_be_worded_holds_nothing_up(
    engine: Engine, gusu: Profile, listener: Listener
) -> None:
    registered(engine, listener)
    first, second = happen(engine), happen(engine)

    def compose(c: Connection, happening: Happening) -> dict[str, Any]:
        if happening.id == first:
            raise KeyError("words")
        return worded(c, gusu, happening)

    with transaction(engine) as c:
        assert webhooks.queue(c) == 2
    assert webhooks.send_due(engine, compose, [listener.host]) == 1
    assert [json.loads(body)["id"] for _, body in listener.got] == [second]
    with engine.connect() as c:
        assert (
            c.execute(text("select said from webhook_deliveries order by id")).scalars().first()
            == "could not be worded"
        )


def test_registering_refuses_what_it_cannot_call(engine: Engine) -> None:
    with transaction(engine) as c:
        with pytest.raises(BadArgument):
            webhooks.register(c, "x", "http://other/", hosts=["hooks.example"])
        with pytest.raises(BadArgument):
            webhooks.register(c, "x", "http://hooks.example/", hosts=["hooks.example"], kinds=["weather"])
        webhooks.register(c, "x", "http://hooks.example/", hosts=["hooks.example"])
        with pytest.raises(BadArgument):
            webhooks.register(c, "x", "http://hooks.example/", hosts=["hooks.example"])
