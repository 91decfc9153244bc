"""`up` and `down` as an operator meets them: twice, with a taken port, after kill -9, below a path with spaces."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 120


class Home:
    """One state folder and the commands given to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {
            "YIPING_HOME": str(folder),
            "YIPING_PROFILE": "new_york",
            "YIPING_WORKERS": "1",
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            [str(ROOT / "yiping"), *words], env=self.environment, cwd="/", capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    def up(self) -> subprocess.Popen[str]:
        """`up` until it says ready."""
        process = subprocess.Popen(
            [str(ROOT / "yiping"), "up", "--no-demo", "--port", str(self.port)], env=self.environment, cwd="/",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("ready "):
                return process
        raise AssertionError(said)

    def answers(self) -> bool:
        """Whether somebody answers on its port."""
        with suppress(urllib.error.URLError, OSError):
            return bool(
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=3).status == 200
            )
        return False

    def silent(self, limit_s: float = 30) -> bool:
        """Whether nobody holds its port within a while."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with suppress(OSError):
                    probe.bind(("127.0.0.1", self.port))
                    return True
            time.sleep(0.2)
        return False


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Home]:
    """A home below a path with spaces."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name == "tmp" or folder == folder.parent:
            break
        folder.chmod(0o755)
    one = Home(tmp_path / "a home with spaces")
    yield one
    one.run("down")


@pytest.mark.slow
def test_a_day_in_the_life_of_a_server(place: Home) -> None:
    first = place.up()
    assert place.answers()
    credentials = place.folder / "credentials.txt"
    assert credentials.stat().st_mode & 0o777 == 0o600
    lines = credentials.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["screen", "commander", "planner", "operator", "admin"]
    assert len({line.split()[1] for line in lines}) == 5

    second = place.run("up", "--no-demo", "--port", str(place.port + 1))
    assert (second.returncode, second.stdout) == (1, "")
    assert "served already" in second.stderr

    token = place.run("user", "token", "admin")
    assert re.fullmatch(r"[\w-]{20,}\n", token.stdout)

    os.kill(first.pid, signal.SIGKILL)  # the launcher became the application: this is `up` itself
    first.wait()
    assert place.silent(), "web processes outlived the up that was killed"

    again = place.up()
    assert place.answers()
    assert credentials.read_text().splitlines() == lines, "a later start makes no new passwords"
    stopped = place.run("down")
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    assert again.wait(30) == 0
    assert place.silent()


def test_a_taken_port_is_named(place: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()
        refused = place.run("up", "--no-demo", "--port", str(place.port))
    assert refused.returncode == 1
    assert str(place.port) in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_wrong_usage_is_two_and_a_refusal_is_one(place: Home) -> None:
    assert place.run("fly").returncode == 2
    missing = place.run("load", "boundaries", "/nowhere.geojson", "--level", "community_district")
    assert missing.returncode == 1
    assert "Traceback" not in missing.stderr
    assert len(missing.stderr.strip().splitlines()) == 1
    unknown = place.run("user", "token", "nobody")
    assert (unknown.returncode, unknown.stdout) == (1, "")


def test_the_worker_and_the_database_come_back_when_they_fall(place: Home) -> None:
    process = place.up()
    try:
        for words in ("app.cli worker", "postgres -D"):
            before = _wait_for(lambda words=words: _owned(place.folder, words))
            os.kill(before, signal.SIGKILL)
            _wait_for(lambda words=words, before=before: _owned(place.folder, words) not in (0, before))
        assert _wait_for(place.answers)
    finally:
        place.run("down")
        process.wait(60)


def _wait_for(look: Callable[[], int]) -> int:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come within 40 s")


def _owned(home: Path, words: str) -> int:
    """The process with these words that belongs to this home; 0 when there is none."""
    for folder in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            said = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            mine = str(home) in said or f"YIPING_HOME={home}" in (folder / "environ").read_text(
                errors="replace"
            )
            if words in said and mine:
                return int(folder.name)
    return 0
