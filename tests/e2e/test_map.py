"""The map in Chromium: the town is drawn, areas and things are picked, faults stay quiet, the keyboard moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from sqlalchemy import Engine, text

from tests.e2e.conftest import Site

QUIET = (
    "() => { const it = window.yiping?.map?.scene; return it?.asked && !it.all.some((one) => one.waiting) }"
)
WANDERING = """() => { let turn = 0; setInterval(() => {
    yiping.map.fly({ lon: turn++ % 2 ? 120.62 : 120.61, lat: 31.31, zoom: 17 }) }, 300) }"""
TEMPLE = (120.6190, 31.3130)  # Xuanmiao Guan, in the middle of the old town
# Colour of a ground or data tile at a place: [r, g, b, a].
PIXEL = """([lon, lat, name]) => {
    const { leaflet, layers } = yiping.map.scene;
    const at = leaflet.latLngToContainerPoint([lat, lon]);
    const box = leaflet.getContainer().getBoundingClientRect();
    for (const key in layers[name]._tiles) {
        const tile = layers[name]._tiles[key].el, r = tile.getBoundingClientRect();
        const x = box.left + at.x - r.left, y = box.top + at.y - r.top;
        if (x < 0 || y < 0 || x >= r.width || y >= r.height) continue;
        const k = tile.width / r.width;
        return [...tile.getContext('2d').getImageData(Math.floor(x * k), Math.floor(y * k), 1, 1).data];
    }
    return null;
}"""


@pytest.fixture
def command(page_as: Callable[..., Page], site: Site) -> Callable[..., Page]:
    """The commander's page at a link, once its map has come to rest."""

    def opened(link: str = "", **options: Any) -> Page:
        page = page_as("commander", bypass_csp=True, **options)
        page.goto(f"{site.url}/command{link}")
        rest(page)
        return page

    return opened


def rest(page: Page) -> None:
    page.wait_for_function(QUIET, timeout=20_000)
    page.wait_for_timeout(400)
    page.wait_for_function(QUIET, timeout=20_000)


def fly(page: Page, zoom: int, place: tuple[float, float] = TEMPLE) -> None:
    page.evaluate("(it) => { yiping.map.fly(it) }", {"lon": place[0], "lat": place[1], "zoom": zoom})
    page.wait_for_timeout(500)
    rest(page)


def on_screen(page: Page, place: tuple[float, float]) -> tuple[float, float]:
    script = """([lon, lat]) => {
        const { leaflet } = yiping.map.scene, p = leaflet.latLngToContainerPoint([lat, lon]);
        const box = leaflet.getContainer().getBoundingClientRect();
        return [box.left + p.x, box.top + p.y];
    }"""
    x, y = page.evaluate(script, place)
    return x, y


def watch_picks(page: Page) -> None:
    page.evaluate(
        """() => { window.picks = []; const tell = yiping.map.tell;
            yiping.map.tell = (id, data) => id === 'picked' ? window.picks.push(data) : tell(id, data) }"""
    )


def land_of(page: Page) -> list[int]:
    token = page.evaluate(
        "() => getComputedStyle(document.documentElement).getPropertyValue('--map-land')"
    ).strip()
    return [int(token[i : i + 2], 16) for i in (1, 3, 5)]


def test_the_town_is_drawn_from_our_own_tiles(command: Callable[..., Page], demo_db: Engine) -> None:
    inside = """select ST_X(p), ST_Y(p) from (select ST_PointOnSurface(geom) p from ground_features where kind = 'moat') w"""
    street = "select ST_X(p), ST_Y(p) from (select ST_PointOnSurface(geom) p from roads where class = 'primary' limit 1) r"
    with demo_db.connect() as c:
        moat, crossing = tuple(c.execute(text(inside)).one()), tuple(c.execute(text(street)).one())
    page = command("?layers=subdistricts")
    fly(page, 16, moat)
    water = page.evaluate(PIXEL, [*moat, "ground"])
    token = page.evaluate("() => getComputedStyle(document.documentElement).getPropertyValue('--map-water')")
    assert "#{:02X}{:02X}{:02X}".format(*water[:3]) == token.strip().upper()
    for zoom in (13, 15, 17):  # a main street is drawn from afar and near by
        fly(page, zoom, crossing)
        assert page.evaluate(PIXEL, [*crossing, "ground"])[:3] != land_of(page)
    assert page.evaluate("() => yiping.map.scene.layers.labels._before.size") > 5
    assert page.evaluate("() => yiping.map.status.failed") == []


