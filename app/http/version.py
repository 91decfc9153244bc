"""Which version of the code a server runs, so that a page that was open meanwhile can notice another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1]


@cache
def version_of_code() -> str:
    """A short digest over names, sizes and times of what the pages are made of."""
    digest = hashlib.sha256()
    for file in sorted(SOURCES.rglob("*")):
        if file.suffix in {".py", ".js", ".css", ".toml"}:
            about = file.stat()
            digest.update(f"{file.relative_to(SOURCES)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]
