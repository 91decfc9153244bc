"""`./yiping load KIND FILE`: load a file, suggest a mapping for it, or write an empty template."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from geodata.errors import FileRefused
from geodata.store.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geodata.profile import Profile

Arguments = argparse.Namespace
Asked = dict[str, Any]
OWN = ("level", "scheme", "name_field", "code_field", "valid_from", "partial", "as_drawn", "new_codes",
       "counted_on", "name", "nodata")  # fmt: skip


class Told(Protocol):
    """The report of a load."""

    @property
    def findings(self) -> Sequence[Any]:
        """What was found."""

    def as_json(self) -> str:
        """As one JSON document."""

    def as_text(self) -> str:
        """For a person."""


class Counter(Protocol):
    """What loads, handed in by the command line, which alone knows etl."""

    def kinds(self) -> list[str]:
        """Every kind by key."""

    def load_file(self, engine: Engine, profile: Profile, kind: str, file: Path, asked: Asked) -> Told:
        """Load a file as asked."""

    def suggestion(self, engine: Engine, profile: Profile, kind: str, file: Path, asked: Asked) -> Any:
        """A first mapping."""

    def told(self, found: Any) -> str:
        """A suggestion as TOML."""

    def write_template(self, kind: str, file: Path, language: str) -> None:
        """An empty template."""


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], counter: Callable[[], Counter]
) -> None:
    """Add `load`."""
    load = commands.add_parser("load", help="load a file")
    load.add_argument(
        "kind",
        metavar="KIND",
        help="boundaries, roads, places, tickets, cameras, sensors, heritage, people or raster",
    )
    load.add_argument("file", type=Path, nargs="?")
    _reading(load)
    _own(load)
    load.add_argument(
        "--suggest", action="store_true", help="write a first mapping from headers and values, load nothing"
    )
    load.add_argument("--save-as", metavar="NAME", help="keep the mapping under this name")
    load.add_argument(
        "--template",
        type=Path,
        metavar="FILE",
        help="write an empty template (.xlsx, .csv, .geojson), load nothing",
    )
    load.add_argument("--language", choices=("zh", "en"), default="zh", help="of the template")
    load.add_argument("--dry-run", action="store_true", help="tell what would happen, write nothing")
    load.add_argument("--json", action="store_true", help="one JSON document on standard output")
    load.add_argument(
        "--sheet-out", type=Path, metavar="FILE.xlsx", help="write the faulty rows as a workbook to correct"
    )
    load.add_argument("--max-rejected", type=float, default=5.0, metavar="PERCENT")
    load.set_defaults(run=lambda settings, asked: _run(settings, asked, load, counter()))


def _reading(load: argparse.ArgumentParser) -> None:
    load.add_argument(
        "--map", dest="mapping", metavar="NAME|FILE", help="a shipped or saved mapping, or a .toml file"
    )
    load.add_argument(
        "--crs",
        help="CRS of the coordinates: EPSG:4549, GCJ-02, BD-09 …; counts more than what the file says",
    )
    load.add_argument("--layer", metavar="NAME", help="layer or sheet, where there are several")
    load.add_argument(
        "--header-row", type=int, metavar="N", help="row of the sheet that names the columns, from 1"
    )
    load.add_argument("--encoding", metavar="NAME", help="encoding of the text: gb18030, big5, utf-8 …")
    load.add_argument(
        "--drop",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column that holds persons and is not to be looked at",
    )


def _own(load: argparse.ArgumentParser) -> None:
    load.add_argument("--level", help="of boundaries: district, subdistrict …")
    load.add_argument("--scheme", help="of boundaries and people: another division of the ground")
    load.add_argument("--name-field", metavar="COLUMN", help="of boundaries")
    load.add_argument("--code-field", metavar="COLUMN", help="of boundaries")
    load.add_argument(
        "--valid-from", type=date.fromisoformat, metavar="YYYY-MM-DD", help="of boundaries: first day"
    )
    load.add_argument(
        "--partial", action="store_true", help="of boundaries: areas that the file leaves out stay"
    )
    load.add_argument(
        "--as-drawn", action="store_true", help="of boundaries: take gaps and overlaps as they are"
    )
    load.add_argument(
        "--new-codes", action="store_true", help="of boundaries: areas that are known come with other codes"
    )
    load.add_argument(
        "--counted-on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="of people: day of the count"
    )
    load.add_argument("--name", help="of a raster: what it is kept as, such as population")
    load.add_argument("--nodata", help="of a raster: the value that stands for “unknown”")


def _run(settings: Settings, asked: Arguments, parser: argparse.ArgumentParser, counter: Counter) -> int:
    from app.setup import open_home

    if asked.kind not in counter.kinds():
        parser.error(f"there is no kind “{asked.kind}”; there are: {', '.join(counter.kinds())}")
    if asked.template:
        counter.write_template(asked.kind, asked.template, asked.language)
        return 0
    if asked.file is None:
        parser.error("name the file")
    if asked.kind == "boundaries" and not asked.level and not asked.suggest:
        parser.error("boundaries need --level")
    if asked.kind == "tickets" and not asked.mapping and not asked.suggest:
        parser.error("tickets need --map, or --suggest for a first one")
    told = vars(asked) | {"told": {name: getattr(asked, name) for name in OWN}, "rasters": settings.rasters}
    with open_home(settings) as (engine, profile):
        if asked.suggest:
            found = counter.suggestion(engine, profile, asked.kind, asked.file, told)
            print(
                json.dumps(found.as_dict(), ensure_ascii=False) if asked.json else counter.told(found),
                end="\n" if asked.json else "",
            )
            return 0
        _load(engine, profile, asked, told, counter)
    return 0


def _load(engine: Engine, profile: Profile, asked: Arguments, told: Asked, counter: Counter) -> None:
    def tell(report: Told) -> None:
        print(report.as_json() if asked.json else report.as_text())

    try:
        tell(counter.load_file(engine, profile, asked.kind, asked.file, told))
    except FileRefused as refusal:
        report = getattr(refusal, "report", None)
        if report is not None and (asked.json or report.findings):
            tell(report)
        raise
