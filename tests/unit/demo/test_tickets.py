"""The tickets of a year: their lives, places and words, before any database."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from pyproj import Transformer
from shapely import Point

from etl.demo.catalogue import THEMES
from etl.demo.geography import Geography
from etl.demo.lives import AT, NEVER, cut
from etl.demo.rows import Writer
from etl.demo.spots import NONE
from etl.demo.tickets import ADDRESS_ONLY, DEFAULT_POINT, GIVEN, NOTHING, Batch, World, days_between, make
from etl.demo.wording import Words, address, description, title, where
from geodata.commands.copy_binary import Text, encode
from geodata.space import hexes
from geodata.store.schema.tickets import TICKET_STATES

CLOSED = [TICKET_STATES.index(name) for name in ("resolved_online", "closed", "followed_up", "merged")]


def read(field: Text) -> list[str | None]:
    """The texts of a column, as Python strings."""
    blobs = [part.words.blob.tobytes() for part in field.parts]
    found: list[str | None] = []
    for row in range(len(field.parts[0].codes)):
        pieces = []
        for part, blob in zip(field.parts, blobs, strict=True):
            code = part.codes[row]
            pieces.append(blob[part.words.starts[code] : part.words.starts[code] + part.words.sizes[code]])
        found.append(None if field.missing is not None and field.missing[row] else b"".join(pieces).decode())
    return found


def test_a_day_is_the_same_alone_and_among_others(world: World) -> None:
    together = make(world, days_between(date(2026, 2, 1), date(2026, 2, 20)))
    alone = make(world, [date(2026, 2, 9)])
    rows = np.flatnonzero(together.day == np.datetime64("2026-02-09"))
    for name in ("received", "running", "leaf", "source", "spot", "located", "unit", "caller"):
        assert np.array_equal(getattr(together, name)[rows], getattr(alone, name)), name
    assert np.array_equal(together.lives.steps[rows], alone.lives.steps)


def test_another_seed_is_another_year(world: World) -> None:
    other = replace(world, seed=world.seed + 1)
    day = [date(2026, 2, 9)]
    assert make(world, day).leaf.tolist() != make(other, day).leaf.tolist()


def test_steps_come_one_after_the_other(year: Batch) -> None:
    steps = np.where(year.lives.steps < NEVER, year.lives.steps, -1)
    assert (
        np.maximum.accumulate(steps, axis=1)
        == np.where(steps >= 0, steps, np.maximum.accumulate(steps, axis=1))
    ).all()
    ends = (year.lives.steps[:, [AT["resolved_online"], AT["merged"], AT["closed"]]] < NEVER).sum(axis=1)
    assert (ends == 1).all()


def test_a_later_cut_only_adds(year: Batch) -> None:
    then = int(np.quantile(year.received, 0.7))
    before, after = cut(year.lives, then), cut(year.lives, then + 5 * 86_400)
    sooner, later = (
        set(zip(c.ticket.tolist(), c.seq.tolist(), c.at.tolist(), c.step.tolist(), strict=True))
        for c in (before, after)
    )
    assert sooner < later
    received = year.received <= then
    assert (np.isin(before.state, CLOSED) == (before.closed < NEVER))[received].all()


def test_shares_are_those_of_a_real_month(year: Batch) -> None:
    online = year.lives.steps[:, AT["resolved_online"]] < NEVER
    assert online.mean() == pytest.approx(21_457 / 62_102, abs=0.012)
    end = int(year.lives.steps[year.lives.steps < NEVER].max()) + 1
    done = cut(year.lives, end)
    due = done.due < NEVER
    assert (done.closed <= done.due)[due].mean() == pytest.approx(0.99, abs=0.004)
    assert np.mean(year.located == GIVEN) == pytest.approx(0.89, abs=0.01)
    assert np.mean(year.located == ADDRESS_ONLY) == pytest.approx(0.08, abs=0.007)
    assert np.mean(year.located == NOTHING) == pytest.approx(0.02, abs=0.004)
    assert np.mean(year.located == DEFAULT_POINT) == pytest.approx(0.01, abs=0.003)


def test_some_are_open_and_a_few_overdue_on_any_day(year: Batch) -> None:
    now = int(year.received.max())
    past = cut(year.lives, now)
    open_ = (past.closed == NEVER) & (year.received <= now)
    assert 0.0005 < open_.mean() < 0.02
    assert 0 < (open_ & (past.due < now)).sum() < open_.sum() / 3


def test_numbers_are_unique_and_tell_channel_and_day(world: World, year: Batch) -> None:
    ids = np.arange(len(world.subdistrict_codes) + 1)
    numbers = read(Text(Writer(world, ids, ids).numbers(year)))
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"[A-Z]*20\d{6}-\d{6}", number or "") for number in numbers)
    assert "20260210-000001" in {re.sub("^[A-Z]+", "", number or "") for number in numbers}


def test_planted_stretches_stand_out(world: World, year: Batch) -> None:
    """On its stretches a category has at least three times the tickets a metre that it has along streets at large."""
    total_m = world.spots.streets.road_length.sum()
    strong = 0
    for stretch in world.plan.stretches:
        mine = year.spot[year.leaf == stretch.leaf]
        if len(mine) < 400:
            continue
        inside = ((mine >= stretch.first) & (mine < stretch.last)).sum()
        usual = len(mine) * (stretch.to_m - stretch.from_m) / total_m
        assert inside >= 3 * usual
        strong += 1
    assert strong > 20


def test_at_most_one_stretch_per_sub_district_and_the_named_ones_are_there(world: World) -> None:
    pairs = [(x.leaf, x.subdistrict) for x in world.plan.stretches]
    assert len(pairs) == len(set(pairs))
    counts = np.bincount([leaf for leaf, _ in pairs])
    assert set(counts[counts > 0]) <= {3, 4, 5}
    told = {(x.category, x.road_name, x.door) for x in world.plan.stretches}
    assert {("违规宣传广告", "广济北路", 288), ("违规宣传广告", "解放东路", 406)} <= told


def test_spots_know_their_ground(world: World, geography: Geography) -> None:
    """Cell and nearest street of a sample, against shapely asked one by one."""
    spots = world.spots
    sample = np.random.default_rng(1).choice(len(spots), 300, replace=False)
    to_metres = Transformer.from_crs(4326, 4549, always_xy=True)
    cells = geography.areas.geometry
    for at in sample:
        assert cells.iloc[spots.area[at]].covers(Point(spots.lon[at], spots.lat[at]))
        here = Point(to_metres.transform(spots.lon[at], spots.lat[at]))
        away = np.array([line.distance(here) for line in spots.streets.lines])
        assert away[spots.road[at]] == pytest.approx(away.min(), abs=0.02)
        along = spots.streets.lines[spots.road[at]].interpolate(spots.offset_m[at])
        assert along.distance(here) == pytest.approx(away.min(), abs=0.05)
    r9, r10, r11 = hexes.cells_at_all(spots.lon[sample], spots.lat[sample])
    assert np.array_equal(r9, spots.hexes[0][sample])
    assert np.array_equal(r11, spots.hexes[2][sample])
    assert np.array_equal(r10, spots.hexes[1][sample])


@pytest.fixture(scope="module")
def told(world: World, year: Batch) -> list[tuple[str | None, str | None, str | None]]:
    words = Words(world)
    place = where(words, year)
    fields = address(year, place), title(words, year, place), description(words, year, place)
    return list(zip(*(read(field) for field in fields), strict=True))


def test_addresses_come_in_many_styles(told: list[tuple[str, str, str]], year: Batch) -> None:
    addresses = [said for said, _, _ in told if said]
    for style in (
        r"路\d+号周边",
        "交叉口",
        r"\d+幢",
        r"号[东西南北]侧",
        "街道",
        "地铁站|广场|公园|桥",
        r"坊\d+号|巷\d+号|弄\d+号",
    ):
        assert sum(bool(re.search(style, address)) for address in addresses) > 60, style
    assert all(
        said is None for (said, _, _), quality in zip(told, year.located, strict=True) if quality == NOTHING
    )


def test_an_address_never_names_another_sub_district(
    world: World, year: Batch, told: list[tuple[str, str, str]]
) -> None:
    names = [unit.name for unit in world.catalogue.units if unit.kind == "subdistrict"]
    for (said, _, _), spot in zip(told, year.spot, strict=True):
        named = [at for at, name in enumerate(names) if said and name in said]
        assert named in ([], [world.spots.subdistrict[spot]])


def test_texts_hold_nothing_personal_and_no_gaps(told: list[tuple[str, str, str]]) -> None:
    for texts in told:
        text = " ".join(part or "" for part in texts)
        assert not re.search(r"\d{7,}|先生|女士|身份证|\d+室|\{|\}|。。|，。", text), text
        assert texts[1]


def test_rows_can_be_encoded_for_every_theme(world: World, year: Batch) -> None:
    assert set(world.catalogue.column("theme")) == set(range(len(THEMES)))
    assert (world.spots.name[year.spot] != NONE).mean() > 0.97
    ids = np.arange(len(world.subdistrict_codes))
    past = cut(year.lives, int(year.received.max()))
    writer = Writer(world, np.arange(world.spots.area.max() + 1), ids)
    fields = writer.tickets(year, past, np.arange(len(year)) + 1, np.arange(len(year)) < 50)
    assert encode(fields).count(b"\x00\x00\x00\x04demo") == 50


def test_ice_lies_in_winter_and_units_differ(world: World, year: Batch) -> None:
    names = world.catalogue.column("name")[year.leaf]
    month = year.day.astype("datetime64[M]").astype(int) % 12 + 1
    assert set(month[names == "道路结冰"]) <= {1, 2, 3, 11, 12}
    rain = month[names == "道路积水"]
    assert (rain == 6).sum() > 2 * (rain == 12).sum()
    late = year.lives.steps[:, AT["closed"]] > year.lives.due_extended
    late &= year.lives.steps[:, AT["closed"]] < NEVER
    shares = [late[year.unit == unit].mean() for unit in range(1, 9)]
    assert max(shares) > 1.5 * min(shares)


def test_every_place_has_a_name(
    world: World, year: Batch, told: list[tuple[str | None, str | None, str | None]]
) -> None:
    assert (world.spots.name != NONE).all()
    for said, _, _ in told:
        bare = re.sub("^(苏州市)?(姑苏区)?([^路]{2,3}街道)?", "", said) if said else "somewhere"
        assert not re.match("$|沿线|路段|上$|[0-9]|号|幢|附近|门口|周边|旁", bare), said


def test_long_streets_keep_their_numbers(
    world: World, year: Batch, told: list[tuple[str | None, str | None, str | None]]
) -> None:
    known = set(np.unique(world.plan.doors).tolist())
    doors = [int(found[1]) for said, _, _ in told if said and (found := re.search(r"路(\d+)号", said))]
    assert max(doors) > 2000
    assert set(doors) <= known
