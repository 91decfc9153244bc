"""What loads files, handed in by the command line, which alone knows etl; light, so that the web can name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geodata.profile import Profile

Fields = dict[str, Any]
Heard = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Loading:
    """Look at a file; load it or try it; take a load back; make an empty template.

    `look(engine, profile, file, choice)` gives {found, choice, sample}; `load(engine, profile, file, choice, dry_run,
    heard)` the report and, where rows are to be corrected, writes the spreadsheet beside the file, telling `heard` the
    rows read so far; `template(kind)` gives a workbook; `save(engine, name, choice, by)` keeps a mapping by name.
    """

    look: Callable[[Engine, Profile, Path, Fields], Fields]
    load: Callable[[Engine, Profile, Path, Fields, bool, Heard], Fields]
    roll_back: Callable[[Engine, int, str], Fields]
    template: Callable[[str], bytes]
    save: Callable[[Engine, str, Fields, str], None]
