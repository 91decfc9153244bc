"""GeoJSON: what is refused whole, and what is refused feature by feature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from etl.formats import open_file
from etl.formats.geojson import _quickly
from etl.intake import take_in
from etl.quality import Ledger
from geodata.errors import FileRefused

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def collection(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def opened(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "areas.geojson"
    path.write_text(text, "utf-8")
    return open_file(take_in(path))


def test_features_and_properties_are_read(tmp_path: Path) -> None:
    source = opened(tmp_path, collection(feature(SQUARE, code=311.0, name="甲"), feature(None, other=[1])))
    raw = next(source.rows(("code", "name"), Ledger()))
    assert source.columns == ("code", "name", "other")
    assert raw.table.to_numpy().tolist() == [["311", "甲"], [None, None]]
    assert (raw.shapes[0].area, raw.shapes[1]) == (0.5, None)


def test_the_crs_is_wgs84_unless_one_is_named(tmp_path: Path) -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    assert opened(tmp_path, collection(feature(SQUARE))).crs == "EPSG:4326"
    assert (
        opened(tmp_path, collection(feature(SQUARE), crs=named)).declared_crs == "urn:ogc:def:crs:EPSG::4549"
    )


@pytest.mark.parametrize("crs", [None, {}, {"type": "name", "properties": {"name": "EPSG:999999"}}])
def test_a_crs_that_nobody_knows_refuses_the_file(tmp_path: Path, crs: Any) -> None:
    with pytest.raises(FileRefused, match="CRS"):
        opened(tmp_path, collection(feature(SQUARE), crs=crs))


def test_a_truncated_file_says_where_it_was_cut(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cut off"):
        opened(tmp_path, collection(feature(SQUARE))[:-20])


@pytest.mark.parametrize(
    "text", ["{}", '{"type": "Polygon"}', collection(), '{"a": nope}', '{"a":' + "[" * 90_000]
)
def test_what_is_no_feature_collection_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefused):
        opened(tmp_path, text)


def test_a_feature_that_is_none_is_rejected_alone(tmp_path: Path) -> None:
    crooked = {"type": "Polygon", "coordinates": "here"}
    source = opened(
        tmp_path, collection(5, feature(SQUARE, code="1"), feature(crooked), feature({"type": "Ring"}))
    )
    ledger = Ledger()
    raw = next(source.rows(("code",), ledger))
    assert raw.table.index.tolist() == [2]
    assert [(f.code, f.row) for f in ledger.findings] == [
        ("not_a_feature", 1),
        ("bad_shape", 3),
        ("bad_shape", 4),
    ]
    assert (ledger.read, ledger.rejected) == (4, 3)


def said_of(path: Path) -> str:
    try:
        read = [len(raw.table) for raw in open_file(take_in(path)).rows((), Ledger())]
    except FileRefused as refusal:
        return str(refusal)
    return f"read {sum(read)}."


def test_every_file_of_geojsonhint_is_read_or_refused_with_a_sentence(shared_data: Path) -> None:
    files = sorted((shared_data / "vectors" / "geojsonhint").rglob("*.geojson"))
    said = {path.name: said_of(path) for path in files}
    assert len(said) > 50
    assert all(sentence.endswith(".") for sentence in said.values())
    assert said["good-featurecollection.geojson"].startswith("read ")
    assert "not valid JSON" in said["bad-json.geojson"]


@pytest.mark.parametrize("rings", [
    [[[0, 0], [1, 0], [1, 1], [0, 0]]],
    [[[0, 0], [1, 0], [1, 1]]],
    [[[0.5, 0], [9, 0.25], [9, 9], [0.5, 0]], [[2, 1], [3, 1], [3, 2], [2, 1]]],
    [[[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]]],
    [[[0, 0], [1, 1], [0, 0]]],
    [[[0, 0], [1, 1]]],
    [[["0", "0"], ["1", "0"], ["1", "1"], ["0", "0"]]],
    [[[0, 0], [1, None], [1, 1], [0, 0]]],
    [[[0, 0], [1, 0, 2], [1, 1], [0, 0]]],
    [[]], [], [0, 1], None, [[[0, 0, 1, 2], [1, 0, 1, 2], [1, 1, 1, 2], [0, 0, 1, 2]]],
])  # fmt: skip
def test_a_polygon_is_read_quickly_as_it_is_read_carefully(rings: object) -> None:
    quick = _quickly(rings)
    if quick is not None:
        careful = shape({"type": "Polygon", "coordinates": rings})
        assert shapely.to_wkb(quick) == shapely.to_wkb(careful)
    if isinstance(rings, list) and rings and rings[0] == [[0, 0], [1, 0], [1, 1], [0, 0]]:
        assert quick is not None
