"""Builds the cube of a home as an operator does, and says how long it took and how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from geodata.cube import files
from geodata.errors import Refused
from geodata.store.settings import CHECKOUT, Settings

LOOK_S = 0.1


def build_from_rows(home: Settings) -> tuple[Path, dict[str, float]]:
    """`./yiping cube build`: its folder, seconds from start to end, and the most memory it held."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "cube", "build", "--quiet"], cwd=CHECKOUT, stdout=sys.stderr,
        env=os.environ | {"YIPING_HOME": str(home.home), "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    peak_mb = 0.0
    while process.poll() is None:
        peak_mb = max(peak_mb, _held_mb(process.pid))
        time.sleep(LOOK_S)
    taken = time.perf_counter() - began
    name = files.current(home.cubes)
    if process.returncode or name is None:
        raise Refused("The cube was not built; what it said stands above.")
    return home.cubes / name, {"build_s": taken, "build_memory_mb": peak_mb}


def _held_mb(process: int) -> float:
    """Memory of a process that is its own: pages of mapped files may be taken from it at any time."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1000
