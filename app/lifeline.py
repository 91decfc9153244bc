"""Processes that must not outlive the one that started them, so that a killed `up` leaves no port taken."""

from __future__ import annotations

import ctypes
import os
import signal

SET_PARENT_DEATH_SIGNAL = 1
OWNED = "YIPING_OWNED"


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Have the kernel send this process a signal when its parent ends (Linux; elsewhere nothing happens)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(SET_PARENT_DEATH_SIGNAL, number)


def end_worker_with_server() -> None:
    """In a web worker that `up` owns: end at once when the server that started it is gone."""
    if os.environ.get(OWNED):
        end_with_parent(signal.SIGKILL)
