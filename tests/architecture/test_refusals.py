"""Every refusal of a file, and what is said of sending one and of taking a load back, can be read in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.refusals import VALUE, in_chinese, known

ROOT = Path(__file__).parents[2]
FOLDERS = ("etl", "etl/formats", "etl/kinds", "etl/steps")
FILES = ("geodata/commands/undo.py", "geodata/commands/undo_rows.py", "geodata/commands/undo_references.py",
         "geodata/commands/uploads.py", "geodata/queries/uploads.py", "geodata/queries/loads.py", "app/http/uploads.py",
         "app/http/loads.py", "app/jobs/uploaded.py")  # fmt: skip
REFUSALS = {"Refused", "FileRefused", "FileTooLarge", "BadArgument", "NotFound", "Unavailable"}


def template(node: ast.expr, constants: dict[str, ast.expr]) -> str | None:
    """The sentence with {} for each value; None when the node only hands one on."""
    if isinstance(node, ast.Constant):
        return str(node.value).replace("{table}", VALUE).replace("{load}", VALUE)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else VALUE for v in node.values)
    if isinstance(node, ast.Name) and node.id in constants:
        return template(constants[node.id], {})
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return template(node.func.value, constants)
    return None


def sentences(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body if isinstance(node, ast.Assign)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
            said = template(node.args[-1], constants)
            if said is not None:
                yield said


def all_sentences() -> set[str]:
    files = [file for folder in FOLDERS for file in (ROOT / folder).glob("*.py")]
    return {said for file in (*files, *(ROOT / name for name in FILES)) for said in sentences(file)}


def test_every_refusal_can_be_read_in_chinese() -> None:
    said = all_sentences()
    assert len(said) > 100
    assert sorted(said - known().keys()) == []


def test_no_whole_sentence_stands_there_for_nothing() -> None:
    source = " ".join(
        " ".join(part.value for part in ast.walk(ast.parse(file.read_text("utf-8")))
                 if isinstance(part, ast.Constant) and isinstance(part.value, str))
        for folder in ("etl", "geodata", "app") for file in (ROOT / folder).rglob("*.py")
    )  # fmt: skip
    said = all_sentences()
    left = [each for each in known() if each not in said and any(
        part.strip() not in source for part in re.split(r"\{\}| and ", each) if len(part.strip()) > 12
    )]  # fmt: skip
    assert left == []


def test_each_says_all_of_its_values() -> None:
    for english, chinese in known().items():
        values = [f"〈{n}〉" for n in range(english.count(VALUE))]
        assert all(value in chinese.format(*values) for value in values), english


@pytest.mark.parametrize(("english", "chinese"), [
    ("“a.dwg” is a drawing (DWG); have it saved as a shapefile or GeoJSON.", "“a.dwg”是 CAD 图纸（DWG），请另存为 shapefile 或 GeoJSON。"),
    (("2 of 10 rows (20.0%) cannot be taken, more than the 5 % allowed: the first is row 3, 经度 “x”: has a coordinate that is"
     " no number."), "10 行中有 2 行（20.0%）无法载入，超过允许的 5%：第一处为第 3 行，经度“x”：坐标不是数字。"),
    (("Neighbouring areas have 3 overlaps and 1 gap wider than 2 m, the largest 9 m²; have the file mended, or load it with"
     " --as-drawn if it is meant."), "相邻区域之间有3 处重叠和 1 处缝隙宽于 2 米，最大的是 9 m²；请修正文件，如本意如此则照原样载入（--as-drawn）。"),
    ("Nobody ever said this.", None),
])  # fmt: skip
def test_values_that_are_pieces_of_a_sentence_are_put_into_chinese_too(
    english: str, chinese: str | None
) -> None:
    assert in_chinese(english) == chinese
