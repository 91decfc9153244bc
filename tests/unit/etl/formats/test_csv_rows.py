"""The quick ways through a text table read exactly what the careful one reads."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from etl.formats import csv_rows
from etl.quality import Ledger
from geodata.errors import FileRefused
from tests.unit.etl.formats.samples import opened, read

BITS = ["a", "1", "中", "", " ", "\x85", "\u2028", "\x0c", '"q"', '"m\nn"', '"x"y', "é", '"', "😀", "'"]


def table(chance: random.Random) -> bytes:
    """A table of up to three columns, now and then with a row of another width, an open quote or a torn end."""
    end, width = chance.choice(["\n", "\r\n", "\r"]), chance.choice([1, 2, 3])
    odd = [chance.choice([0, 0, 1]) for _ in range(4)]
    weights = [10] * 8 + [3 * odd[0], odd[1], odd[2], 5, odd[3], 3, 3]
    lines = [",".join("hij"[:width])]
    for _ in range(chance.randrange(1, 40)):
        cells = width if chance.random() < 0.97 else chance.randrange(4)
        lines.append(",".join(chance.choices(BITS, weights)[0] for _ in range(cells)))
    text = end.join(lines) + end
    return text[: -chance.randrange(1, 6) if chance.random() < 0.2 else None].encode()


def outcome(path: Path) -> tuple[Any, ...]:
    ledger = Ledger()
    try:
        rows = read(opened(path), ledger)
    except FileRefused as refusal:
        rows = [[str(refusal)]]
    return rows, [(finding.code, finding.row) for finding in ledger.findings], ledger.read, ledger.rejected


def test_quick_and_careful_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, path = random.Random(5), tmp_path / "a.csv"
    kinds = set()
    for _ in range(120):
        path.write_bytes(table(chance))
        with monkeypatch.context() as patch:
            patch.setattr(csv_rows, "BLOCK_CHARACTERS", chance.choice([20, 60, 10_000]))
            quick = outcome(path)
            patch.setattr(csv_rows, "_plain", lambda *_: None)
            quoted = outcome(path)
            patch.setattr(csv_rows, "_quoted", lambda *_: None)
            assert quick == quoted == outcome(path)
        kinds |= {code for code, _ in quick[1]}
    assert kinds == {"wrong_width", "bad_quotes"}
