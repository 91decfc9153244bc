"""Files of every format on their way into a real store."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from etl.formats.base import Opening
from etl.loading import LoadOptions, load
from etl.quality import Report
from geodata.errors import FileRefused, Refused
from geodata.profile import load_profile
from tests.db.load_files import rows_of
from tests.unit.etl.formats.samples import MAKERS, NAMES, areas, made, shapefile, workbook, zipped

TOLD = {"level": "subdistrict"}
NO_AREAS = ("csv", "dbf", "excel", "topojson")


def boundaries(engine: Engine, path: Path, crs: str | None = None, layer: str | None = None) -> Report:
    options = LoadOptions(
        crs=crs, opening=Opening(layer=layer), told=TOLD | {"code_field": "code", "name_field": "name"}
    )
    return load(engine, load_profile("gusu"), "boundaries", path, options)


def test_the_same_areas_come_out_of_every_format(empty_db: Engine, tmp_path: Path) -> None:
    formats = [which for which in MAKERS if which not in NO_AREAS]
    said = {}
    for which in formats:
        fields = {"code_field": "code", "name_field": "Name" if which in ("kml", "kmz") else "name"}
        options = LoadOptions(told=TOLD | fields)
        report = load(
            empty_db, load_profile("gusu"), "boundaries", made(tmp_path, which), options, dry_run=True
        )
        said[which] = (report.rows.read, report.rows.new, report.rows.rejected)
    assert said == dict.fromkeys(formats, (3, 3, 0))


def test_a_shapefile_that_does_not_say_its_crs_is_asked_for_it_and_then_lies_right(
    empty_db: Engine, tmp_path: Path
) -> None:
    parts = shapefile(tmp_path / "shp", crs=4326, encoding="gb18030")
    areas().to_crs(4549).to_file(tmp_path / "shp" / "areas.shp", encoding="gb18030")
    parts = {path.name: path.read_bytes() for path in (tmp_path / "shp").iterdir()}
    path = zipped(
        tmp_path / "a.zip", {name: body for name, body in parts.items() if name.endswith(("shp", "dbf"))}
    )
    with pytest.raises(FileRefused, match="--crs"):
        boundaries(empty_db, path)
    report = boundaries(empty_db, path, crs="EPSG:4549")
    assert (report.rows.new, report.crs["used"]) == (3, "EPSG:4549")
    found = rows_of(
        empty_db,
        "select name, round(st_xmin(geom)::numeric, 4), round(st_ymin(geom)::numeric, 4) from areas where level = 'subdistrict' order by code",
    )
    assert [row[0] for row in found] == list(NAMES)
    assert [(float(x), float(y)) for _, x, y in found] == [(120.60, 31.3), (120.61, 31.3), (120.62, 31.3)]


def test_a_table_is_no_boundary_whatever_program_wrote_it(empty_db: Engine, tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["code", "name"], ["1", "平江街道"]])
    with pytest.raises(Refused, match="shapes"):
        boundaries(empty_db, path)


FOLDERS = (
    "boundaries",
    "cameras",
    "roads",
    "rasters",
    "tickets",
    "vectors/dbf_encodings",
    "vectors/bad_geometry",
    "vectors/geojsonhint",
)


def test_every_real_file_is_loaded_or_refused_with_one_sentence(empty_db: Engine, shared_data: Path) -> None:
    endings = (".geojson", ".json", ".csv", ".dbf", ".tif", ".graphml")
    files = [
        path
        for folder in FOLDERS
        for path in sorted((shared_data / folder).rglob("*"))
        if path.suffix in endings
    ]
    said = {path.name: outcome(empty_db, path) for path in files}
    assert len(said) > 80
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in said.values())
    assert said["suzhou_districts.geojson"].startswith("9 of 9")
    assert "raster" in said["pysheds_dem.tif"]


def outcome(engine: Engine, path: Path) -> str:
    options = LoadOptions(told={"level": "district"})
    try:
        rows = load(engine, load_profile("gusu"), "boundaries", path, options, dry_run=True).rows
    except Refused as refusal:
        return str(refusal)
    return f"{rows.new} of {rows.read} would be new."
