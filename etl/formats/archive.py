"""Archives at the door: what a .zip may hold, checked before anything of it is unpacked."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from etl.intake import BLOCK_BYTES, Intake
from geodata.errors import FileRefused

MOST_MEMBERS = 2_000
MOST_BYTES = 2_000_000_000  # unpacked, all together
MOST_RATIO = 250  # unpacked to packed: office text reaches 30, a shapefile of equal values 100
SMALL_BYTES = 20_000_000  # what is no larger than this may be packed as well as it likes
INNER = (".zip", ".kmz", ".rar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".zst")
JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; `name` is read in the encoding it was written in, folders with /."""

    name: str
    info: zipfile.ZipInfo

    @property
    def path(self) -> PurePosixPath:
        """The name as a path."""
        return PurePosixPath(self.name)

    @property
    def suffix(self) -> str:
        """The ending in small letters, with its dot."""
        return self.path.suffix.lower()


def is_archive(intake: Intake) -> bool:
    """Whether the bytes begin as a .zip does."""
    return intake.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def members(intake: Intake, *, inner: bool = False) -> list[Member]:
    """The files in a .zip, none of which can do harm; archives within are refused unless `inner`."""
    name = intake.path.name
    with opened(intake) as archive:
        found = [Member(_name(info), info) for info in archive.infolist() if not info.is_dir()]
    found = [member for member in found if not _is_junk(member.name)]
    _check_size(intake, found)
    for member in found:
        _check_place(name, member)
    nested = next((member for member in found if member.suffix in INNER), None)
    if nested is not None and not inner:
        raise FileRefused(
            f"“{name}” holds another archive, “{nested.path.name}”; unpack it and send the files themselves."
        )
    return found


@contextmanager
def opened(intake: Intake) -> Iterator[zipfile.ZipFile]:
    """An open .zip; whatever is wrong with it becomes FileRefused."""
    try:
        with zipfile.ZipFile(intake.path) as archive:
            yield archive
    except BROKEN:
        raise FileRefused(
            f"The archive “{intake.path.name}” is damaged or packed in a way that cannot be read; pack it again."
        ) from None


def unpack(intake: Intake, wanted: Iterable[tuple[Member, Path]]) -> None:
    """Write members to places of ours; FileRefused when one is damaged or larger than it says."""
    with opened(intake) as archive:
        for member, place in wanted:
            with archive.open(member.info) as packed, place.open("xb") as plain:
                _copy(packed, plain, member.info.file_size)


def _copy(packed: IO[bytes], plain: IO[bytes], said: int) -> None:
    written = 0
    while block := packed.read(BLOCK_BYTES):
        written += len(block)
        if written > said:
            raise zipfile.BadZipFile("larger than it says")
        plain.write(block)


def _name(info: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag come in the system's own encoding, which for us is mostly GBK."""
    name = info.orig_filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030", "cp437"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _is_junk(name: str) -> bool:
    return name.startswith(JUNK[0]) or PurePosixPath(name).name.startswith(("._", *JUNK[1:]))


def _check_size(intake: Intake, found: list[Member]) -> None:
    name = intake.path.name
    if len(found) > MOST_MEMBERS:
        raise FileRefused(
            f"“{name}” holds {len(found):,} files, more than the {MOST_MEMBERS:,} allowed; send what is needed only."
        )
    plain = sum(member.info.file_size for member in found)
    packed = sum(member.info.compress_size for member in found)
    if plain > MOST_BYTES:
        limit = MOST_BYTES // 1_000_000
        raise FileRefused(
            f"“{name}” unpacks to {plain / 1e6:,.0f} MB, more than the {limit:,} MB allowed; split it."
        )
    if plain > SMALL_BYTES and plain > MOST_RATIO * intake.size:
        raise FileRefused(
            f"“{name}” unpacks to {plain // intake.size:,} times its size, as no honest archive does; pack it again."
        )
    if packed > intake.size:
        raise FileRefused(
            f"The files in “{name}” lie on top of each other, as in no honest archive; pack it again."
        )


def _check_place(archive: str, member: Member) -> None:
    name, path = member.name, member.path
    if path.is_absolute() or ".." in path.parts or "\0" in name or name[1:2] == ":":
        raise FileRefused(
            f"“{archive}” holds a file that would land outside of it (“{name[:60]!r}”); pack it again."
        )
    if stat.S_ISLNK(member.info.external_attr >> 16):
        raise FileRefused(
            f"“{archive}” holds a link (“{path.name}”) where a file belongs; pack the file itself."
        )
    if member.info.flag_bits & 0x1:
        raise FileRefused(f"“{archive}” is locked with a password; send it without one.")
