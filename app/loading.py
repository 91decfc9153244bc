"""What loads files, handed in by the command line, which alone knows etl; light, so that the web can name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import shapely
    from sqlalchemy import Engine

    from geodata.profile import Profile

Fields = dict[str, Any]
Heard = Callable[[int], None]


class Load(Protocol):
    """Loads a file as chosen, or tries it."""

    def __call__(
        self, engine: Engine, profile: Profile, file: Path, choice: Fields, *, dry_run: bool, heard: Heard
    ) -> Fields:
        """The report as plain values."""


@dataclass(frozen=True, slots=True)
class Loading:
    """Look at a file; load it or try it; take a load back; make an empty template; read a file as an area.

    `look(engine, profile, file, choice)` gives {found, choice, sample}; `load(engine, profile, file, choice, dry_run,
    heard)` the report and, where rows are to be corrected, writes the spreadsheet beside the file, telling `heard` the
    rows read so far; `template(kind, language)` gives a workbook; `outline(file)` all polygons of a file as one.
    """

    look: Callable[[Engine, Profile, Path, Fields], Fields]
    load: Load
    roll_back: Callable[[Engine, Profile, int, str, Path], Fields]
    template: Callable[[str, str], bytes]
    outline: Callable[[Path], shapely.MultiPolygon]
