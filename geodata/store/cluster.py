"""The private PostGIS cluster below the state folder: made once, started on demand, no network port.

PostgreSQL refuses to run as root, so as root its programs run as the owner of the data folder, or `postgres`, or
`nobody`; where that account cannot reach the folder (root's home), the cluster lives in /var/lib/yiping. A socket
path has room for about 90 characters, so a deep state folder gets its socket in a short one named from a stable hash.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import Unavailable

log = logging.getLogger(__name__)

SOCKET_ROOM = 85
FLAGS = {
    "listen_addresses": "",
    "jit": "off",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "wal_level": "minimal",  # a bulk load into a table made in its own transaction then writes no log
    "max_wal_senders": "0",
    "max_connections": "100",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "logging_collector": "off",
    "log_min_messages": "warning",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where one cluster lives and who runs it."""

    data: Path
    socket: Path
    binaries: Path
    user: str

    def url(self, database: str = "yiping") -> str:
        """SQLAlchemy address of a database in it."""
        return f"postgresql+psycopg://yiping@/{database}?host={self.socket}"

    @property
    def running(self) -> bool:
        """Whether its server answers."""
        return self._call("pg_ctl", "-D", str(self.data), "status", check=False) == 0

    def start(self) -> None:
        """Start the server, after making the cluster if there is none; does nothing when it runs."""
        if not (self.data / "PG_VERSION").exists():
            self._make()
        if self.running:
            return
        self._folder(self.socket)
        options = " ".join(f"-c {key}={value or chr(39) * 2}" for key, value in FLAGS.items())
        options += f" -c unix_socket_directories='{self.socket}' -c unix_socket_permissions=0700"
        if os.geteuid() == 0:  # the product itself runs as root then, the server as another account
            options = options.replace("0700", "0770")
        log_file = self.data / "server.log"
        self._call(
            "pg_ctl", "-D", str(self.data), "-l", str(log_file), "-w", "-t", "60", "-o", options, "start"
        )

    def stop(self) -> None:
        """Stop the server, waiting for it to write everything."""
        if self.running:
            self._call("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database unless it is there."""
        there = self._psql(f"select 1 from pg_database where datname = '{name}'")
        if not there:
            self._psql(f'create database "{name}"' + (f' template "{template}"' if template else ""))

    def ask(self, database: str, question: str) -> str:
        """The one value that a question gives, as psql prints it; Unavailable when it cannot be asked."""
        words = ("-h", str(self.socket), "-U", "yiping", "-d", database, "-XAtc", question)
        done = self._run("psql", *words)
        if done.returncode:
            raise Unavailable("The private database cannot be asked that yet.")
        return (done.stdout or "").strip()

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is connected to it."""
        self._psql(f'drop database if exists "{name}" with (force)')

    def _make(self) -> None:
        self._folder(self.data)
        self._call("initdb", "-D", str(self.data), "-U", "yiping", "-E", "UTF8", "--locale=C.UTF-8",
                   "-A", "trust", "--no-instructions")  # fmt: skip

    def _folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, self.user, pwd.getpwnam(self.user).pw_gid)
        folder.chmod(0o700)

    def _psql(self, statement: str) -> str:
        return _output(
            self._run("psql", "-h", str(self.socket), "-U", "yiping", "-d", "postgres", "-XAtc", statement)
        )

    def _call(self, program: str, *arguments: str, check: bool = True) -> int:
        done = self._run(program, *arguments)
        if check:
            _output(done)
        return done.returncode

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # pg_ctl leaves a server behind that would keep our pipe open, so its words go to the server's log alone
        said = subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        root = os.geteuid() == 0
        entry = pwd.getpwnam(self.user)
        return subprocess.run(
            [str(self.binaries / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            check=False,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            user=entry.pw_uid if root else None,
            group=entry.pw_gid if root else None,
            extra_groups=[] if root else None,
        )


def _output(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode != 0:
        said = (done.stdout or "").strip().splitlines()
        log.error("%s ended with %s: %s", done.args[0], done.returncode, done.stdout)
        last = said[-1] if said else "see server.log in its data folder"
        raise Unavailable(f"The private database did not do as asked ({Path(done.args[0]).name}): {last}.")
    return (done.stdout or "").strip()


def find_binaries() -> Path:
    """Find the folder of PostgreSQL's programs."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    raise Unavailable("PostgreSQL is not installed; run: apt-get install postgresql-15-postgis-3")


def private_cluster(home: Path) -> Cluster:
    """The cluster that belongs to a state folder."""
    home = home.resolve()
    tag = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    user = _runner(home / "cluster")
    data = home / "cluster"
    if os.geteuid() == 0 and not _may_reach(user, home):
        data = Path("/var/lib/yiping") / tag / "cluster"
    socket = data.parent / "socket"
    if len(str(socket)) > SOCKET_ROOM or " " in str(socket) or "'" in str(socket):
        socket = Path("/tmp") / f"yiping-{tag}"  # noqa: S108 - a folder of our own, mode 0700
    return Cluster(data, socket, find_binaries(), user)


def _runner(data: Path) -> str:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid).pw_name
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise Unavailable("As root, PostgreSQL needs an account to run as: make one called postgres.")


def _may_reach(user: str, home: Path) -> bool:
    """Whether the account can walk down to the folder (it may not exist yet)."""
    entry = pwd.getpwnam(user)
    for folder in [home, *home.parents]:
        if folder.exists():
            facts = folder.stat()
            mine = facts.st_uid == entry.pw_uid
            ours = facts.st_gid == entry.pw_gid
            bit = 0o100 if mine else 0o010 if ours else 0o001
            if not facts.st_mode & bit:
                return False
    return True
