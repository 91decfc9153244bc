"""Runs one engine in a process of its own, told what to do by JSON lines, and times nothing but its queries.

Needs only the standard library and numpy, since engines from other environments run it too. Every engine is timed alike:
some questions to warm up, then each of the list once, from asking until the cells and counts stand in numpy arrays.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Answer = tuple[NDArray[np.int64], NDArray[np.int64]]
Ask = Callable[[dict[str, Any]], Answer]


class Engine(Protocol):
    """Something that counts tickets per cell."""

    clients: Literal["threads", "processes"]  # how it does best with several clients

    def load(self, **told: Any) -> dict[str, float]:
        """Make its own tables from the data; figures about that."""
        ...

    def client(self) -> Ask:
        """A connection of its own for one client."""
        ...


def serve(engine: Engine) -> None:
    """Do as told until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints must not mix with the answers
    for line in sys.stdin:
        told = json.loads(line)
        do = told.pop("do")
        answer = _load(engine, told) if do == "load" else _run(engine, **told)
        out.write(json.dumps(answer) + "\n")
        out.flush()


def _load(engine: Engine, told: dict[str, Any]) -> dict[str, float]:
    began = time.perf_counter()
    figures = engine.load(**told)
    return {"build_s": time.perf_counter() - began, **figures}


def _run(
    engine: Engine, questions: list[dict[str, Any]], warm: list[dict[str, Any]], clients: int, limit_s: float
) -> dict[str, Any]:
    parts = [questions[at::clients] for at in range(clients)]
    if clients == 1:
        told = [_one(engine, parts[0], warm, limit_s, None)]
    elif engine.clients == "threads":
        told = _in_threads(engine, parts, warm, limit_s)
    else:
        told = _in_processes(engine, parts, warm, limit_s)
    taken: dict[int, float] = {}
    digests: dict[int, str] = {}
    for at, (ms, marks) in enumerate(told):
        for step, value in enumerate(ms):
            taken[at + step * clients], digests[at + step * clients] = value, marks[step]
    return {"ms": taken, "digests": digests, "memory_mb": memory_mb()}


def _one(
    engine: Engine, questions: list[dict[str, Any]], warm: list[dict[str, Any]], limit_s: float, start: Any
) -> tuple[list[float], list[str]]:
    ask = engine.client()
    for question in warm:
        ask(question)
    if start is not None:
        start.wait()
    taken: list[float] = []
    answers: list[Answer] = []
    until = time.perf_counter() + limit_s
    for question in questions:
        began = time.perf_counter()
        answer = ask(question)
        ended = time.perf_counter()
        taken.append((ended - began) * 1000)
        answers.append(answer)
        if ended > until:
            break
    return taken, [digest(*answer) for answer in answers]


def _in_threads(
    engine: Engine, parts: list[list[dict[str, Any]]], warm: list[dict[str, Any]], limit_s: float
) -> list[tuple[list[float], list[str]]]:
    start = threading.Barrier(len(parts))
    told: list[Any] = [None] * len(parts)

    def run(at: int) -> None:
        told[at] = _one(engine, parts[at], warm, limit_s, start)

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _in_processes(
    engine: Engine, parts: list[list[dict[str, Any]]], warm: list[dict[str, Any]], limit_s: float
) -> list[tuple[list[float], list[str]]]:
    context = multiprocessing.get_context("fork")
    start = context.Barrier(len(parts))
    pipes = [context.Pipe(duplex=False) for _ in parts]

    def run(at: int) -> None:
        pipes[at][1].send(_one(engine, parts[at], warm, limit_s, start))

    children = [context.Process(target=run, args=(at,)) for at in range(len(parts))]
    for child in children:
        child.start()
    told = [pipe.recv() for pipe, _ in pipes]
    for child in children:
        child.join()
    return told


def digest(cells: NDArray[np.int64], counts: NDArray[np.int64]) -> str:
    """A mark that two answers share only when they have the same cells and counts, in whatever order."""
    order = np.argsort(cells)
    told = hashlib.sha256(np.ascontiguousarray(cells[order], "<i8").tobytes())
    told.update(np.ascontiguousarray(counts[order], "<i8").tobytes())
    return f"{len(cells)} cells, {int(counts.sum())} tickets, {told.hexdigest()[:16]}"


def memory_mb() -> float:
    """The most this process ever held, mapped files that it touched included."""
    status = Path(f"/proc/{os.getpid()}/status").read_text("ascii").splitlines()
    peak = next(line for line in status if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1000
