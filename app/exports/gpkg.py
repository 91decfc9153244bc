"""A GeoPackage with the ranked areas, the hexagons, and a table that says what was asked."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from app.exports.base import Export
from app.exports.frames import about_frame, area_frame, cell_frame
from app.exports.matter import Matter
from geodata.types import Bilingual


def make(matter: Matter) -> bytes:
    """Layers `areas` and `cells` in EPSG:4326, and `about`."""
    import pyogrio  # noqa: PLC0415 - half a second that no start should wait for

    with TemporaryDirectory() as folder:
        file = Path(folder) / "planning.gpkg"
        pyogrio.write_dataframe(area_frame(matter), file, layer="areas", driver="GPKG", promote_to_multi=True)
        pyogrio.write_dataframe(
            cell_frame(matter), file, layer="cells", driver="GPKG", append=True, geometry_type="Polygon"
        )
        pyogrio.write_dataframe(about_frame(matter), file, layer="about", driver="GPKG", append=True)
        return file.read_bytes()


EXPORT = Export("gpkg", Bilingual("GeoPackage（区域与六边形）", "GeoPackage (areas and hexagons)"),
                "application/geopackage+sqlite3", make)  # fmt: skip
