"""tipg on the tables of a served home: an OGC tile server from the environment of the peers, set up as favourably as ours."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url

from geodata.errors import Unavailable
from geodata.store.db import database_url
from tests.benchmarks.served import Served
from tests.mvt import decode

WORKERS = 2
# The table, what of it is drawn, and the attributes we draw with the one by which a feature is known.
ASKED = {
    "roads": ("roads", "", "id,name,name_en,class"),
    "greens": ("ground_features", "theme=green&", "id,name,name_en,kind"),
    "places": ("places", "", "id,code,name,name_en,kind,address"),
    "cameras": ("cameras", "", "id,code,name,kind,state"),
}


@dataclass(frozen=True, slots=True)
class Tipg:
    """A running tipg."""

    url: str

    def names(self, layer: str, zoom: int, x: int, y: int) -> set[int]:
        """Keys of the features of a tile."""
        with urllib.request.urlopen(self.url + path_of(layer, zoom, x, y), timeout=60) as answer:
            return self.read(answer.read(), "default")

    @staticmethod
    def read(body: bytes, layer: str) -> set[int]:
        """Keys of the features of a tile's layer: ours carry them as their own number, tipg's as an attribute."""
        return {int(feature.properties.get("id", feature.id)) for feature in decode(body).get(layer, [])}


def path_of(layer: str, zoom: int, x: int, y: int) -> str:
    """Its address of a tile, from the column that needs no projecting."""
    table, where, columns = ASKED[layer]
    return f"/collections/public.{table}/tiles/WebMercatorQuad/{zoom}/{x}/{y}?{where}properties={columns}&geom-column=geom_3857"


@contextmanager
def tipg(python: Path, served: Served) -> Iterator[Tipg]:
    """Serve the tables until the block ends."""
    address = make_url(database_url(served.settings))
    host = str(address.query.get("host", address.host))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{address.username}@{quote(host, safe='')}/{address.database}",
        "TIPG_DB_TABLES": json.dumps([f"public.{table}" for table, *_ in ASKED.values()]),
        "TIPG_DB_SPATIAL_EXTENT": "false", "TIPG_DB_DATETIME_EXTENT": "false", "TIPG_CATALOG_TTL": "0",
        "TIPG_TILE_BUFFER": "64",
    }  # fmt: skip
    words = [
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        str(WORKERS),
        "--loop",
        "uvloop",
    ]
    process = subprocess.Popen(
        [str(python), "-m", "granian", *words, "tipg.main:app"], env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url)
        yield Tipg(url)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{url}/healthz", timeout=2):
            return
        time.sleep(0.1)
    raise Unavailable("tipg did not start for measuring.")
