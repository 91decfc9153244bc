"""Files made to do harm: each is refused with one sentence before anything of it is used."""

from __future__ import annotations

import sqlite3
import stat
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from etl.formats import archive, gdal
from etl.intake import take_in
from geodata.errors import FileRefused
from tests.unit.etl.formats.samples import areas, made, opened, read, shapefile, zipped

KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>{}</name></Placemark></kml>'
LAUGHS = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as refused:
        read(opened(path))
    return str(refused.value)


def test_an_archive_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"a.shp": bytes(40_000_000), "a.dbf": b""})
    assert bomb.stat().st_size < 100_000
    assert "times its size" in refusal(bomb)


def test_an_archive_that_is_too_large_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000)
    assert "MB allowed" in refusal(zipped(tmp_path / "large.zip", {"a.shp": bytes(2_000)}))


def test_an_archive_of_thousands_of_files_is_refused(tmp_path: Path) -> None:
    parts = {f"{n}.shp": b"" for n in range(archive.MOST_MEMBERS + 1)}
    assert "more than the 2,000 allowed" in refusal(zipped(tmp_path / "many.zip", parts))


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "shp") | {"more.zip": b"PK\x05\x06" + bytes(18)}
    assert "another archive" in refusal(zipped(tmp_path / "nested.zip", parts))


@pytest.mark.parametrize(
    "name", ["../../evil.shp", "/etc/evil.shp", "C:/evil.shp", "..\\evil.shp", "a/../../b.shp"]
)
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    assert "outside of it" in refusal(zipped(tmp_path / "paths.zip", {name: b"x", "a.dbf": b""}))


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.shp")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(link, "/etc/passwd")
    assert "holds a link" in refusal(path)


def test_files_that_lie_on_top_of_each_other_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "over.zip", {"a.shp": bytes(range(256)) * 40, "b.dbf": b""})
    body = path.read_bytes()
    at = body.index(b"PK\x01\x02")
    path.write_bytes(body[:at] + body[at : at + 20] + (10**6).to_bytes(4, "little") + body[at + 24 :])
    assert "on top of each other" in refusal(path)


def test_an_archive_that_is_locked_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "locked.zip", {"a.shp": b"x"})
    body = bytearray(path.read_bytes())
    body[body.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(body))
    assert "password" in refusal(path)


def test_a_member_larger_than_it_says_is_not_written_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "more.zip", {"a.shp": bytes(5_000), "a.dbf": b"x"})
    body = path.read_bytes()
    at = body.index(b"PK\x01\x02") + 24
    path.write_bytes(body[:at] + (10).to_bytes(4, "little") + body[at + 4 :])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("defines", [LAUGHS, OUTSIDE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-7"])
def test_a_kml_that_defines_entities_is_refused(tmp_path: Path, defines: str, encoding: str) -> None:
    path = tmp_path / "evil.kml"
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = (defines + KML.format("&a;")).encode(encoding)
    path.write_bytes(
        head.encode() + body if encoding == "utf-7" else (head + defines + KML.format("&a;")).encode(encoding)
    )
    assert "entities" in refusal(path)


def test_entities_inside_a_kmz_and_a_workbook_are_refused(tmp_path: Path) -> None:
    kmz = zipped(tmp_path / "evil.kmz", {"doc.kml": (LAUGHS + KML.format("&b;")).encode()})
    assert "entities" in refusal(kmz)
    good = made(tmp_path, "excel")
    with zipfile.ZipFile(good) as packed:
        parts = {info.filename: packed.read(info) for info in packed.infolist()}
    shared = "xl/worksheets/sheet1.xml"
    parts[shared] = LAUGHS.encode() + parts[shared]
    assert "entities" in refusal(zipped(tmp_path / "evil.xlsx", parts))


def test_a_link_in_a_kml_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.kml").write_text(KML.format("secret"), "utf-8")
    link = f"<NetworkLink><Link><href>{tmp_path}/secret.kml</href></Link></NetworkLink>"
    point = "<Placemark><name>open</name><Point><coordinates>120.6,31.3</coordinates></Point></Placemark>"
    path = tmp_path / "link.kml"
    path.write_text(
        KML.replace("<Placemark><name>{}</name></Placemark>", f"<Document>{link}{point}</Document>"), "utf-8"
    )
    rows = read(opened(path))
    assert len(rows) == 1
    assert "open" in rows[0]
    assert not any("secret" in str(cell) for cell in rows[0])


@pytest.mark.parametrize(
    "name", ["areas.kml", "areas.json", "areas.gpkg", "areas.vrt", "areas.zip", "areas.shp"]
)
def test_a_virtual_data_source_is_opened_under_no_name(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target.geojson"
    areas().to_file(target)
    path = tmp_path / name
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="<kml>"><SrcDataSource>{target}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    assert refusal(path).endswith(".")


def test_only_the_driver_that_is_meant_may_read_a_file(tmp_path: Path) -> None:
    path = made(tmp_path, "geojson")
    with pytest.raises(FileRefused, match="not what it seems"):
        gdal.info_of(gdal.Place(str(path), "GPKG", path.name))


@pytest.mark.parametrize(
    "name", ["http:__host_a.fgb", "a!b.zip!c.fgb", "GPKG:x.fgb", "zip:x.fgb", "?layer=1.fgb"]
)
def test_the_senders_name_of_a_file_is_never_read_as_an_address(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, "flatgeobuf").rename(tmp_path / name)
    assert len(read(opened(path))) == 3


def test_a_view_in_a_geopackage_cannot_make_gdal_fetch_anything(tmp_path: Path) -> None:
    path = made(tmp_path, "geopackage")
    with closing(sqlite3.connect(path)) as book, book:
        asks = "ogr_geocode('x', 'name', 'SERVICE', 'http://127.0.0.1:9/?q=%s')"
        book.execute(f"create view asking as select fid, geom, {asks} as name from areas")
        book.execute(
            "insert into gpkg_contents (table_name, identifier, data_type) values ('asking', 'asking', 'features')"
        )
    assert "cannot be read" in refusal(path)


def test_what_was_unpacked_goes_with_the_source(tmp_path: Path) -> None:
    source = opened(made(tmp_path, "shapefile"))
    room = next(
        cell.cell_contents
        for cell in source.rows.__closure__ or ()
        if isinstance(cell.cell_contents, gdal.Place)
    ).keeper  # type: ignore[attr-defined]
    folder = room.folder
    assert folder.exists()
    del room, source
    assert not folder.exists()


def test_looking_at_an_archive_unpacks_nothing(tmp_path: Path) -> None:
    intake = take_in(made(tmp_path, "shapefile"))
    assert {member.suffix for member in archive.members(intake)} >= {".shp", ".shx", ".dbf", ".prj"}
