"""What a camera sees, by geometry alone."""

from __future__ import annotations

import math

import numpy as np
import shapely
from hypothesis import given, strategies as st

from geodata.space.sight import (
    BEYOND,
    EYE_M,
    MOUNT_M,
    USUAL_RANGE_M,
    Sight,
    Views,
    convergence_deg,
    hidden,
    look,
)

angle = st.floats(0, 359.99)
field = st.floats(5, 355)
reach = st.floats(10, 400)
share = st.floats(0.01, 0.99)


def at(bearing: float, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """East and north of a camera, in metres of a grid whose north is true."""
    turn = math.radians(bearing)
    return np.array([distance * math.sin(turn)]), np.array([distance * math.cos(turn)])


def looked(  # noqa: PLR0917 - a strategy each
    bearing: float, distance: float, heading: float, wide: float, far: float, turn: float = 0.0
) -> Sight:
    dx, dy = at(bearing, distance)
    return look(dx, dy, Views(np.array([heading]), np.array([wide]), np.array([far])), turn)


@given(angle, field, reach, share, st.floats(-0.98, 0.98))
def test_what_lies_in_the_wedge_is_seen(
    heading: float, wide: float, far: float, part: float, off: float
) -> None:
    assert looked(heading + off * wide / 2, max(part * far, 1), heading, wide, far).sees[0]


@given(angle, field, reach, share, st.sampled_from([-1, 1]), share)
def test_what_lies_beside_the_wedge_is_not(  # noqa: PLR0917 - a strategy each
    heading: float, wide: float, far: float, part: float, side: int, off: float
) -> None:
    beside = heading + side * (wide / 2 + 0.05 + off * (359.8 - wide) / 2)
    assert not looked(beside, max(part * far, 1), heading, wide, far).sees[0]


@given(angle, angle, reach, st.floats(1.001, 30))
def test_beyond_reach_nothing_is_seen_not_even_all_round(
    bearing: float, heading: float, far: float, times: float
) -> None:
    beyond = far * BEYOND * times
    assert not looked(bearing, beyond, heading, 360, far).sees[0]
    assert not looked(bearing, beyond, math.nan, math.nan, far).sees[0]


@given(angle, reach, share)
def test_a_camera_without_heading_looks_all_round(bearing: float, far: float, part: float) -> None:
    assert looked(bearing, part * far, math.nan, 20, far).sees[0]


@given(angle, angle, field, reach, share, st.floats(0, 360))
def test_turning_everything_changes_nothing(  # noqa: PLR0917 - a strategy each
    bearing: float, heading: float, wide: float, far: float, part: float, turn: float
) -> None:
    before = looked(bearing, part * far, heading, wide, far)
    after = looked((bearing + turn) % 360, part * far, (heading + turn) % 360, wide, far)
    if abs(2 * before.off_axis_deg[0] - wide) > 1e-6:
        assert abs(after.score[0] - before.score[0]) < 1e-6


@given(angle, field, reach, share, share)
def test_nearer_is_better(heading: float, wide: float, far: float, one: float, other: float) -> None:
    near, away = sorted((one * far * 1.2, other * far * 1.2))
    here, there = (looked(heading, each, heading, wide, far).score[0] for each in (near, away))
    assert here >= there
    assert 0 < here <= 1


@given(angle, field, reach, share, share, share)
def test_the_middle_of_the_picture_is_better(  # noqa: PLR0917 - a strategy each
    heading: float, wide: float, far: float, part: float, one: float, other: float
) -> None:
    inner, outer = sorted((one, other))
    middle, edge = (
        looked(heading + off * wide / 2, max(part * far, 1), heading, wide, far).score[0]
        for off in (inner, outer)
    )
    assert middle >= edge - 1e-9


def test_slightly_beyond_its_range_counts_less_than_half() -> None:
    within, beyond, gone = (looked(90, d, 90, 60, 100).score[0] for d in (100, 101, 125.1))
    assert 0 < beyond < within / 2
    assert gone == 0


def test_what_a_roster_does_not_say_is_taken_as_usual() -> None:
    assert looked(10, USUAL_RANGE_M - 1, 0, math.nan, math.nan).sees[0]
    assert not looked(31, USUAL_RANGE_M - 1, 0, math.nan, math.nan).sees[0]


@given(st.floats(-3, 3), angle, reach, share)
def test_a_bearing_is_told_from_true_north(turn: float, bearing: float, far: float, part: float) -> None:
    """Grid north `turn` clockwise of true north: what lies along grid north lies at `turn`."""
    told = looked(bearing, max(part * far, 1), 0, 60, far, turn).bearing_deg[0]
    assert abs((told - bearing - turn + 180) % 360 - 180) < 1e-6


def test_grid_north_east_of_the_central_meridian_turns_clockwise() -> None:
    assert abs(convergence_deg(120.6, 31.3, 4549) - 0.3117) < 1e-3
    assert convergence_deg(119.5, 31.3, 4549) < 0
    assert convergence_deg(120.0, 31.3, 4549) == 0


HOUSE = shapely.box(40, -10, 60, 10)


def behind(
    camera: tuple[float, float], point: tuple[float, float], height: float | None = None, house=HOUSE
) -> bool:
    heights = None if height is None else np.array([height])
    return bool(hidden(np.array([camera], float), np.array([point], float), np.array([house]), heights)[0])


def test_a_house_hides_what_is_behind_it_and_nothing_else() -> None:
    assert behind((0, 0), (100, 0))
    assert not behind((0, 0), (30, 0)), "it stands behind the point"
    assert not behind((0, 20), (100, 20)), "it stands beside the line"
    assert not behind((0, 10.0), (100, 10.0)), "the line touches its wall"
    assert not behind((39.5, -10.2), (41, -10.2))


def test_heights_where_they_are_known() -> None:
    assert behind((0, 0), (100, 0), math.nan)
    assert behind((0, 0), (100, 0), EYE_M + 1)
    assert not behind((0, 0), (100, 0), EYE_M - 1), "it looks over a shed"


def test_a_camera_on_a_wall_is_not_hidden_by_that_wall() -> None:
    assert not behind((60 - MOUNT_M / 2, 0), (100, 0)), "it hangs a little inside the outline"
    assert behind((59, 0), (0, 0)), "but does not see through its house"


def test_a_point_in_a_house_is_not_hidden_by_that_house() -> None:
    assert not behind((0, 0), (50, 0))


def test_many_lines_at_once() -> None:
    cameras = np.array([[0.0, 0], [0, 0], [0, 30]])
    points = np.array([[100.0, 0], [20, 0], [100, 30]])
    assert hidden(cameras, points, np.array([HOUSE])).tolist() == [True, False, False]
    assert hidden(cameras, points, np.array([], object)).tolist() == [False] * 3


@given(st.floats(-200, 200), st.floats(-200, 200), st.floats(-200, 200), st.floats(-200, 200))
def test_hiding_is_the_same_from_both_ends(ax: float, ay: float, bx: float, by: float) -> None:
    one, other = shapely.Point(ax, ay), shapely.Point(bx, by)
    if min(HOUSE.distance(one), HOUSE.distance(other)) > 1:
        assert behind((ax, ay), (bx, by)) == behind((bx, by), (ax, ay))
