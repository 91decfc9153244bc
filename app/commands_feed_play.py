"""`./yiping feed simulate | replay | drill`: plays made-up or recorded series through the doors, as an outside sender would."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from geodata.store.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geodata.profile import Profile

Arguments = argparse.Namespace
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Players:
    """What plays, handed in by the command line, which alone knows etl.

    `prepare_*` take what they need from a home and give a function that sends, for which the database is not needed.
    """

    prepare_simulation: Callable[[Engine, Profile, Path, Arguments], Callable[[Say, threading.Event], Any]]
    prepare_replay: Callable[[Engine, Profile, Path, Arguments], Callable[[Say, threading.Event], Any]]
    drill: Callable[[Engine, Profile, Arguments, Say, threading.Event], str]


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser], players: Players) -> None:
    """Add the three verbs to those of `feed`."""
    simulate = verbs.add_parser("simulate", help="drive the demo: crowds, sensors, tickets, a scenario")
    simulate.add_argument("--scenario", metavar="NAME", help="guanqian, or the key of a plan")
    simulate.add_argument("--minutes", type=float, help="how long; until Ctrl-C when left out")
    simulate.set_defaults(run=lambda settings, asked: _play(settings, asked, players.prepare_simulation))
    replay = verbs.add_parser("replay", help="send a recorded series again, its first row being now")
    replay.add_argument("file", type=Path, help="CSV with a column of times and a column of values")
    replay.add_argument("--sensor", metavar="CODE", help="the sensor that it is told of")
    replay.add_argument("--feed", metavar="KEY", default="demo-readings", help="the feed that tells it")
    replay.add_argument("--time-column", metavar="NAME")
    replay.add_argument("--value-column", metavar="NAME")
    replay.set_defaults(run=lambda settings, asked: _play(settings, asked, players.prepare_replay))
    drill = verbs.add_parser("drill", help="play a plan's script as a drill 演练 and tell how it went")
    drill.add_argument("name", metavar="NAME", help="key of a plan with a script")
    drill.add_argument("--stay", type=float, default=5.0, metavar="MINUTES",
                       help="how long to wait at the end for what people still do")  # fmt: skip
    drill.set_defaults(run=lambda settings, asked: _drill(settings, asked, players))
    for verb in (simulate, replay, drill):
        verb.add_argument("--url", help="where the doors are; the server of this home when left out")
        verb.add_argument("--speed", type=float, default=1.0, metavar="N", help="times as fast as the clock")
        verb.add_argument("--quiet", action="store_true", help="say only how it began and ended")


def _play(
    settings: Settings, asked: Arguments, prepare: Callable[..., Callable[[Say, threading.Event], Any]]
) -> int:
    from app.setup import open_home

    asked.url = asked.url or address(settings)
    with open_home(settings) as (engine, profile):
        send = prepare(engine, profile, settings.home, asked)
    with _stopped_by_signals() as stop:  # the home is let go: its server may come and go meanwhile
        send(_say, stop)
    return 0


def _drill(settings: Settings, asked: Arguments, players: Players) -> int:
    from app.setup import open_home

    asked.url = asked.url or address(settings)
    with open_home(settings) as (engine, profile), _stopped_by_signals() as stop:
        print(players.drill(engine, profile, asked, _say, stop), flush=True)
    return 0


def address(settings: Settings) -> str:
    """Where the server of this home listens: at the port that it noted, else at the one it would take."""
    try:
        port = int((settings.home / "up.pid").read_text("utf-8").split()[1])
    except (OSError, ValueError, IndexError):
        port = settings.port
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    return f"http://{host}:{port}"


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
