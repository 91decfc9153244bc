"""Rasters: a GeoTIFF, made cloud-optimised and kept under the name that its layer asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from etl.intake import take_in
from etl.kinds.base import KindOf, LoadOptions, Option
from etl.quality import LoadRefused, Report
from etl.raster import Loaded, load_raster
from geodata.commands import facts, loads
from geodata.commands.loads import Counts
from geodata.commands.undo_raster import keep_before, let_go_before
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.types import Bilingual


def _check(_: Profile, options: LoadOptions) -> None:
    if options.rasters is None:
        raise Refused("Rasters need a folder to be kept in; load them into a home.")


def _take(engine: Engine, profile: Profile, file: Path, options: LoadOptions, dry_run: bool) -> Report:
    """Keep a raster, and enter it in the book of loads with what it replaces; a dry run does neither."""
    intake = take_in(file)
    with engine.connect() as connection:
        work = _Work(connection, profile, options, file.name, _name(file, options))
        if not dry_run:
            work.begin(intake.sha256)
        try:
            kept = load_raster(
                intake, work.folder, work.name, crs=options.crs, nodata=_nodata(options), dry_run=dry_run
            )
        except Refused as refusal:
            raise LoadRefused(work.end("refused", str(refusal), None)) from refusal
        except Exception:
            work.end("failed", "The load broke off; nothing of it was kept.", None)
            raise
        return work.end("dry_run" if dry_run else "done", None, kept)


@dataclass(slots=True)
class _Work:
    connection: Connection
    profile: Profile
    options: LoadOptions
    file_name: str
    name: str
    number: int | None = None

    @property
    def folder(self) -> Path:
        return self.options.rasters or Path()

    def begin(self, sha256: bytes) -> None:
        booked = self.options.booked() | {"kept_as": self.name}
        with self.connection.begin():
            self.number = loads.begin(
                self.connection, kind="raster", file_name=self.file_name, sha256=sha256, options=booked
            )
        keep_before(self.folder, self.number, self.name)

    def end(self, state: str, said: str | None, kept: Loaded | None) -> Report:
        new = bool(kept and kept.changed)
        counts = Counts(read=1, new=int(new), unchanged=int(not new)) if kept else Counts()
        if self.number is not None:
            if not new:
                let_go_before(self.folder, self.number, self.name)
            with self.connection.begin():
                loads.end(self.connection, self.number, state, said, counts)
                if new:
                    facts.bump_data_version(self.connection)
                loads.let_go(self.connection, self.number)
        crs = {
            "declared": kept.declared_crs if kept else None, "used": kept.crs if kept else None,
            "probable": None, "confidence": 0.0,
        }  # fmt: skip
        figures = _figures(kept) if kept else {}
        return Report(
            "raster",
            self.file_name,
            state,
            counts,
            crs,
            [],
            self.number,
            said,
            figures,
            self.profile.language,
        )


def _name(file: Path, options: LoadOptions) -> str:
    said = options.told.get("name") or re.sub("[^a-z0-9_-]+", "_", file.stem.casefold()).strip("_-")
    return said if said.endswith(".tif") else f"{said}.tif"


def _nodata(options: LoadOptions) -> float | None:
    said = options.told.get("nodata")
    try:
        return float(said) if said not in (None, "") else None
    except ValueError:
        raise Refused(f"“{said}” is no number; say which value of the raster stands for “unknown”.") from None


def _figures(kept: Loaded) -> dict[str, Any]:
    return {
        "kept_as": kept.path.name, "size": f"{kept.width} × {kept.height} × {kept.bands}", "low": kept.low,
        "high": kept.high, "known_share": round(kept.known, 4), "nodata": kept.nodata,
    }  # fmt: skip


KIND = KindOf(
    key="raster",
    title=Bilingual("栅格", "Raster"),
    shape="raster",
    options=(
        Option("name", Bilingual("保存名（图层所用的文件名）", "name it is kept under, as its layer asks for it")),
        Option("nodata", Bilingual("表示“未知”的值", "value that stands for “unknown”")),
    ),
    mapped=False,
    check=_check,
    take=_take,
)  # fmt: skip
