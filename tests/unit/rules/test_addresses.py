"""Addresses of a small made town: what is placed and where, what stays unlocated, and how the words are read."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Point

from geodata.rules.addresses.ground import Area, Ground, Line, Place, Spot
from geodata.rules.addresses.matcher import Matcher
from geodata.rules.addresses.names import Names
from geodata.rules.addresses.wording import number, plain
from geodata.types import Bilingual

SRID = 4549
X, Y = 558_000.0, 3_464_000.0  # a corner of the town, m


def at(x: float, y: float) -> tuple[float, float]:
    return X + x, Y + y


def line(
    name: str, *points: tuple[float, float], doors: tuple[int, int] | None = (1, 400), kind: str = "secondary"
) -> Line:
    first, last = doors or (None, None)
    return Line(Bilingual(name, name), kind, first, last, LineString([at(*point) for point in points]))


def place(name: str, x: float, y: float, kind: str = "estate", address: str | None = None) -> Place:
    return Place(Bilingual(name, name), kind, address, Point(at(x, y)))


def area(code: str, name: str, depth: int, west: float, east: float) -> Area:
    return Area(code, Bilingual(name, name), depth, shapely.box(*at(west, 0), *at(east, 4000)))


@pytest.fixture(scope="module")
def town() -> Matcher:
    ground = Ground(
        [
            line("人民路", (1000, 0), (1000, 4000), doors=(1, 800), kind="primary"),
            line("平海路", (0, 1000), (2000, 1000)),
            line("广济北路", (200, 2000), (200, 4000)),
            line("广济南路", (200, 0), (200, 1900)),
            line("桃花坞大街", (400, 3000), (1800, 3000)),
            line("河西巷", (600, 3000), (600, 3300), doors=(1, 40), kind="lane"),
            line("观前街", (1000, 2000), (1500, 2000), kind="pedestrian"),
            line("平河路一弄", (1500, 500), (1500, 700), doors=(1, 40), kind="lane"),
            line("仓街", (1600, 3500), (1900, 3500)),
            line("东巷", (300, 600), (300, 800), doors=(1, 20), kind="lane"),
            line("东巷", (1900, 600), (1900, 800), doors=(1, 20), kind="lane"),
        ],
        [
            place("杨枝新村", 1700, 1500), place("碧凤坊", 1300, 1950, "landmark"), place("南门", 1000, 300, "landmark"),
            place("某医院", 215, 3040, "hospital", "广济北路200号"), place("苏州站", 700, 3800, "station"),
        ],
        [area("0", "姑苏区", 0, 0, 2000), area("1", "双塔街道", 1, 0, 1000), area("2", "平江街道", 1, 1000, 2000)],
        1,
    )  # fmt: skip
    return Matcher(
        ground, SRID, frozenset(("江苏省", "苏州市", "姑苏区", "苏州")), frozenset(("吴中区", "上海市"))
    )


def spot(town: Matcher, address: str, unit: str = "") -> tuple[str, float, float]:
    """Quality, and metres from the corner."""
    best = town.verdict(address, unit).best
    assert best is not None, town.verdict(address, unit).why
    return best.quality, best.spot.x - X, best.spot.y - Y


@pytest.mark.parametrize(
    ("address", "quality", "x", "y"),
    [
        ("人民路401号周边", "address", 984, 2003),
        ("人民路400号", "address", 1016, 1997),  # even numbers lie east of a street northward
        ("人民路401号北侧", "address", 984, 2003),
        ("平海路与人民路交叉口", "address", 1000, 1000),
        ("平海路人民路口东北角", "address", 1000, 1000),
        ("桃花坞大街河西巷", "road", 600, 3150),
        ("桃花坞大街河西巷39号", "address", 596, 3292),
        ("杨枝新村3幢", "landmark", 1700, 1500),
        ("杨枝新村南门", "landmark", 1700, 1500),
        ("人民路南门附近", "landmark", 1000, 300),
        ("观前街碧凤坊附近", "landmark", 1300, 1950),
        ("觀前街碧鳳坊附近", "landmark", 1300, 1950),
        ("人民路４０１號", "address", 984, 2003),
        ("人民路四百零一号", "address", 984, 2003),
        ("江苏省苏州市姑苏区平江街道人民路401号", "address", 984, 2003),
        ("苏州站北广场", "landmark", 700, 3800),
        ("平河路一弄", "road", 1500, 600),
        ("平河路1弄", "road", 1500, 600),
        ("人民路401", "address", 984, 2003),
        ("任民路401号", "address", 984, 2003),  # sounds the same
        ("民人路401号", "address", 984, 2003),  # swapped
        ("人民401号", "address", 984, 2003),  # the type left out
        ("桃花坞大接", "road", 1100, 3000),
        ("杨枝新材3幢", "landmark", 1700, 1500),
        ("平南路与人民路交叉口", "address", 1000, 1000),  # the road that it meets speaks for it
        ("平河路一哢", "road", 1500, 600),
    ],
)
def test_an_address_is_placed(town: Matcher, address: str, quality: str, x: float, y: float) -> None:
    found = spot(town, address)
    assert found[0] == quality
    assert found[1:] == pytest.approx((x, y), abs=8)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("不存在路1号", "nothing_known"),
        ("光明路12号", "nothing_known"),
        ("吴中区人民路401号", "elsewhere"),
        ("上海市人民路401号", "elsewhere"),
        ("木渎镇人民路401号", "elsewhere"),
        ("新人民路401号", "unsure"),
        ("广济路300号", "ambiguous"),  # 北 or 南
        ("广济东路300号", "nothing_known"),  # another direction is another street
        ("东巷3号", "ambiguous"),
        ("广济北路与广济南路交叉口", "unsure"),  # they do not meet
        ("人民路9999号", "unsure"),
        ("人民路新风巷12号", "unsure"),
        ("姑苏区", "nothing_known"),
        ("", "nothing_known"),
    ],
)
def test_what_is_not_clear_stays_unlocated(town: Matcher, address: str, why: str) -> None:
    verdict = town.verdict(address)
    assert (verdict.best, verdict.why) == (None, why)


def test_equal_names_are_told_apart_by_the_sub_district_or_by_who_handles_them(town: Matcher) -> None:
    assert spot(town, "平江街道东巷3号")[1] == pytest.approx(1900, abs=10)
    assert spot(town, "双塔街道东巷3号")[1] == pytest.approx(300, abs=10)
    assert spot(town, "东巷3号", unit="平江街道")[1] == pytest.approx(1900, abs=10)


def test_doors_lie_between_known_neighbours(town: Matcher) -> None:
    """The hospital is number 200 and stands 43 m north of where the street's ends alone would put it."""
    assert spot(town, "广济北路200号")[2] == pytest.approx(3040, abs=2)
    assert spot(town, "广济北路201号")[2] == pytest.approx(3040 + 960 / 200, abs=2)
    assert spot(town, "广济北路101号")[2] == pytest.approx(2000 + 1040 * 100 / 199, abs=2)


