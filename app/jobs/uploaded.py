"""What the kinds of work on an uploaded file share: where it lies, and its name for people instead of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from app.jobs.base import Doing
from app.loading import Loading
from geodata.errors import FileRefused, FileTooLarge, Refused, Unavailable
from geodata.queries.uploads import Upload
from geodata.store.settings import Settings

SAMPLE = "sample.json"
CORRECTION = "correction.xlsx"
T = TypeVar("T")


def folder_of(settings: Settings, number: int) -> Path:
    """The folder of one uploaded file; nobody but this installation's account may look into it."""
    folder = settings.uploads / str(int(number))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def the_loading(doing: Doing) -> Loading:
    """What loads files; the command line hands it to every job."""
    if doing.loading is None:
        raise Unavailable("This process cannot load files; have the worker started by ./yiping.")
    return doing.loading()


@contextmanager
def named(it: Upload) -> Iterator[None]:
    """Let refusals speak of the file by the name people know."""
    try:
        yield
    except Refused as refusal:
        if it.stored not in str(refusal) or type(refusal) not in (FileRefused, FileTooLarge, Refused):
            raise
        raise type(refusal)(renamed(str(refusal), it)) from refusal


def renamed(value: T, it: Upload) -> T:
    """The same with the name people know instead of the stored one, in whatever it stands."""
    told: Any = value
    if isinstance(value, str):
        told = value.replace(it.stored, it.name)
    elif isinstance(value, dict):
        told = {key: renamed(one, it) for key, one in value.items()}
    elif isinstance(value, list):
        told = [renamed(one, it) for one in value]
    return told  # type: ignore[no-any-return]
