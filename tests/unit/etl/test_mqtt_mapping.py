"""A vendor's message is read by its mapping alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.feeds.mqtt_mapping import NotUnderstood, matches, read_mapping, rows_of
from geodata.errors import FileRefused

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
TWO = """
feed = "vendor_a"
topics = ["plant/+/telemetry"]
rows = "json:data"
at = { from = "row:ts", form = "epoch_ms" }
[[reading]]
sensor = ["topic:1", "const:-T"]
value = "row:temperature"
factor = 0.1
[[reading]]
sensor = ["topic:1", "const:-H"]
value = "row:humidity.relative"
optional = true
"""
PLAIN = """
feed = "level"
topics = ["water/#"]
[[reading]]
sensor = ["topic:2"]
value = "payload"
"""


def _mapping(tmp_path: Path, text: str):
    file = tmp_path / "vendor.toml"
    file.write_text(text, "utf-8")
    return read_mapping(file)


def test_a_list_of_rows_with_two_readings_each(tmp_path: Path) -> None:
    body = b'{"data": [{"ts": 1700000000000, "temperature": 215, "humidity": {"relative": 40}}, {"ts": 1700000060000, "temperature": 216}]}'
    rows = rows_of(_mapping(tmp_path, TWO), "plant/P7/telemetry", body, NOW)
    assert [(row["sensor"], round(row["value"], 6)) for row in rows] == [
        ("P7-T", 21.5),
        ("P7-H", 40),
        ("P7-T", 21.6),
    ]
    assert rows[0]["at"] == "2023-11-14T22:13:20+00:00"


def test_a_bare_number_belongs_to_the_moment_it_came(tmp_path: Path) -> None:
    assert rows_of(_mapping(tmp_path, PLAIN), "water/river/W1", b" 1.25 ", NOW) == [
        {"sensor": "W1", "at": NOW.isoformat(), "value": 1.25}
    ]


@pytest.mark.parametrize("body", [b"nonsense", b"\xff\xfe", b'{"data": 5}', b'{"data": [{"ts": 1, "temperature": "x"}]}',
                                  b'{"data": [{"ts": "soon", "temperature": 1}]}', b'{"data": [{"ts": 1}]}'])  # fmt: skip
def test_what_has_another_form_is_not_understood(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        rows_of(_mapping(tmp_path, TWO), "plant/P7/telemetry", body, NOW)


@pytest.mark.parametrize(("wanted", "topic", "taken"), [
    ("a/+/c", "a/b/c", True), ("a/+/c", "a/b/d", False), ("a/#", "a", True), ("a/#", "a/b/c", True), ("#", "$SYS/x", False),
    ("+/x", "$SYS/x", False), ("a/+", "a/b/c", False), ("a", "a", True),
])  # fmt: skip
def test_filters_take_what_the_standard_says(wanted: str, topic: str, taken: bool) -> None:
    assert matches(wanted, topic) is taken


@pytest.mark.parametrize(
    "text",
    ["feed = 3", "feed = 'x'\ntopics = []", TWO + "colour = 'red'", TWO.replace("+/", "") + "zone = 'Mars'"],
)
def test_a_mapping_that_means_nothing_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefused, match=r"vendor\.toml"):
        _mapping(tmp_path, text)
