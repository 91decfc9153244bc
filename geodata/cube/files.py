"""A cube on disk: one .npy file an array, a manifest with lengths and checksums, a pointer to the one that stands.

A folder without a manifest is half made and never opened; the pointer is moved in one step when all is on the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.errors import Refused

MAGIC, FORMAT = "yiping-cube", 2
MANIFEST, POINTER = "manifest.json", "current"
PIECE = 1 << 22
EMPTY_BYTES = 128  # the header alone


class Damaged(Refused):
    """A cube whose files are not what its manifest says."""


class Writer:
    """Writes the arrays of one cube; files become durable in `finish`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._files: dict[str, dict[str, int]] = {}

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Write one array under a name."""
        path = self._folder / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        self._files[name] = {"bytes": path.stat().st_size, "crc32": checksum(path)}

    def finish(self, facts: dict[str, Any]) -> None:
        """Write the manifest; from now on the folder is a cube."""
        said = {"magic": MAGIC, "format": FORMAT, "facts": facts, "files": self._files}
        write_whole(self._folder / MANIFEST, json.dumps(said))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a cube of this format; raises Damaged for anything else."""
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        known = said["magic"] == MAGIC and said["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        raise Damaged(f"{folder.name} is no cube; build one with ./yiping cube build.") from None
    if not known:
        raise Damaged(f"The cube {folder.name} has another format; build it anew with ./yiping cube build.")
    return dict(said)


def check(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Hold every file to its length and, unless told otherwise, its checksum; gives the manifest."""
    said = read_manifest(folder)
    for name, file in said["files"].items():
        path = folder / f"{name}.npy"
        right = path.is_file() and path.stat().st_size == file["bytes"]
        if not right or (sums and checksum(path) != file["crc32"]):
            raise Damaged(
                f"The file {path.name} of the cube {folder.name} is damaged; build it anew with ./yiping cube build."
            )
    return said


def checksum(path: Path) -> int:
    """CRC-32 of a file."""
    found = 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found = zlib.crc32(piece, found)
    return found


def mapped(path: Path) -> NDArray[Any]:
    """An array in place, for reading; an empty one cannot be mapped and is read."""
    if path.stat().st_size > EMPTY_BYTES:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    empty = np.load(path, allow_pickle=False)
    empty.flags.writeable = False
    return np.asarray(empty)


def current(cubes: Path) -> str | None:
    """Name of the folder that stands; None where none was built."""
    try:
        return (cubes / POINTER).read_text("utf-8").strip() or None
    except OSError:
        return None


def point_to(cubes: Path, name: str) -> None:
    """Let a folder stand from now on."""
    write_whole(cubes / POINTER, name)


def sweep(cubes: Path, keep: set[str]) -> None:
    """Drop half-made folders and those of before; who has one open keeps its memory."""
    for folder in cubes.iterdir() if cubes.is_dir() else ():
        if folder.is_dir() and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def write_whole(path: Path, words: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(words)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
