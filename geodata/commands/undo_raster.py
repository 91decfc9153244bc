"""Taking the load of a raster back: the file that was there before comes back, or the one that came goes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from geodata.errors import Refused

BEFORE = "before"
KEPT_AS = "select options ->> 'kept_as' from loads where id = :load"
LATER = """
    select id, file_name from loads
    where kind = 'raster' and state = 'done' and id > :load and options ->> 'kept_as' = :name and rows_new > 0
    order by id desc limit 1"""


def before(rasters: Path, number: int, name: str) -> Path:
    """Where the raster stands that a load replaced."""
    return rasters / BEFORE / f"{number}-{name}"


def keep_before(rasters: Path, number: int, name: str) -> None:
    """Keep the raster that a load is about to replace; a link, as a raster is replaced whole and never written into."""
    there, kept = rasters / name, before(rasters, number, name)
    if there.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.unlink(missing_ok=True)
        kept.hardlink_to(there)


def let_go_before(rasters: Path, number: int, name: str) -> None:
    """Nothing was replaced after all."""
    before(rasters, number, name).unlink(missing_ok=True)


def bring_back_raster(c: Connection, number: int, rasters: Path | None) -> None:
    """Put back what a load replaced; Refused when a later load replaced it again or nobody says where rasters are."""
    name = c.execute(text(KEPT_AS), {"load": number}).scalar()
    if rasters is None or not name:
        raise Refused(f"What load {number} replaced was not kept, so it cannot be taken back.")
    later = c.execute(text(LATER), {"load": number, "name": name}).one_or_none()
    if later:
        raise Refused(
            f"Load {later.id} (“{later.file_name}”) came later and replaced the same raster;"
            f" take it back first: ./yiping rollback {later.id}."
        )
    kept = before(rasters, number, name)
    if kept.exists():
        kept.replace(rasters / name)
    else:
        (rasters / name).unlink(missing_ok=True)
