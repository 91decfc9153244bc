"""Breaches injected through the door while worker, web and database are killed at random; --breaches says how many."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.served import Served
from tests.faults import breaches as injecting

NEEDS_HOME = False
BREACHES = 10_000
PER_SECOND = 60  # slow enough that every part is killed many times on the way


def run(_: Served | None, *, breaches: int = BREACHES) -> dict[str, float | int | str]:
    """All of them in an installation of its own, made and thrown away."""
    with tempfile.TemporaryDirectory(prefix="yiping-faults-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # the account that runs PostgreSQL must reach it
        return injecting.run(home, breaches, lasts_s=max(30.0, breaches / PER_SECOND), seed=7).as_dict()
