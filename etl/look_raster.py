"""A look at a raster that was sent: its size, its CRS and where it lies, told like any other file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import rasterio
import shapely
from rasterio.errors import RasterioError

from etl.formats.gdal import calm, named_crs
from etl.formats.geotiff import recognises
from etl.intake import Intake
from etl.kinds import kind_of
from geodata.errors import FileRefused

Fields = dict[str, Any]


def look_at_raster(intake: Intake, choice: Fields, told: Any) -> Fields | None:
    """{found, choice, sample} of a raster, None of any other file; `told` tells a kind as plain values."""
    if not recognises(intake):
        return None
    try:
        with calm(intake.path.name), rasterio.open(intake.path) as raster:
            declared, _ = named_crs(raster.crs.to_wkt() if raster.crs else None)
            outline, size = shapely.box(*raster.bounds), (raster.width, raster.height, raster.count)
    except RasterioError as fault:
        raise FileRefused(
            f"“{intake.path.name}” is a GeoTIFF that cannot be read; ask for it again."
        ) from fault
    found = {
        "format": "geotiff", "size": intake.size, "layers": [], "layer": None, "encoding": None, "header_row": None,
        "has_shapes": True, "shapes": ["Polygon"], "rows": 1, "more": False, "personal": [], "columns": [],
        "pixels": list(size), "kinds": [told(kind_of("raster"))],
        "crs": {"declared": declared, "read": declared, "probable": None, "confidence": 0.0, "why": ""},
    }  # fmt: skip
    name = re.sub(r"[^a-z0-9_-]+", "_", Path(str(choice.get("file_name") or "raster")).stem.casefold()).strip(
        "_-"
    )
    options = {"name": name or "raster"} | (choice.get("options") or {})
    chosen = {"crs": None} | choice | {"kind": "raster", "columns": {}, "mapping": None, "options": options}
    sample = {
        "columns": [],
        "numbers": [],
        "rows": [],
        "shape_rows": [1],
        "shapes": [shapely.to_wkb(outline, hex=True)],
    }
    return {"found": found, "choice": chosen, "sample": sample}