def test_heat_comes_and_goes_with_its_layer(command: Callable[..., Page]) -> None:
    page = command("?layers=ticket_heat")
    fly(page, 13)
    count = "() => [...yiping.map.scene.source('ticket_heat').tiles.values()].flatMap((t) => t.layers?.ticket_heat?.features ?? []).length"
    assert page.evaluate(count) > 50
    assert len(page.evaluate("() => yiping.map.status.heat.breaks")) >= 2
    page.evaluate("() => { yiping.map.apply({ ...yiping.map.wanted, layers: ['roads', 'water'] }) }")
    page.wait_for_timeout(400)
    assert page.evaluate(PIXEL, [*TEMPLE, "data"])[3] == 0


def test_a_click_picks_the_area_of_the_next_level(command: Callable[..., Page]) -> None:
    page = command("?layers=subdistricts")
    fly(page, 13)
    watch_picks(page)
    page.mouse.click(*on_screen(page, TEMPLE))
    picked = page.evaluate("() => window.picks")
    assert [(one["layer"], len(one["code"])) for one in picked] == [("subdistricts", 9)]
    page.evaluate("(code) => { yiping.map.apply({ ...yiping.map.wanted, area: code }) }", picked[0]["code"])
    rest(page)
    page.mouse.click(*on_screen(page, TEMPLE))
    assert page.evaluate("() => window.picks[1].layer") == "stations"


def test_a_selected_area_is_bright_and_the_rest_dims(command: Callable[..., Page]) -> None:
    page = command("?layers=subdistricts")
    fly(page, 13)
    watch_picks(page)
    page.mouse.click(*on_screen(page, TEMPLE))
    code = page.evaluate("() => window.picks[0].code")
    page.evaluate("(code) => { yiping.map.apply({ ...yiping.map.wanted, area: code }) }", code)
    rest(page)
    assert page.evaluate(PIXEL, [*TEMPLE, "data"])[3] == 0
    assert page.evaluate(PIXEL, [120.575, 31.32, "data"])[3] > 60


def test_a_camera_near_the_pointer_is_picked_before_the_ground(command: Callable[..., Page]) -> None:
    page = command("?layers=cameras")
    fly(page, 17)
    find = """() => {
        const { leaflet, byKey } = yiping.map.scene, source = byKey.get('cameras');
        const size = leaflet.getSize();
        for (const tile of source.tiles.values()) for (const f of source.features(tile)) {
            if (!f.p.code) continue;
            const n = 2 ** tile.z * 4096, [u, v] = f.g[0];
            const lon = (tile.x * 4096 + u) / n * 360 - 180;
            const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * (tile.y * 4096 + v) / n))) * 180 / Math.PI;
            const p = leaflet.latLngToContainerPoint([lat, lon]);
            if (Math.abs(p.x - size.x / 2) < 300 && Math.abs(p.y - size.y / 2) < 200) return [lon, lat, f.p.name];
        }
    }"""
    lon, lat, name = page.evaluate(find)
    watch_picks(page)
    x, y = on_screen(page, (lon, lat))
    page.mouse.move(x + 30, y + 30)
    page.mouse.move(x + 2, y + 1)
    page.wait_for_timeout(200)
    tip = page.locator(".yiping-tip")
    assert tip.is_visible()
    page.mouse.click(x + 2, y + 1)
    assert page.evaluate("() => window.picks[0].layer") == "cameras"
    assert name  # every camera says where it stands


def test_a_cluster_leads_nearer(command: Callable[..., Page]) -> None:
    page = command("?layers=cameras")
    fly(page, 13)
    where = """() => {
        const source = yiping.map.scene.source('cameras');
        for (const tile of source.tiles.values()) for (const f of source.features(tile)) if (f.p.count > 200) {
            const n = 2 ** tile.z * 4096, [u, v] = f.g[0];
            return [(tile.x * 4096 + u) / n * 360 - 180,
                    Math.atan(Math.sinh(Math.PI * (1 - 2 * (tile.y * 4096 + v) / n))) * 180 / Math.PI];
        }
    }"""
    place = page.evaluate(where)
    page.mouse.click(*on_screen(page, tuple(place)))
    page.wait_for_timeout(600)
    assert page.evaluate("() => yiping.map.scene.leaflet.getZoom()") == 15


