"""What holds for every format: the same rows come out, and no broken file does more than be refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from etl.formats import discover, open_file
from etl.formats.base import Source
from etl.intake import take_in
from etl.quality import Ledger
from geodata.errors import FileRefused
from tests.unit.etl.formats.samples import MAKERS, NAMES, made, opened, read

TRIES = 25


@pytest.mark.parametrize("which", MAKERS)
def test_rows_are_numbered_and_texts_read(tmp_path: Path, which: str) -> None:
    path = made(tmp_path, which).rename(tmp_path / "sent.dat")  # the name says nothing
    source, ledger = opened(path), Ledger()
    rows = read(source, ledger)
    said = {source.columns.index(name) + 1 for name in source.columns if name.lower() in ("name", "code")}
    texts = [{str(row[place]) for place in said} for row in rows]
    assert source.format == which.split(maxsplit=1)[0].replace("kmz", "kml")
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert {f"00{n}" for n in range(1, len(rows) + 1)} | set(NAMES[: len(rows)]) == set().union(*texts)
    assert (ledger.read, ledger.rejected, ledger.findings) == (len(rows), 0, [])
    assert len(rows) >= 2


@pytest.mark.parametrize("which", [which for which in MAKERS if which not in ("csv", "excel", "dbf")])
def test_shapes_come_with_a_crs(tmp_path: Path, which: str) -> None:
    source = opened(made(tmp_path, which))
    assert source.has_shapes
    assert source.crs == "EPSG:4326"
    assert all(row[-1] is not None and 120 < row[-1].bounds[0] < 121 for row in read(source))


@pytest.mark.parametrize("which", MAKERS)
def test_only_the_columns_wanted_are_read(tmp_path: Path, which: str) -> None:
    source: Source = opened(made(tmp_path, which))
    wanted = source.columns[1:2]
    tables = [raw.table for raw in source.rows(wanted, Ledger())]
    assert [tuple(table.columns) for table in tables] == [wanted] * len(tables)
    assert [table for raw in source.rows((), Ledger()) for table in raw.table.columns] == []


@pytest.mark.parametrize("which", MAKERS)
def test_a_broken_file_is_read_or_refused_and_nothing_else(tmp_path: Path, which: str) -> None:
    chance = random.Random(which)
    path = made(tmp_path, which)
    good = path.read_bytes()
    for _ in range(TRIES):
        path.write_bytes(broken(good, chance))
        said = said_of(path)
        assert said.endswith(".")
        assert "\n" not in said


def broken(good: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, and now and then cut off."""
    body = bytearray(good)
    if chance.random() < 0.3:
        del body[chance.randrange(len(body)) :]
    for _ in range(chance.choice([1, 2, 5, 20])):
        if body:
            body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .xlsx"),
        (b"Rar!\x1a\x07\x00" + bytes(90), "RAR"),
        (b"%PDF-1.7\n\x00\x01", "PDF"),
        (b"\x00\x00\x27\x0a" + bytes(96), "pack it with its .dbf"),
        (b"<graphml/>", "none of the formats"),
        (b"PK\x03\x04" + bytes(90), "damaged"),
        (b"II*\x00" + bytes(90), "load it as a raster"),
        (b"fgb\x03fgb\x00" + bytes(90), "damaged"),
        (b"PAR1" + bytes(90), "damaged"),
        (b"SQLite format 3\0" + bytes(52) + b"GPKG" + bytes(90), "damaged"),
        (b'{"type": "Topology", "arcs": []}', "damaged"),
        (b"<kml></kml>", "damaged|holds no layer"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(tmp_path: Path, body: bytes, word: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(body)
    with pytest.raises(FileRefused, match=word):
        open_file(take_in(path))


def test_every_format_of_the_list_is_there() -> None:
    assert {which.split()[0] for which in MAKERS} - {"kmz"} | {"geotiff"} == set(discover())


def said_of(path: Path) -> str:
    ledger = Ledger()
    try:
        rows = read(open_file(take_in(path)), ledger)
    except FileRefused as refusal:
        return str(refusal)
    assert ledger.read == len(rows) + ledger.rejected
    return f"read {len(rows)}."


FOLDERS = ("boundaries", "cameras", "roads", "rasters", "sensors", "vectors/dbf_encodings", "vectors/bad_geometry",
           "vectors/geojsonhint", "vectors/h3")  # fmt: skip


def test_every_real_file_is_read_to_its_end_or_refused_with_a_sentence(shared_data: Path) -> None:
    files = [
        path for folder in FOLDERS for path in sorted((shared_data / folder).rglob("*")) if path.is_file()
    ]
    said = {path.name: said_of(path) for path in files}
    assert len(said) > 200
    assert all(sentence.endswith(".") for sentence in said.values())
    assert said["suzhou_districts.geojson"] == "read 9."
    assert said["big5.dbf"] == "read 1."
    assert said["bowtie.topo.json"] == "read 2."
    assert said["dakar.geojson"] == "read 103."
    assert "none of the formats" in said["shenzhen_streets.graphml"]
    assert "no known encoding" in said["shiftjis.dbf"]
    assert "raster" in said["pysheds_dem.tif"]
