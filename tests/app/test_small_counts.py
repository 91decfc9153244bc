"""The heat and its tiles: small counts are hidden from resolution 10 on, from all but commanders and administrators."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
from starlette.testclient import TestClient

from geodata.profile import Profile
from tests.mvt import decode

Knock = Callable[[str | None], TestClient]
ASKED = "from=2026-01-01&to=2026-02-28"
BOXES = ("", "&bbox=120.58,31.30,120.60,31.32", "&bbox=120.590,31.310,120.593,31.312")


def cells(who: TestClient, resolution: int, more: str = "") -> dict[str, int | None]:
    answer = who.get(f"/api/heat?{ASKED}&resolution={resolution}{more}").json()
    found = {cell["cell"]: cell["count"] for cell in answer["cells"]}
    assert answer["total"] == sum(count or 0 for count in found.values())
    assert answer["suppressed"] == sum(count is None for count in found.values())
    return found


def test_the_coarse_heat_is_the_same_for_all(knock: Knock) -> None:
    assert cells(knock("planner"), 9) == cells(knock("commander"), 9)


def test_the_fine_heat_hides_small_counts_whatever_the_box(knock: Knock) -> None:
    for resolution in (10, 11):
        whole = cells(knock("planner"), resolution)
        for box in BOXES:
            true, seen = (cells(knock(name), resolution, box) for name in ("commander", "screen"))
            assert set(true) == set(seen)
            assert seen == {cell: whole[cell] for cell in seen}
            assert all(seen[cell] is None for cell, count in true.items() if (count or 0) < 5)
        assert resolution > 10 or any(whole.values()), "some are shown"


def test_one_small_cell_is_not_left_alone(knock: Knock) -> None:
    asked = "from=2026-02-03&to=2026-02-03&resolution=10"
    for q in (asked, f"{asked}&area=1-0-0", f"{asked}&area=2-1-1", f"{asked}&category=H2"):
        true, seen = (
            {cell["cell"]: cell["count"] for cell in knock(name).get(f"/api/heat?{q}").json()["cells"]}
            for name in ("commander", "planner")
        )
        hidden = [true[cell] for cell, count in seen.items() if count is None]
        assert not hidden or len(hidden) >= 2 or sum(true.values()) < 5


def test_binary_and_breaks_hide_the_same(knock: Knock) -> None:
    planner = knock("planner")
    body = planner.get(f"/api/heat?{ASKED}&resolution=10&format=binary").content
    _, _, number, _ = struct.unpack("<4sIII", body[:16])
    counts = np.frombuffer(body, "<i4", offset=16 + 8 * number)
    shown = [count for count in cells(planner, 10).values() if count is not None]
    assert sorted(counts[counts >= 0].tolist()) == sorted(shown)
    assert (counts[counts < 0] == -1).all()
    told = planner.get(f"/api/heat/breaks?{ASKED}&resolution=10").json()
    assert told["maximum"] == max(shown)


def test_tiles_leave_a_hidden_count_out(knock: Knock, gusu: Profile) -> None:
    for zoom, hides in ((12, False), (14, True), (16, True)):
        n = 2**zoom
        lat = np.radians(31.318)
        x, y = int((120.596 + 180) / 360 * n), int((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * n)
        address = f"/tiles/ticket_heat/{zoom}/{x}/{y}.mvt?{ASKED}"
        true, seen = (
            {
                one.properties["cell"]: one.properties.get("count")
                for one in decode(knock(name).get(address).content)["ticket_heat"]
            }
            for name in ("commander", "planner")
        )
        assert set(true) == set(seen)
        small = {cell for cell, count in true.items() if count < 5}
        assert small
        assert all(seen[cell] is None for cell in small) is hides
        assert all(count in (None, true[cell]) for cell, count in seen.items())
