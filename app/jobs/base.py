"""What a kind of long work is: a value with a function that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.loading import Loading
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.store.settings import Settings
from geodata.types import Bilingual

Say = Callable[[float | None, str | None], None]
Fields = dict[str, Any]


class Stopped(Exception):
    """The job was cancelled, or another worker has it now; what was made is thrown away."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What a kind has at hand: who asked, what, and where a result file goes.

    `say(share, step)` tells how far it is and raises Stopped when there is no use in going on. `file(suffix)` is a path for
    the one result file, which nobody else writes. `loading` gives what loads files, where the process was given it; called late, because it is slow to import.
    """

    engine: Engine
    profile: Profile
    settings: Settings
    account: Account
    asked: Fields
    say: Say
    file: Callable[[str], Path]
    loading: Callable[[], Loading] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of long work; `do` gives {"file", "name", "media_type"} or {"data"}.

    `askable` kinds may be asked at the door of jobs with a question; `options` are the words they take beside it.
    """

    key: str
    title: Bilingual
    do: Callable[[Doing], Fields]
    askable: bool = True
    options: tuple[str, ...] = ()
