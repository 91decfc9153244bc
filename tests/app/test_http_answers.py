"""The shapes that others rely on, and what each wrong argument is told."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path

import brotli
import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from starlette.testclient import TestClient

from app.http.tickets import HEADINGS, harmless
from tests.mvt import decode

Knock = Callable[[str | None], TestClient]
WINDOW = {"from": "2026-01-01", "to": "2026-03-01"}
KEYS = {
    "districts", "subdistricts", "stations", "communities", "grid_cells", "roads", "water", "greens", "cameras", "sensors",
    "tickets", "ticket_heat", "heritage", "population",
}  # fmt: skip


def address(zoom: int, lon: float = 120.6, lat: float = 31.32) -> str:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return f"{zoom}/{int((lon + 180) / 360 * 2**zoom)}/{int(y)}"


def pixels(png: bytes) -> np.ndarray:
    """Rows, columns, and red, green, blue, alpha."""
    with MemoryFile(png) as memory, memory.open() as picture:
        return np.moveaxis(picture.read(), 0, -1)


def test_areas(admin: TestClient) -> None:
    areas = admin.get("/api/areas").json()["areas"]
    assert len(areas) == 1 + 8 + 48 + 192 + 1536
    assert {"code", "name", "level", "parent", "valid_from"} <= set(areas[0])
    assert admin.get("/api/areas", params={"level": "station"}).json()["areas"][0]["level"] == "station"
    assert admin.get("/api/areas", params={"scheme": "police"}).json()["areas"] == []
    one = admin.get("/api/areas/2-1-4").json()
    assert [step["level"] for step in one["breadcrumb"]] == ["district", "subdistrict", "station"]
    assert len(one["children"]) == 4
    assert one["geometry"]["type"] == "MultiPolygon"


def test_heat_sums_to_the_dossiers_located_tickets(admin: TestClient) -> None:
    for extra in ({}, {"category": "H1,C1.1"}, {"category": ["H2", "C1"]}):
        heat = admin.get(
            "/api/heat", params={"bbox": "120.4,31.2,120.8,31.5", "resolution": 9, **WINDOW, **extra}
        ).json()
        told = admin.get("/api/areas/320508/summary", params=WINDOW | extra).json()["tickets"]
        assert heat["resolution"] == 9
        assert sum(cell["count"] for cell in heat["cells"]) == heat["total"] == told["located"] > 0
        assert told["total"] == told["located"] + told["default_point"] + told["unlocated"]
    assert all(cell["cell"].startswith("89") for cell in heat["cells"])


def test_summary(admin: TestClient) -> None:
    told = admin.get("/api/areas/1-1-1/summary", params=WINDOW).json()
    assert (told["code"], told["level"], told["window"]) == ("1-1-1", "subdistrict", WINDOW)
    assert {
        "total",
        "by_state",
        "by_source",
        "by_category",
        "by_family",
        "on_time_rate",
        "overdue",
        "per_km2",
    } <= set(told["tickets"])
    assert "overdue" not in told["tickets"]["previous"]
    assert told["cameras"]["total"] == sum(told["cameras"]["by_state"].values())
    assert told["people"] == {"residents": None, "staff": None}
    assert told["as_of"]["now"].endswith("Z")


def test_layers_list_what_a_map_needs(admin: TestClient, knock: Knock) -> None:
    layers = {layer["key"]: layer for layer in admin.get("/api/layers").json()["layers"]}
    assert set(layers) >= KEYS
    for layer in layers.values():
        assert layer["title"]["zh"]
        assert layer["title"]["en"]
        assert layer["attribution"]["zh"]
    assert layers["population"]["url"].startswith("/raster/")
    seen = {layer["key"] for layer in knock("screen").get("/api/layers").json()["layers"]}
    assert "tickets" not in seen
    assert "ticket_heat" in seen
    assert knock("screen").get(f"/tiles/tickets/{address(13)}.mvt").status_code == 403
    assert knock("screen").get("/api/tickets").status_code == 403
    assert knock("planner").get("/api/cameras/cam1").status_code == 403


@pytest.mark.parametrize("key", sorted(KEYS - {"population", "water", "greens"}))
def test_tiles_decode_and_may_be_kept(admin: TestClient, key: str) -> None:
    path = f"/tiles/{key}/{address(12)}.mvt"
    answer = admin.get(path, params=WINDOW)
    if answer.status_code == 204:
        answer = admin.get(f"/tiles/{key}/{address(12, 120.575, 31.3385)}.mvt", params=WINDOW)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert key in decode(answer.content)
    assert answer.headers["cache-control"] == "private, max-age=1"
    again = admin.get(answer.request.url, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_empty_tile_is_204(admin: TestClient) -> None:
    assert admin.get("/tiles/roads/13/0/0.mvt").status_code == 204


def test_features_are_geojson_within_the_box(admin: TestClient) -> None:
    box = "120.59,31.30,120.61,31.33"
    found = admin.get("/api/layers/cameras/features", params={"bbox": box})
    assert found.headers["content-type"] == "application/geo+json"
    body = found.json()
    assert body["type"] == "FeatureCollection"
    assert not body["truncated"]
    for feature in body["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert 120.59 <= lon <= 120.61
        assert 31.30 <= lat <= 31.33
    few = admin.get("/api/layers/cameras/features", params={"bbox": box, "limit": 3}).json()
    assert (len(few["features"]), few["truncated"]) == (3, True)
    cells = admin.get("/api/layers/ticket_heat/features", params=WINDOW | {"limit": 9000}).json()["features"]
    total = admin.get("/api/heat", params=WINDOW).json()["total"]
    assert sum(cell["properties"]["count"] for cell in cells) == total


@pytest.mark.parametrize(("path", "name"), [
    ("/api/heat?bbox=1,2,3", "bbox"), ("/api/heat?bbox=a,b,c,d", "bbox"), ("/api/heat?bbox=nan,1,2,3", "bbox"),
    ("/api/heat?bbox=-181,31,121,32", "bbox"), ("/api/heat?bbox=120,31,121,91", "bbox"), ("/api/heat?bbox=121,31,120,32", "bbox"),
    ("/api/heat?bbox=120,32,121,31", "bbox"), ("/api/heat?resolution=8", "resolution"), ("/api/heat?resolution=12", "resolution"),
    ("/api/heat?resolution=nine", "resolution"), ("/api/heat?from=2026-02-30", "from"), ("/api/heat?to=yesterday", "to"),
    ("/api/heat?from=2026-03-02&to=2026-03-01", "from"), ("/api/heat?from=9999-12-31&to=9999-12-31", "to"),
    ("/api/heat?to=0001-01-01", "to"), ("/api/heat?category=Z9", "category"), ("/api/heat?category=H1,Z9", "category"),
    ("/api/heat?hours=now", "hours"), ("/api/heat?hours=2026-01-01T00:00/2026-01-02T00:00", "hours"),
    ("/api/areas?on=soon", "on"), ("/api/areas/320508/summary?from=x", "from"), ("/api/search?q=", "q"),
    ("/api/search?q=a&limit=0", "limit"), ("/api/search?q=" + "a" * 81, "q"), ("/api/tickets?limit=5000", "limit"),
    ("/api/tickets?sort=password_hash", "sort"), ("/api/tickets?state=lost", "state"), ("/api/tickets?place=here", "place"),
    ("/api/layers/roads/features?limit=-1", "limit"), ("/api/layers/roads/features?limit=1e9", "limit"),
    ("/tiles/roads/3/8/0.mvt", "x"), ("/tiles/roads/3/0/-1.mvt", "y"), ("/tiles/roads/40/0/0.mvt", "z"), ("/tiles/roads/a/0/0.mvt", "z"),
    ("/api/heat/breaks?classes=1", "classes"), ("/api/tickets?offset=-1", "offset"),
])  # fmt: skip
def test_a_wrong_argument_is_named(admin: TestClient, path: str, name: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert [error["name"] for error in problem["errors"]] == [name]
    assert problem["errors"][0]["reason"]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", [
    "/api/areas/nowhere", "/api/areas/nowhere/summary", "/api/heat?area=nowhere", "/api/layers/nothing/features",
    "/tiles/nothing/3/0/0.mvt", "/tiles/population/3/0/0.mvt", "/raster/roads/3/0/0.png", "/raster/population/3/0/0.png",
    "/api/tickets/nothing", "/api/cameras/nothing", "/api/sensors/nothing", "/api/nothing", "/metrics",
    "/api/heat?area=1-0-0&scheme=police", "/api/layers/population/features",
])  # fmt: skip
def test_what_does_not_exist_is_404(admin: TestClient, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_an_account_of_an_area_sees_that_area_alone(admin: TestClient, knock: Knock) -> None:
    local = knock("local")
    whole, own = (client.get("/api/heat", params=WINDOW).json()["total"] for client in (admin, local))
    assert own == admin.get("/api/heat", params=WINDOW | {"area": "1-0-0"}).json()["total"]
    assert 0 < own < whole
    assert local.get("/api/areas/1-0-0/summary", params=WINDOW).json()["tickets"]["located"] == own
    for path in ("/api/areas/1-1-0/summary", "/api/areas/320508/summary", "/api/heat?area=1-1-0", "/api/tickets?area=320508",
                 f"/tiles/ticket_heat/{address(12)}.mvt?area=1-1-0"):  # fmt: skip
        assert local.get(path).status_code == 403, path
    tiles = [
        decode(client.get(f"/tiles/cameras/{address(6)}.mvt").content)["cameras"] for client in (admin, local)
    ]
    seen = [sum(feature.properties["count"] for feature in features) for features in tiles]
    assert seen == [
        admin.get(f"/api/areas/{code}/summary").json()["cameras"]["total"] for code in ("320508", "1-0-0")
    ]
    outside = admin.get("/api/tickets", params=WINDOW | {"area": "1-1-3", "limit": 1}).json()["tickets"][0][
        "number"
    ]
    assert admin.get(f"/api/tickets/{outside}").status_code == 200
    assert local.get(f"/api/tickets/{outside}").status_code == 403


def test_a_csv_is_for_chinese_spreadsheets(admin: TestClient) -> None:
    answer = admin.get("/api/tickets/export.csv", params=WINDOW | {"area": "1-0-0"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == HEADINGS
    assert len(rows) - 1 == admin.get("/api/tickets", params=WINDOW | {"area": "1-0-0"}).json()["total"] > 200
    assert {len(row) for row in rows} == {len(HEADINGS)}
    assert rows[1][6].startswith("2026-01-01 ")
    assert admin.get("/api/tickets/export.csv", params={"category": "Z9"}).status_code == 422


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless("人民路1号") == "人民路1号"
    assert harmless(None) == ""


def test_answers_are_compressed_as_the_browser_asks(admin: TestClient) -> None:
    plain = admin.get("/api/areas", headers={"Accept-Encoding": "identity"})
    packed = admin.get("/api/areas", headers={"Accept-Encoding": "gzip, deflate, br"})
    zipped = admin.get("/api/areas", headers={"Accept-Encoding": "gzip"})
    refused = admin.get("/api/areas", headers={"Accept-Encoding": "br;q=0"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in refused.headers
    assert (packed.headers["content-encoding"], zipped.headers["content-encoding"]) == ("br", "gzip")
    assert plain.json() == packed.json() == zipped.json()
    assert int(packed.headers["content-length"]) < len(plain.content) / 8
    assert "Accept-Encoding" in packed.headers["vary"]


def test_a_streamed_file_is_compressed_whole(admin: TestClient) -> None:
    plain = admin.get(
        "/api/tickets/export.csv", params=WINDOW, headers={"Accept-Encoding": "identity"}
    ).content
    for encoding in ("br", "gzip"):
        packed = admin.get("/api/tickets/export.csv", params=WINDOW, headers={"Accept-Encoding": encoding})
        assert packed.headers["content-encoding"] == encoding
        assert packed.content == plain


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_is_coloured_and_clear_outside(admin: TestClient, rasters: Path) -> None:
    people = np.full((250, 250), 12.0, np.float32)
    people[:, 125:] = -1
    with rasterio.open(rasters / "population.tif", "w", driver="GTiff", width=250, height=250, count=1, dtype="float32",
                       crs="EPSG:4326", transform=from_origin(120.55, 31.37, 0.0005, 0.00045), nodata=-1) as file:  # fmt: skip
        file.write(people, 1)
    try:
        answer = admin.get(f"/raster/population/{address(12)}.png")
        assert answer.headers["content-type"] == "image/png"
        picture = pixels(answer.content)
        assert picture.shape == (256, 256, 4)
        alpha = picture[:, :, 3]
        assert (alpha == 0).any()
        assert (alpha > 60).any()
        assert len(np.unique(picture[alpha > 0].reshape(-1, 4), axis=0)) == 1
        clear = admin.get("/raster/population/12/0/0.png")
        assert not pixels(clear.content)[:, :, 3].any()
        told = admin.get("/api/areas/1-0-0/summary").json()["people"]["residents"]
        assert told is not None
        assert told % 12 == 0
        assert told > 0
    finally:
        (rasters / "population.tif").unlink()


def test_brotli_is_what_it_says(admin: TestClient) -> None:
    with admin.stream("GET", "/api/categories", headers={"Accept-Encoding": "br"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert b"hotline" in brotli.decompress(raw)


def test_the_document_of_the_interface_lists_every_door(admin: TestClient) -> None:
    document = admin.get("/openapi.json").json()
    assert {
        "/api/areas",
        "/api/heat",
        "/api/layers",
        "/api/search",
        "/tiles/{layer}/{z}/{x}/{y}.mvt",
        "/healthz",
    } <= set(document["paths"])
    for path, methods in document["paths"].items():
        if path != "/api/broken":
            assert all(method["summary"] for method in methods.values())
