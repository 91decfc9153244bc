"""Files as departments really send them."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import shapely

from etl.quality import Ledger
from geodata.errors import FileRefused
from tests.unit.etl.formats.samples import (
    NAMES,
    TRADITIONAL,
    areas,
    opened,
    read,
    shapefile,
    workbook,
    zipped,
)

EIGHT_THIRTY = datetime.combine(date(2024, 3, 1), time(8, 30))  # a sheet knows no zones
PLACEMARK = "<Placemark><name>{}</name><ExtendedData><Data name='编号'><value>{}</value></Data></ExtendedData><Point><coordinates>120.6,31.3</coordinates></Point></Placemark>"


def without(parts: dict[str, bytes], *endings: str) -> dict[str, bytes]:
    return {name: body for name, body in parts.items() if not name.endswith(endings)}


def names_of(path: Path, **said: str) -> list[str]:
    source = opened(path, **said)
    return [row[source.columns.index("name") + 1] for row in read(source)]


@pytest.mark.parametrize(("encoding", "names"), [("gb18030", NAMES), ("big5", TRADITIONAL), ("utf-8", NAMES)])
def test_a_shapefile_without_cpg_is_read_in_the_encoding_of_its_text(
    tmp_path: Path, encoding: str, names: tuple[str, ...]
) -> None:
    parts = without(shapefile(tmp_path / "shp", encoding=encoding, names=names), ".cpg")
    assert names_of(zipped(tmp_path / "a.zip", parts)) == list(names)


@pytest.mark.parametrize("language", [0x4D, 0x57, 0x00])
def test_the_language_byte_is_believed_only_when_it_means_something(tmp_path: Path, language: int) -> None:
    parts = without(shapefile(tmp_path / "shp", encoding="gb18030"), ".cpg")
    dbf = bytearray(parts["areas.dbf"])
    dbf[29] = language
    assert names_of(zipped(tmp_path / "a.zip", parts | {"areas.dbf": bytes(dbf)})) == list(NAMES)


def test_a_cpg_that_is_wrong_is_not_believed(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "shp", encoding="gb18030") | {"areas.cpg": b"UTF-8"}
    assert names_of(zipped(tmp_path / "a.zip", parts)) == list(NAMES)
    assert opened(tmp_path / "a.zip").encoding == "gb18030"


def test_an_encoding_that_a_person_names_counts_and_must_fit(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", shapefile(tmp_path / "shp", encoding="gb18030"))
    assert names_of(path, encoding="GBK") == list(NAMES)
    with pytest.raises(FileRefused, match="not in UTF-8"):
        opened(path, encoding="UTF-8")


def test_a_missing_shx_is_rebuilt_and_a_missing_prj_left_to_be_asked_for(tmp_path: Path) -> None:
    parts = without(shapefile(tmp_path / "shp", crs=4549), ".shx", ".prj")
    source = opened(zipped(tmp_path / "a.zip", parts))
    assert (source.has_shapes, source.crs, source.declared_crs) == (True, None, None)
    assert len(read(source)) == 3


def test_a_shapefile_without_its_dbf_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", without(shapefile(tmp_path / "shp"), ".dbf"))
    with pytest.raises(FileRefused, match=r"without its \.dbf"):
        opened(path)


def test_a_folder_with_a_chinese_name_in_gbk_and_capital_endings(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    parts = {
        f"姑苏区/街道.{name.rpartition('.')[2].upper()}": body
        for name, body in shapefile(tmp_path / "shp").items()
    }
    with zipfile.ZipFile(path, "w") as archive:
        for number, body in enumerate(parts.values()):
            archive.writestr(f"{number:0{len('姑苏区/街道.SHP'.encode('gb18030'))}d}", body)
    raw = path.read_bytes()
    for number, name in enumerate(parts):
        raw = raw.replace(f"{number:015d}".encode(), name.encode("gb18030"))
    path.write_bytes(raw)
    source = opened(path)
    assert (source.layer, len(read(source))) == ("街道", 3)


def test_two_layers_in_one_archive_can_be_chosen_from(tmp_path: Path) -> None:
    parts = shapefile(tmp_path / "one", 4549, stem="街道") | shapefile(tmp_path / "two", 4490, stem="社区")
    path, ledger = zipped(tmp_path / "a.zip", parts), Ledger()
    first = opened(path)
    assert (first.layers, first.layer) == (("社区", "街道"), "社区")
    read(first, ledger)
    assert [(finding.code, finding.value) for finding in ledger.findings] == [("other_layers", "街道")]
    assert opened(path, layer="街道").crs == "EPSG:4549"
    with pytest.raises(FileRefused, match="社区, 街道"):
        opened(path, layer="路")


def test_layers_of_a_geopackage_can_be_chosen_from(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    for layer, crs in (("wgs", 4326), ("cgcs", 4549), ("none", None)):
        areas(crs).to_file(path, layer=layer)
    path.chmod(0o444)
    assert opened(path).layers == ("wgs", "cgcs", "none")
    assert [opened(path, layer=layer).crs for layer in ("cgcs", "none")] == ["EPSG:4549", None]


def test_the_folders_of_a_kml_come_together_with_chinese_columns(tmp_path: Path) -> None:
    folders = "".join(
        f"<Folder><name>{name}</name>{PLACEMARK.format(name[0], n)}</Folder>"
        for n, name in enumerate(NAMES[:2])
    )
    text = f'<?xml version="1.0" encoding="GBK"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    path = tmp_path / "a.kml"
    path.write_bytes(text.encode("gbk"))
    source = opened(path)
    places = [source.columns.index(name) + 1 for name in ("folder", "Name", "编号")]
    assert [[row[0], *(row[place] for place in places)] for row in read(source)] == [
        [1, "平江街道", "平", "0"], [2, "沧浪街道", "沧", "1"],
    ]  # fmt: skip
    assert len(read(opened(path, layer="沧浪街道"))) == 1


def test_a_title_above_the_header_merged_cells_and_dates_of_a_sheet(tmp_path: Path) -> None:
    lines = [
        ["姑苏区2024年3月工单汇总表", None, None, None, None], ["填报：", None, None, "日期：", date(2024, 4, 1)],
        ["编号", "街道", "上报时间", "经度\n（度）", "纬度"],
        [1, "平江街道", EIGHT_THIRTY, 120.62, 31.3], [2, None, datetime.combine(date(2024, 3, 2), time()), 120.0, 31.31],
        [None] * 5, ["３", "双塔街道", time(8, 5), True, "#N/A"],
    ]  # fmt: skip
    source = opened(workbook(tmp_path / "a.xlsx", lines, ["A1:E1", "B4:B5"]))
    assert source.columns == ("编号", "街道", "上报时间", "经度 （度）", "纬度")
    assert source.header_row == 3
    assert [row[:-1] for row in read(source)] == [
        [1, "1", "平江街道", "2024-03-01 08:30:00", "120.62", "31.3"], [2, "2", "平江街道", "2024-03-02", "120", "31.31"],
        [4, "３", "双塔街道", "08:05:00", "true", None],
    ]  # fmt: skip


def test_a_header_of_two_rows_with_merged_groups(tmp_path: Path) -> None:
    lines = [["编号", "位置", None, "备注"], [None, "经度", "纬度", None], [1, 120.1, 31.2, "x"]]
    source = opened(workbook(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:C1", "D1:D2"]))
    assert (source.columns, source.header_row) == (("编号", "经度", "纬度", "备注"), 2)
    assert read(source)[0][:-1] == [1, "1", "120.1", "31.2", "x"]


def test_a_header_row_and_a_sheet_that_a_person_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["请按模板填写"])
    for title, lines in (("数据", [["a", "b"], ["c", "d"], [1, 2]]), ("更多", [["x", "y"], [3, 4]])):
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert (opened(path).layer, opened(path).columns) == ("数据", ("a", "b"))
    assert opened(path, header_row=2).columns == ("c", "d")
    assert opened(path, layer="更多").columns == ("x", "y")
    with pytest.raises(FileRefused, match="row 9"):
        opened(path, layer="更多", header_row=9)


def test_columns_without_a_name_are_called_by_their_letter(tmp_path: Path) -> None:
    source = opened(workbook(tmp_path / "a.xlsx", [["a", None, "b", None], [1, 2, 3, None]]))
    assert source.columns == ("a", "B", "b")


def test_geojson_in_every_shape_it_is_sent_in(tmp_path: Path) -> None:
    features = json.loads(areas().to_json())["features"]
    bare = [feature["geometry"] for feature in features]
    sent = {
        "feature": json.dumps(features[0]), "list": json.dumps(features), "shape": json.dumps(bare[0]),
        "shapes": json.dumps(bare), "together": json.dumps({"type": "GeometryCollection", "geometries": bare}),
        "lines": "\n".join(map(json.dumps, features)), "bare lines": "\n".join(map(json.dumps, bare)),
        "sequence": "".join(f"\x1e{json.dumps(feature, indent=1)}\n" for feature in features),
    }  # fmt: skip
    found = {}
    for name, text in sent.items():
        path = tmp_path / name
        path.write_text(text, "utf-8")
        found[name] = [row[-1].area > 0 for row in read(opened(path))]
    assert found == {name: [True] * (1 if name in ("feature", "shape") else 3) for name in sent}


def test_lines_that_are_no_json_are_rejected_alone_unless_the_last_is_cut_off(tmp_path: Path) -> None:
    features = [json.dumps(feature) for feature in json.loads(areas().to_json())["features"]]
    path, ledger = tmp_path / "a.json", Ledger()
    path.write_text("\n".join([features[0], features[1][:40], features[2]]) + "\n", "utf-8")
    assert [row[0] for row in read(opened(path), ledger)] == [1, 3]
    assert [(finding.code, finding.row) for finding in ledger.findings] == [("bad_json", 2)]
    path.write_text("\n".join([*features[:2], features[2][:40]]), "utf-8")
    with pytest.raises(FileRefused, match="last record"):
        read(opened(path))


def test_a_ring_that_is_open_is_closed_and_told(tmp_path: Path) -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 1]]
    path, ledger = tmp_path / "a.json", Ledger()
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), "utf-8")
    assert shapely.is_valid(read(opened(path), ledger)[0][-1])
    assert [(finding.code, finding.severity) for finding in ledger.findings] == [
        ("unclosed_ring", "repaired")
    ]
    assert ledger.mended == {1}


def test_parquet_says_its_crs_its_lack_of_one_or_is_a_plain_table(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    for crs, said in ((4549, "EPSG:4549"), (None, None)):
        areas(crs).to_parquet(path)
        assert (opened(path).crs, opened(path).has_shapes) == (said, True)
    areas().drop(columns="geometry").to_parquet(path)
    assert (opened(path).has_shapes, len(read(opened(path)))) == (False, 3)


@pytest.mark.parametrize(
    ("body", "columns", "first"),
    [
        ('编号,地址\r\n1,"广济北路288号，周边"\r\n'.encode("gbk"), ("编号", "地址"), ["1", "广济北路288号，周边"]),
        ("编号\t地址\r\n1\t平江路\r\n".encode("utf-16"), ("编号", "地址"), ["1", "平江路"]),
        ('"名称,说明";b\r\n1;2\r\n'.encode("gb18030"), ("名称,说明", "b"), ["1", "2"]),
        (b"sep=;\r\na;b\r\n1;2\r\n", ("a", "b"), ["1", "2"]),
        ("編號,地址\r\n1,觀前街附近\r\n".encode("big5"), ("編號", "地址"), ["1", "觀前街附近"]),
    ],
)  # fmt: skip
def test_tables_of_text(tmp_path: Path, body: bytes, columns: tuple[str, ...], first: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(body)
    source = opened(path)
    assert (source.columns, read(source)[0][1:-1]) == (columns, first)


def test_the_header_of_a_text_table_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("区划表\n编号,名称\n1,平江\n", "utf-8")
    source = opened(path, header_row=2)
    assert (source.columns, read(source)[0][:-1]) == (("编号", "名称"), [1, "1", "平江"])


@pytest.mark.parametrize("far", ["1e400", "1e300", "-2e9", "Infinity"])
def test_a_shape_that_lies_nowhere_on_earth_is_rejected_alone(tmp_path: Path, far: str) -> None:
    path, ledger = tmp_path / "a.json", Ledger()
    path.write_text(
        json.dumps([{"type": "Point", "coordinates": [1, 2]}] * 2).replace("1,", f"{far},", 1), "utf-8"
    )
    assert [row[0] for row in read(opened(path), ledger)] == [2]
    assert [(finding.code, finding.row) for finding in ledger.findings] == [("bad_shape", 1)]


def test_a_shape_that_lies_nowhere_on_earth_is_rejected_from_binary_formats_too(tmp_path: Path) -> None:
    path, ledger = tmp_path / "a.gpkg", Ledger()
    areas().set_geometry([shapely.Point(1, 2), shapely.Point(1e300, 2), None]).to_file(path)
    assert [row[0] for row in read(opened(path), ledger)] == [1, 3]
    assert ledger.rejected == 1