def test_restyling_fetches_nothing(command: Callable[..., Page]) -> None:
    page = command("?layers=ticket_heat,cameras")
    fly(page, 14)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/tiles/" in request.url else None)
    before = page.evaluate(PIXEL, [*TEMPLE, "ground"])
    page.evaluate("() => { document.documentElement.dataset.theme = 'light' }")
    page.wait_for_timeout(500)
    assert sum(page.evaluate(PIXEL, [*TEMPLE, "ground"])[:3]) > sum(before[:3]) + 200
    page.mouse.move(600, 500)
    page.mouse.move(700, 600)
    page.wait_for_timeout(200)
    assert asked == []


def test_the_keyboard_moves_and_chooses(command: Callable[..., Page]) -> None:
    page = command("?layers=subdistricts")
    fly(page, 13)
    watch_picks(page)
    page.locator(".yiping-map .leaflet-container").focus()
    centre = "() => yiping.map.scene.leaflet.getCenter().lng"
    before = page.evaluate(centre)
    page.keyboard.press("Enter")
    assert page.evaluate("() => window.picks.length") == 1
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(500)
    assert page.evaluate(centre) < before
    page.keyboard.press("+")
    page.wait_for_timeout(600)
    assert page.evaluate("() => yiping.map.scene.leaflet.getZoom()") == 14


def test_english_names_for_an_english_reader(command: Callable[..., Page]) -> None:
    page = command("?lang=en&layers=subdistricts")
    fly(page, 14)
    names = page.evaluate("() => [...yiping.map.scene.layers.labels._before]")
    assert any("Road" in name for name in names)


def test_the_view_is_told(command: Callable[..., Page]) -> None:
    page = command()
    told: list[Any] = page.evaluate(
        """() => new Promise((done) => { const tell = yiping.map.tell;
            yiping.map.tell = (id, data) => { if (id === 'view') done([data.zoom, data.bbox]); else tell(id, data) };
            yiping.map.fly({ lon: 120.62, lat: 31.31, zoom: 15 }) })"""
    )
    zoom, (west, south, east, north) = told
    assert zoom == 15
    assert west < 120.62 < east
    assert south < 31.31 < north


def alone(chromium: Browser, site: Site) -> Page:
    """A page whose faults are wanted, so that nobody counts them."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", bypass_csp=True)
    page = context.new_page()
    page.goto(site.url + "/")
    page.locator("input[name=name]").fill("commander")
    page.locator("input[name=password]").fill(site.passwords["commander"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/command*")
    return page


def test_a_layer_that_fails_is_named_and_the_rest_stands(chromium: Browser, site: Site) -> None:
    page = alone(chromium, site)
    tries: list[str] = []

    def refuse(route: Route) -> None:
        tries.append(route.request.url)
        route.fulfill(status=503)

    page.route("**/tiles/roads/**", refuse)
    page.goto(site.url + "/command")
    page.wait_for_function("() => yiping.map?.status?.failed?.includes('roads')", timeout=20_000)
    assert page.evaluate("() => yiping.map.status.failed") == ["roads"]
    assert max(tries.count(url) for url in tries) == 2  # tried once more, then left in peace
    assert page.evaluate(
        "() => [...yiping.map.scene.source('water').tiles.values()].some((t) => t.state === 'ready')"
    )
    page.context.close()


def test_a_lost_session_leads_to_the_sign_in_page(chromium: Browser, site: Site) -> None:
    page = alone(chromium, site)
    page.wait_for_function(QUIET, timeout=20_000)
    page.evaluate(WANDERING)  # begun before, for the page may leave the moment its cookies are gone
    page.context.clear_cookies()
    page.wait_for_url("**/?next=%2Fcommand*", timeout=10_000)
    page.context.close()


def test_the_map_fills_the_room_a_folded_panel_leaves(command: Callable[..., Page]) -> None:
    page = command("?layers=subdistricts")
    before = page.evaluate("() => yiping.map.scene.leaflet.getSize().x")
    page.evaluate("() => { document.querySelector('.yiping-map').style.width = '60%' }")
    page.wait_for_timeout(400)
    assert page.evaluate("() => yiping.map.scene.leaflet.getSize().x") < before * 0.7
