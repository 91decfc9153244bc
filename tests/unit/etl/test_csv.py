"""CSV: encodings, separators, and tables that are not what they should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.formats import discover, open_file
from etl.intake import take_in
from etl.quality import Ledger
from geodata.errors import FileRefused


def read(path: Path, wanted: tuple[str, ...]) -> tuple[list[list[str]], list[int], Ledger]:
    ledger = Ledger()
    source = open_file(take_in(path))
    tables = [raw.table for raw in source.rows(wanted, ledger)]
    cells = [row for table in tables for row in table.to_numpy().tolist()]
    return cells, [int(row) for table in tables for row in table.index], ledger


def written(tmp_path: Path, body: bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(body)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    text = "编号,分类\n" + "".join(f"{n},违规宣传广告与暴露垃圾乱堆物堆料{n}\n" for n in range(50))
    cells, _, _ = read(written(tmp_path, text.encode(encoding)), ("编号", "分类"))
    assert cells[49] == ["49", "违规宣传广告与暴露垃圾乱堆物堆料49"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separator_is_found(tmp_path: Path, separator: str) -> None:
    body = separator.join("abc") + "\n" + separator.join("123") + "\n"
    assert read(written(tmp_path, body.encode()), ("a", "c"))[0] == [["1", "3"]]


def test_rows_are_numbered_from_the_first_row_of_data_and_empty_lines_are_none(tmp_path: Path) -> None:
    cells, rows, ledger = read(written(tmp_path, b'a,b\n1,"x\ny"\n\n2,z\n'), ("a", "b"))
    assert (cells, rows, ledger.read) == ([["1", "x\ny"], ["2", "z"]], [1, 2], 2)


def test_rows_of_another_width_and_with_broken_quotes_are_rejected_alone(tmp_path: Path) -> None:
    _, rows, ledger = read(written(tmp_path, b'a,b\n1,2\n1,2,3\n"x"y,2\n1\n5,6\n'), ("a",))
    assert rows == [1, 5]
    assert [(finding.code, finding.row) for finding in ledger.findings] == [
        ("wrong_width", 2), ("bad_quotes", 3), ("wrong_width", 4),
    ]  # fmt: skip
    assert (ledger.read, ledger.rejected) == (5, 3)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"a,b\n1,2\n3", "middle of row 2"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "quotation marks of row 2"),
        (b"a,b\n" + b"x" * 2_000_000, "longer than"),
        (b"x" * 2_000_000, "longer than"),
        (b'a,b\n1,"' + b"x\n" * 200_000, "quotation mark is open"),
        (b"a,b\n1,2\n" + b"\xff\xfe\x81\n" * 3, "no known encoding"),
    ],
)
def test_a_file_that_is_no_whole_table_is_refused(tmp_path: Path, body: bytes, word: str) -> None:
    with pytest.raises(FileRefused, match=word):
        read(written(tmp_path, body), ())


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\x00\x01\x02" * 100, b"PK\x03\x04" + bytes(90)])
def test_what_is_no_table_at_all_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(FileRefused):
        open_file(take_in(written(tmp_path, body)))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.csv"):
        with pytest.raises(FileRefused):
            take_in(path)


def test_every_format_says_its_own_name() -> None:
    assert {"csv", "geojson"} <= set(discover())
