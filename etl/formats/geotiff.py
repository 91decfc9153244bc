"""GeoTIFF: recognised here so that a person is told; it has no rows, and is loaded as a raster."""

from __future__ import annotations

from etl.formats.base import Format, Opening, Source
from etl.intake import Intake
from geodata.errors import FileRefused

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def recognises(intake: Intake) -> bool:
    """Whether the file begins as a TIFF does, of either byte order, plain or big."""
    return intake.head.startswith(MAGICS)


def open_geotiff(intake: Intake, _: Opening) -> Source:
    """Refuse it with the way it does go in."""
    raise FileRefused(f"“{intake.path.name}” is a raster and has no rows; load it as a raster.")


FORMAT = Format("geotiff", recognises, open_geotiff)
