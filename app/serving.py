"""`up` and `down`: one foreground process that owns the web, the worker and the private database."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

from app.making import DemoMaker
from app.processes import STOP_LIMIT_S, Process, ended, start_web, watch
from geodata.errors import Refused, Unavailable
from geodata.profile import load_profile
from geodata.store.cluster import private_cluster
from geodata.store.ready import state_of
from geodata.store.settings import Settings

START_LIMIT_S = 180


def up(settings: Settings, host: str | None, port: int | None, *, demo: DemoMaker | None) -> int:
    """Set up what is missing, serve, print `ready …`, and stay until SIGTERM or `down`."""
    settings = settings.model_copy(
        update={k: v for k, v in (("host", host), ("port", port)) if v is not None}
    )
    _refuse_second(settings)
    _refuse_taken_port(settings)
    signal.signal(signal.SIGTERM, _end)
    settings.home.mkdir(parents=True, exist_ok=True)
    pid_file = _pid_file(settings)
    pid_file.write_text(f"{os.getpid()} {settings.port}", "utf-8")
    try:
        with _database(settings):
            waiting = _ready(settings, demo)
            accounts = [] if waiting else _prepare(settings, demo)
            _serve(settings, accounts, afterwards=demo if waiting else None)
    except (KeyboardInterrupt, SystemExit):
        return 0
    finally:
        pid_file.unlink(missing_ok=True)
    return 0


@contextmanager
def _database(settings: Settings) -> Iterator[None]:
    """The private cluster, started first and stopped last; nothing to do for an existing PostGIS."""
    if settings.database_url:
        yield
        return
    cluster = private_cluster(settings.home)
    cluster.start()
    try:
        yield
    finally:
        cluster.stop()


def _stand_up(settings: Settings) -> None:
    """Start the private database again when it fell."""
    if settings.database_url:
        return
    cluster = private_cluster(settings.home)
    if cluster.running:
        return
    with suppress(Unavailable):  # tried again in a moment
        cluster.start()


def _ready(settings: Settings, demo: DemoMaker | None) -> bool:
    """Whether this home can be served at once: nothing to migrate, to build or to add a day to."""
    state = None if settings.database_url else state_of(private_cluster(settings.home))
    if state is None or not state.whole or not state.profile:
        return False
    profile = load_profile(settings.profile or state.profile)
    if demo is None or profile.key != "gusu":
        return True
    has_raster = (settings.rasters / "population.tif").exists()
    return (
        has_raster
        and state.demo_last is not None
        and state.demo_last >= (settings.demo_end or profile.today())
    )


def _prepare(settings: Settings, demo: DemoMaker | None) -> list[str]:
    from app.setup import prepare  # noqa: PLC0415 - takes seconds to import, and a later start does not need it

    return prepare(settings, demo)


def _catch_up(settings: Settings, demo: DemoMaker) -> None:
    from app.setup import catch_up  # noqa: PLC0415 - as above

    catch_up(settings, demo)


def down(settings: Settings) -> int:
    """Stop what serves this home, and its private database."""
    owner = _owner(settings)
    if owner:
        os.kill(owner, signal.SIGTERM)
        _wait_gone(owner)
    if not settings.database_url and (settings.home / "cluster").exists():
        private_cluster(settings.home).stop()
    print("stopped" if owner else "nothing was running")
    return 0


def _serve(settings: Settings, accounts: list[str], afterwards: DemoMaker | None) -> None:
    with ended(start_web(settings)) as web:
        _wait_ready(settings, web)
        _announce(settings, accounts)
        if afterwards:
            threading.Thread(target=_catch_up, args=(settings, afterwards), daemon=True).start()
        watch(settings, web, partial(_stand_up, settings))


def _announce(settings: Settings, accounts: list[str]) -> None:
    print(f"ready http://{settings.host}:{settings.port}")
    if accounts:
        print(f"accounts made (kept in {settings.credentials_file}):")
        for line in accounts:
            print(f"  {line}")
    else:
        print(f"accounts: see {settings.credentials_file}")
    sys.stdout.flush()


def _wait_ready(settings: Settings, web: Process) -> None:
    address = f"http://{'127.0.0.1' if settings.host == '0.0.0.0' else settings.host}:{settings.port}/healthz"  # noqa: S104
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        if web.poll() is not None:
            raise Unavailable(f"The web process did not start; see {settings.logs / 'web.log'}.")
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise Unavailable(
        f"The web process did not answer in {START_LIMIT_S} s; see {settings.logs / 'web.log'}."
    )


def _refuse_second(settings: Settings) -> None:
    owner = _owner(settings)
    if owner and owner != os.getpid():
        raise Refused(f"This home is being served already (process {owner}); stop it with ./yiping down.")


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as fault:
            raise Refused(
                f"Port {settings.port} on {settings.host} cannot be used ({fault.strerror}); choose another with --port."
            ) from None


def _pid_file(settings: Settings) -> Path:
    return settings.home / "up.pid"


def _owner(settings: Settings) -> int | None:
    """The process that serves this home, if it lives; a number left by a killed one does not count."""
    try:
        owner = int(_pid_file(settings).read_text("utf-8").split()[0])
        words = Path(f"/proc/{owner}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None
    return owner if b"app.cli" in words else None


def _wait_gone(process: int) -> None:
    until = time.monotonic() + STOP_LIMIT_S + 10
    while Path(f"/proc/{process}").exists() and time.monotonic() < until:
        time.sleep(0.1)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
