"""Other engines in an environment of their own, and talking to one of them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geodata.errors import Unavailable
from geodata.store.settings import CHECKOUT

PINNED = Path(__file__).parent / "peers.txt"


def peers_python(home: Path) -> Path:
    """The interpreter of an environment with exactly the pinned peers, made in a home unless it stands there."""
    folder = home.resolve() / "bench" / "peers"
    stamp, wanted = folder / "stamp", hashlib.sha256(PINNED.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    if not (stamp.exists() and stamp.read_text("ascii") == wanted):
        print("  making an environment for the peers", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes",
              "--only-binary", ":all:", "-r", str(PINNED)])  # fmt: skip
        stamp.write_text(wanted, "ascii")
    return python


def _run(words: list[str]) -> None:
    if subprocess.run(words, check=False, stdout=sys.stderr).returncode:
        raise Unavailable("The environment of the peers could not be made; is a package index reachable?")


class Peer:
    """An engine in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, do: str, **told: Any) -> Any:
        """Give an order and wait for its answer."""
        if not (self._process.stdin and self._process.stdout):
            raise Unavailable("The engine has no ears.")
        self._process.stdin.write(json.dumps({"do": do, **told}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Unavailable(f"An engine ended while it was to {do}; see above what it said.")
        return json.loads(line)


@contextmanager
def engine(python: Path | str, name: str) -> Iterator[Peer]:
    """One of the modules heat_* of this package, running until the block ends."""
    process = subprocess.Popen(
        [str(python), "-m", f"tests.benchmarks.{name}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=CHECKOUT, env=os.environ | {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    try:
        yield Peer(process)
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
