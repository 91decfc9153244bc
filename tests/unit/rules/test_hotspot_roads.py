"""Roads are cut as promised, stretches that stand out are found and others are not, and they are named as people name them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy import stats

from geodata.rules.hotspots import naming, paragraph
from geodata.rules.hotspots.paragraph import Item
from geodata.rules.hotspots.roads import Network, find, tail
from geodata.rules.hotspots.segments import crossings, cut, cut_points
from geodata.rules.hotspots.usual import streets, usual
from geodata.rules.hotspots.windows import windows
from geodata.types import Bilingual

EAST, NORTH = 560_000.0, 3_466_000.0  # in Gusu, EPSG:4549
STREET = Bilingual("广济北路", "Guangji North Road")


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


@pytest.mark.parametrize(
    ("length_m", "at"), [(1234.5, [90, 250, 255, 700, 1200]), (201, []), (200, [100]), (60, [30]), (3000, [])]
)
def test_pieces_have_100_to_200_m(length_m: float, at: list[float]) -> None:
    points = cut_points(length_m, at)
    assert points[0] == 0
    assert points[-1] == length_m
    sizes = np.diff(points)
    assert (sizes <= 200.01).all()
    assert (sizes >= min(99.99, length_m)).all()


def test_roads_are_cut_at_crossings_that_leave_enough_on_both_sides() -> None:
    assert cut_points(500, [150, 180, 320, 450]) == [0, 150, 320, 500]
    main, side, far = line((0, 0), (500, 0)), line((150, -80), (150, 80)), line((0, 900), (500, 900))
    assert crossings(np.array([main, side, far], object)) == [[150.0], [80.0], []]


def test_offsets_fall_on_their_segment_whatever_the_parts_of_a_road() -> None:
    both = shapely.MultiLineString(
        [line((0, 0), (150, 0)), line((170, 0), (320, 0))]
    )  # a gap of 20 m does not count
    found = cut(np.array([line((0, 500), (400, 500)), both], object), ["人民路", "平江路"], 4549)
    assert found.road.tolist() == [0, 0, 1, 1]
    assert found.length_m.tolist() == [200, 200, 150, 150]
    assert shapely.length(found.lines).tolist() == pytest.approx([200, 200, 150, 150])
    places = found.of(np.array([0, 0, 0, 1, 1, 1, -1]), np.array([0.0, 199.9, 400.2, 0.0, 150.0, 9e9, 5.0]))
    assert places.tolist() == [0, 0, 1, 2, 3, 3, -1]


def test_segments_of_one_street_whose_cells_touch_belong_together() -> None:
    """Two carriageways 20 m apart do, another street beside them and the same name far away do not."""
    rows = [
        line((0, 0), (150, 0)),
        line((0, 20), (150, 20)),
        line((0, 40), (150, 40)),
        line((0, 900), (150, 900)),
    ]
    found = cut(np.array(rows, object), ["人民路", "人民路", "石路", "人民路"], 4549)
    assert found.near.tolist() == [[0, 1]]
    nameless = cut(np.array(rows[:2], object), [None, None], 4549)
    assert nameless.near.tolist() == []


def town(steps_a_road: int = 24, roads: int = 100, areas: int = 8) -> Network:
    """Straight roads in steps of 50 m, in areas of equally many roads."""
    road = np.repeat(np.arange(roads), steps_a_road)
    follows = np.flatnonzero(road[1:] == road[:-1])
    near = np.column_stack([follows, follows + 1])
    return Network(np.full(len(road), 50.0), road, road * areas // roads, near)


def planted_town(seed: int, times: float = 3.0) -> tuple[Network, np.ndarray, list[set[int]]]:
    """2,400 steps in eight areas of different background, and stretches with three times theirs and 25 tickets or more."""
    rng = np.random.default_rng(seed)
    network = town()
    mean = rng.uniform(2, 5, 8)[network.area]
    planted = []
    drawn = rng.poisson(mean)
    for which in rng.permutation(100)[:10]:
        size = int(rng.integers(2, 8))
        mine = which * 24 + int(rng.integers(0, 25 - size)) + np.arange(size)
        while drawn[mine].sum() < max(25, 2.2 * mean[mine].sum()):
            drawn[mine] = rng.poisson(times * mean[mine])
        planted.append(set(mine.tolist()))
    return network, np.repeat(np.arange(2400), drawn), planted


def test_planted_stretches_are_found_and_few_others() -> None:
    recovered = planted_in_all = wrong = told = 0
    for seed in range(60):
        network, segment, planted = planted_town(seed)
        found = [set(stretch.segments) for stretch in find(network, segment)]
        recovered += sum(any(mine & other for other in found) for mine in planted)
        wrong += sum(not any(mine & other for mine in planted) for other in found)
        planted_in_all, told = planted_in_all + len(planted), told + len(found)
    assert recovered >= 0.95 * planted_in_all
    assert wrong <= 0.05 * told


def test_an_even_town_has_no_stretch_that_stands_out() -> None:
    rng = np.random.default_rng(3)
    found = [find(town(), np.repeat(np.arange(2400), rng.poisson(1.5, 2400))) for _ in range(10)]
    assert sum(map(len, found)) <= 2


def test_what_varies_much_everywhere_does_not_stand_out() -> None:
    """Counts that spread like gamma of shape 1 would give hundreds of hot steps if they were taken for Poisson."""
    rng = np.random.default_rng(4)
    found = [
        find(town(), np.repeat(np.arange(2400), rng.poisson(rng.gamma(1.0, 3.0, 2400)))) for _ in range(10)
    ]
    assert sum(map(len, found)) <= 10


def test_a_stretch_far_above_all_does_not_hide_itself_or_others() -> None:
    network, segment, _ = planted_town(2)
    few = segment[::10]
    more = np.concatenate([few, np.full(400, 100), np.full(60, 1203)])
    hot = {step for stretch in find(network, more) for step in stretch.segments}
    assert {100, 1203} <= hot


def test_neighbours_of_one_area_are_one_stretch_and_areas_are_apart() -> None:
    network = Network(
        np.full(100, 50.0), np.zeros(100, np.int64), np.repeat([0, 1], 50), np.column_stack([np.arange(99), np.arange(1, 100)])
    )  # fmt: skip
    segment = np.concatenate([np.arange(100), *(np.full(30, at) for at in (10, 11, 12, 13, 48, 49, 50, 51))])
    assert [(x.area, x.segments, x.count) for x in find(network, segment)] == [
        (0, (10, 11, 12, 13), 124), (0, (48, 49), 62), (1, (50, 51), 62)]  # fmt: skip


def test_a_run_never_leaves_its_road_or_what_is_tested() -> None:
    road, tested = np.repeat([0, 1, 2], [5, 1, 4]), np.ones(10, bool)
    tested[7] = False
    runs = windows(road, np.zeros(10, np.int64), tested)
    held = {(int(a), int(b)) for a, b in zip(runs.first, runs.after, strict=True)}
    assert held == {(a, b) for a in range(5) for b in range(a + 2, 6)} | {(5, 6), (6, 7), (8, 10)}
    assert runs.sums(np.arange(10.0)).tolist() == [
        sum(range(a, b)) for a, b in zip(runs.first, runs.after, strict=True)
    ]


def test_a_busy_street_does_not_stand_out_for_being_busy() -> None:
    """Ten times the tickets of every kind are no hotspot of one kind; ten times those of one kind are."""
    rng = np.random.default_rng(6)
    network = town()
    known = streets(network.road, *_ends(network))
    busy = np.where(np.arange(2400) % 40 < 2, 10.0, 1.0)
    drawn = rng.poisson(4 * busy, (6, 2400)).astype(float)
    drawn[0, 902] += 60
    segment = np.repeat(np.arange(2400), drawn[0].astype(int))

    def held_against_others(_: int) -> np.ndarray:
        return usual(known, drawn[0], drawn[1:].sum(axis=0))

    found = find(network, segment, usual=held_against_others)
    assert any(902 in stretch.segments for stretch in found)
    assert len(found) <= 3
    assert len(find(network, segment)) > 30, "against its length every busy street would be told"


def test_a_kind_that_its_whole_street_likes_does_not_stand_out() -> None:
    rng = np.random.default_rng(8)
    network = town()
    known = streets(network.road, *_ends(network))
    others = rng.poisson(60, 2400).astype(float)
    own = rng.poisson(np.where(network.road == 7, 9.0, 3.0)).astype(float)
    found = find(
        network, np.repeat(np.arange(2400), own.astype(int)), usual=lambda _: usual(known, own, others)
    )
    assert not any(7 * 24 + 6 <= step < 8 * 24 - 6 for stretch in found for step in stretch.segments)
    assert any(
        step // 24 == 7
        for stretch in find(network, np.repeat(np.arange(2400), own.astype(int)))
        for step in stretch.segments
    )


def test_what_lies_along_a_street_is_weighed_by_its_distance_and_not_the_place_itself() -> None:
    network = town(40, 3)
    known = streets(network.road, *_ends(network))
    weights = known.along[[20]].toarray()[0]
    assert weights[1:20].tolist() == weights[21:40][::-1].tolist()
    assert not weights[17:24].any()
    assert weights[16] == pytest.approx(1 - (200 / 900) ** 2)
    assert not weights[40:].any()
    nothing = np.zeros(120)
    assert usual(known, nothing, nothing).tolist() == [50.0] * 120


def _ends(network: Network) -> tuple[np.ndarray, np.ndarray]:
    to_m = np.concatenate(
        [np.cumsum(network.length_m[network.road == road]) for road in np.unique(network.road)]
    )
    return to_m - network.length_m, to_m


def test_categories_are_judged_each_by_itself() -> None:
    network = town(10, 20, 1)
    segment = np.concatenate([np.arange(200), np.full(25, 7), np.arange(200), np.full(4, 9), [-1]])
    category = np.concatenate([np.zeros(225, int), np.ones(205, int)])
    assert [(x.category, x.count) for x in find(network, segment, category)] == [(0, 27)]
    assert 7 in find(network, segment, category)[0].segments
    assert find(network, np.array([-1, -1])) == []
    assert find(network, np.empty(0, np.int64)) == []


def test_probabilities_are_those_of_the_named_laws() -> None:
    count, mean = np.array([1.0, 5, 20, 90]), np.array([0.5, 3, 6.7, 0.9])
    assert tail(count, mean, np.zeros(4)) == pytest.approx(stats.poisson.sf(count - 1, mean), rel=1e-9)
    size = 1 / 0.3
    assert tail(count, mean, np.full(4, 0.3)) == pytest.approx(
        stats.nbinom.sf(count - 1, size, size / (size + mean)), rel=1e-9
    )


def test_the_most_frequent_door_names_a_stretch() -> None:
    told = [
        "姑苏区苏锦街道广济北路288号",
        "广济北路288号东侧",
        "广济北路 290号",
        "广济北路２８８号门口",
        "人民路290号",
        "广济北路",
    ]
    assert naming.named(STREET, told) == ("广济北路288号周边", "around 288 Guangji North Road")
    assert (
        naming.named(
            Bilingual("BROADWAY", "BROADWAY"), ["120 BROADWAY", "120 Broadway, New York", "7 BROADWAY"]
        )[1]
        == "around 120 BROADWAY"
    )


def test_without_an_agreed_door_a_landmark_names_it_else_the_street_alone() -> None:
    places = [
        Bilingual("平江新村", "Pingjiang New Village"),
        Bilingual("平江新村二区", "Pingjiang New Village 2"),
    ]
    told = ["平江新村二区3幢", "平江新村二区北门", "平江新村", "广济北路1号", "广济北路2号"]
    assert naming.named(STREET, told, places).zh == "广济北路平江新村二区周边"
    assert naming.named(STREET, ["广济北路1号"], places).zh == "广济北路周边"
    assert naming.named(None, told, places).zh == "平江新村二区周边"
    assert naming.named(STREET, ["广济北路1号"] * 3, doors=False).zh == "广济北路周边"


@pytest.mark.parametrize(
    ("name", "may"),
    [("违规宣传广告", True), ("邻里纠纷", False), ("群租房", False), ("Rental visits", False)],
)
def test_of_rentals_and_disputes_no_door_is_told(name: str, may: bool) -> None:
    assert naming.may_tell_a_door("社会管理", name) is may


def test_the_paragraph_is_that_of_the_report_word_for_word() -> None:
    def place(road: str, area: str) -> tuple[Bilingual, Bilingual]:
        return Bilingual(f"{road}周边", f"around {road}"), Bilingual(area, area)

    first = [
        place("广济北路288号", "苏锦街道"),
        place("解放东路406号", "吴门桥街道"),
        place("洋泾角路756号", "平江街道"),
    ]
    items = [
        Item(Bilingual("违规宣传广告", "Illegal advertisements"), 1790, first),
        Item(Bilingual("店外经营", "Trading outside"), 1, []),
    ]
    assert paragraph.chinese(items) == (
        "一是违规宣传广告1790件。高发路段为广济北路288号周边（苏锦街道）、解放东路406号周边（吴门桥街道）、"
        "洋泾角路756号周边（平江街道）。二是店外经营1件。无明显高发路段。"
    )
    assert paragraph.english(items) == (
        "(1) Illegal advertisements: 1,790 tickets. The worst stretches are around 广济北路288号 (苏锦街道); around "
        "解放东路406号 (吴门桥街道); around 洋泾角路756号 (平江街道). (2) Trading outside: 1 ticket. No stretch of road stands out."
    )
    assert [paragraph.numeral(n) for n in (1, 10, 11, 20, 34, 99)] == [
        "一",
        "十",
        "十一",
        "二十",
        "三十四",
        "九十九",
    ]
    assert [paragraph.numeral(n) for n in (100, 101, 110, 250)] == [
        "一百",
        "一百零一",
        "一百一十",
        "二百五十",
    ]


def test_what_is_left_out_is_told_with_its_shares() -> None:
    told = paragraph.left_out(2000, 20, 200, 0)
    assert "默认点位20件（1.00%）、未定位200件（10.00%）" in told.zh
    assert "20 at a default point (1.00%)" in told.en
