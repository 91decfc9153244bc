"""Looking at a file before anything is made of it: is it there, can it be read, what are its first bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import FileRefused

HEAD_BYTES = 65_536
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Intake:
    """A file at the door: its name, size, checksum and first bytes."""

    path: Path
    size: int
    sha256: bytes
    head: bytes


def take_in(path: Path) -> Intake:
    """Look at a file; FileRefused when it is missing, a folder or unreadable."""
    if path.is_dir():
        raise FileRefused(f"“{path.name}” is a folder; name the file itself.")
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
            digest, size = hashlib.sha256(head), len(head)
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                size += len(block)
    except FileNotFoundError:
        raise FileRefused(f"There is no file “{path}”; check the name.") from None
    except OSError as fault:
        raise FileRefused(f"The file “{path.name}” cannot be read: {fault.strerror or fault}.") from None
    return Intake(path, size, digest.digest(), head)