def test_an_area_alone_has_no_point(town: Matcher) -> None:
    found = town.locate("双塔街道")
    assert (found.quality, found.lon, found.lat) == ("area", None, None)
    assert found.matched == [{"part": "area", "text": "双塔街道", "name": "双塔街道"}]


def test_the_answer_names_the_parts_the_slips_and_the_others(town: Matcher) -> None:
    found = town.locate("观前街碧风坊附近")
    assert [(part["part"], part["name"], part.get("slip")) for part in found.matched] == [
        ("road", "观前街", None),
        ("place", "碧凤坊", "sound"),
    ]
    assert [candidate["name"] for candidate in found.candidates] == ["观前街"]
    assert 0.6 <= found.score < 0.9
    assert found.lon == pytest.approx(120.6, abs=0.1)


def test_a_column_gives_what_each_address_alone_gives(town: Matcher) -> None:
    said = [
        "人民路401号周边",
        "人民路3号",
        None,
        "人民路799号附近",
        "人民路9999号",
        "杨枝新村3幢",
        "双塔街道",
        "东巷3号",
        "人民路401号周边",
    ]
    told = town.locate_all(said)
    for row, address in enumerate(said):
        alone = town.locate(address) if address else None
        assert told.quality[row] == (alone.quality if alone else "none")
        if alone and alone.lon is not None:
            assert (told.lon[row], told.lat[row]) == pytest.approx((alone.lon, alone.lat), abs=2e-7)
            assert told.score[row] == pytest.approx(alone.score)
        else:
            assert np.isnan(told.lon[row])
    assert told.area[6] == "1"


def test_wording_is_one_for_all() -> None:
    assert plain("廣濟北路　２８８號（周邊）") == "广济北路288号|周边|"
    assert plain("三元四村十二幢") == "三元4村12幢"
    assert [number(said) for said in ("二百八十八", "二八八", "十二", "一千零五", "两百", "二十")] == [
        288,
        288,
        12,
        1005,
        200,
        20,
    ]


def test_a_slip_is_found_and_named() -> None:
    names = Names(["广济北路", "人民路", "平河路1弄"])
    found = {
        typed: [(names.names[m.name], m.slip) for m in names.near(typed)]
        for typed in ("广记北路", "广济路", "广北济路", "广济南路", "平河路2弄")
    }
    assert found == {
        "广记北路": [("广济北路", "sound")], "广济路": [("广济北路", "missing")], "广北济路": [("广济北路", "swapped")],
        "广济南路": [], "平河路2弄": [],
    }  # fmt: skip


def test_streets_know_where_they_meet(town: Matcher) -> None:
    apart, middle = town.ground.meeting(0, 1)
    assert (apart, middle) == (0.0, Spot(*at(1000, 1000)))
