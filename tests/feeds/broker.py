"""Debian's mosquitto on a free port, with persistence and a password, started and stopped at will."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

USER, PASSWORD = "yiping", "for the tests only"
CONFIG = """
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
persistence true
persistence_location {folder}/
autosave_interval {autosave_s}
max_inflight_messages 2000
max_queued_messages 0
user root
"""


class Mosquitto:
    """One broker."""

    def __init__(self, folder: Path, autosave_s: int = 1) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder / "mosquitto.conf").write_text(
            CONFIG.format(port=self.port, folder=folder, autosave_s=autosave_s)
        )
        (folder / "passwords").touch(mode=0o600)
        subprocess.run(["mosquitto_passwd", "-b", str(folder / "passwords"), USER, PASSWORD], check=True)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Its address with the password."""
        return f"mqtt://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        log = (self.folder / "mosquitto.log").open("ab")
        self.process = subprocess.Popen(
            ["mosquitto", "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log
        )
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "mosquitto.log").read_text())

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop it."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(10)
        self.process = None
