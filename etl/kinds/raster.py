"""Rasters: a GeoTIFF, made cloud-optimised and kept under the name that its layer asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from etl.intake import take_in
from etl.kinds.base import KindOf, LoadOptions, Option
from etl.quality import Report
from etl.raster import Loaded, load_raster
from geodata.commands import facts, loads
from geodata.commands.loads import Counts
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.types import Bilingual


def _check(_: Profile, options: LoadOptions) -> None:
    if options.rasters is None:
        raise Refused("Rasters need a folder to be kept in; load them into a home.")


def _take(engine: Engine, profile: Profile, file: Path, options: LoadOptions, dry_run: bool) -> Report:
    """Keep a raster, and enter it in the book of loads; a dry run does neither."""
    intake = take_in(file)
    with engine.connect() as connection:
        number = None if dry_run else _begun(connection, file, intake.sha256, options)
        try:
            kept = load_raster(
                intake, options.rasters or Path(), _name(file, options), crs=options.crs,
                nodata=_nodata(options), dry_run=dry_run,
            )  # fmt: skip
        except Exception as fault:
            said = str(fault) if isinstance(fault, Refused) else "The load broke off; nothing of it was kept."
            _ended(connection, number, "refused" if isinstance(fault, Refused) else "failed", said, Counts())
            raise
        counts = Counts(read=1, new=int(kept.changed), unchanged=int(not kept.changed))
        _ended(connection, number, "done", None, counts)
    crs = {"declared": kept.declared_crs, "used": kept.crs, "probable": None, "confidence": 0.0}
    state = "dry_run" if dry_run else "done"
    return Report("raster", file.name, state, counts, crs, [], number, None, _figures(kept), profile.language)


def _name(file: Path, options: LoadOptions) -> str:
    said = options.told.get("name") or file.stem.casefold()
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


def _begun(connection: Connection, file: Path, sha256: bytes, options: LoadOptions) -> int:
    with connection.begin():
        return loads.begin(
            connection, kind="raster", file_name=file.name, sha256=sha256, options=options.booked()
        )


def _ended(connection: Connection, number: int | None, state: str, said: str | None, counts: Counts) -> None:
    if number is None:
        return
    with connection.begin():
        loads.end(connection, number, state, said, counts)
        if counts.new:
            facts.bump_data_version(connection)
        loads.let_go(connection, number)


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
