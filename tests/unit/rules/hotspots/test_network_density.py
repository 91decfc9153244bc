"""The kernel along roads on networks small enough to reckon by hand, and its mass on larger ones."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.rules.hotspots.network_density import cut, density, kernel, moves

H = 10.0


def arrays(*numbers: float) -> np.ndarray:
    return np.array(numbers)


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_edges_are_cut_into_equal_lixels_near_the_wanted_length() -> None:
    network = cut(whole(0, 1), whole(1, 2), arrays(44.0, 3.0), H)
    assert network.first.tolist() == [0, 4, 5]
    assert network.length_m.tolist() == [11.0] * 4 + [3.0]
    assert network.tail[0] == 0
    assert network.head[3] == network.tail[4] == 1
    assert (network.head[:3] == network.tail[1:4]).all()
    assert network.lixel_at(whole(0, 0, 0, 1), arrays(0.0, 23.0, 99.0, 1.0)).tolist() == [0, 2, 3, 4]


def test_the_kernel_weighs_one_over_both_directions() -> None:
    k = kernel(30.0, H)
    # quartic at 0, 10 and 20 m of 30: 1, (8/9)², (5/9)²; the own lixel is halved between the directions
    bare = np.array([0.5, (8 / 9) ** 2, (5 / 9) ** 2])
    assert np.allclose(k, bare / (2 * bare.sum()))
    assert 2 * k.sum() == pytest.approx(1.0)


def test_along_a_straight_road_it_is_the_plain_kernel() -> None:
    network = cut(whole(0), whole(1), arrays(90.0), H)
    tickets = np.zeros(9)
    tickets[4] = 2
    k = kernel(30.0, H)
    expected = np.zeros(9)
    expected[2:7] = 2 * np.array([k[2], k[1], 2 * k[0], k[1], k[2]]) / H
    assert np.allclose(density(network, tickets, bandwidth_m=30.0, lixel_m=H), expected)


def test_at_a_crossing_the_others_share_equally() -> None:
    # four arms of 30 m meet in point 0; the ticket lies on the lixel of arm 0 next to the crossing
    network = cut(whole(0, 0, 0, 0), whole(1, 2, 3, 4), arrays(30.0, 30.0, 30.0, 30.0), H)
    tickets = np.zeros(12)
    tickets[0] = 1
    k = kernel(30.0, H)
    found = density(network, tickets, bandwidth_m=30.0, lixel_m=H) * H
    assert np.allclose(found[:3], [2 * k[0], k[1], k[2]])
    for arm in (1, 2, 3):
        assert np.allclose(found[3 * arm : 3 * arm + 3], [k[1] / 3, k[2] / 3, 0])


def test_at_a_dead_end_it_turns_back() -> None:
    network = cut(whole(0), whole(1), arrays(30.0), H)
    found = density(network, arrays(1.0, 0.0, 0.0), bandwidth_m=30.0, lixel_m=H) * H
    k = kernel(30.0, H)
    # what runs to the left comes back: first over its own lixel, then the next
    assert np.allclose(found, [2 * k[0] + k[1], k[1] + k[2], k[2]])


def test_a_road_that_meets_itself_is_walked_round() -> None:
    network = cut(whole(0), whole(0), arrays(40.0), H)
    found = density(network, arrays(1.0, 0.0, 0.0, 0.0), bandwidth_m=30.0, lixel_m=H) * H
    k = kernel(30.0, H)
    assert np.allclose(found, [2 * k[0], k[1], 2 * k[2], k[1]])


def test_every_ticket_weighs_one_on_any_network() -> None:
    rng = np.random.default_rng(3)
    start, end = rng.integers(0, 60, 140), rng.integers(0, 60, 140)
    network = cut(start, end, rng.uniform(2, 220, 140))
    onward = moves(network)
    assert np.allclose(onward.sum(axis=0), 1.0)
    tickets = rng.poisson(0.5, len(network.tail)).astype(float)
    found = density(network, tickets, onward=onward)
    assert (found * network.length_m).sum() == pytest.approx(tickets.sum())
    assert (found >= 0).all()
