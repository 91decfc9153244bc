"""Repeated demand: bursts of one matter in many wordings are found whole; even pace, other matters and far places are not."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from geodata.rules.hotspots.repeated import (
    Demands,
    Event,
    candidates,
    chance_of,
    events,
    likeness,
    medoid,
    vectorized,
    without_place,
)

DAY_S = 86_400.0
OPENINGS = (
    "市民来电反映：",
    "居民反映，",
    "来电人称",
    "网友留言：",
    "群众投诉，",
    "热线转来，",
    "再次来电，",
    "",
)
ASKED = (
    "请尽快处理。",
    "希望现场查看并回复。",
    "要求给予明确答复。",
    "望长效管理，避免反弹。",
    "盼解决！",
    "",
)
# One matter in wordings that share few sentences; what repeats is the thing itself.
MATTERS = {
    "lift": ["3幢电梯困人已经两次", "电梯经常故障，老人被困", "电梯又坏了，困住住户", "小区电梯频繁停运、困人", "电梯故障无人维修"],
    "noise": ["夜间施工噪声扰民", "工地半夜施工，噪声很大", "凌晨还在施工，吵得睡不着，噪声扰民", "施工噪声夜里不停", "夜里施工噪声影响休息"],
    "water": ["停水两天无人告知", "家中停水，物业没有通知", "整栋楼停水，未提前告知", "突然停水，至今没有来水", "停水问题没人处理"],
    "parking": ["车辆乱停堵住消防通道", "消防通道被车辆堵死", "私家车占用消防通道停放", "有车停在消防通道，通行不了", "消防通道常年乱停车"],
    "smell": ["餐饮店油烟直排", "楼下饭店油烟味很重", "油烟直接排到楼道", "饭店油烟扰民，味道大", "油烟没有净化就排放"],
}  # fmt: skip
CATEGORY = {name: number for number, name in enumerate(MATTERS)}


@dataclass
class Town:
    """Tickets as they are made up, and which belong to each planted burst."""

    rng: np.random.Generator
    rows: list[tuple[float, float, float, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    bursts: list[set[int]] = field(default_factory=list)

    def say(self, matter: str) -> str:
        """One wording of a matter."""
        said = MATTERS[matter][self.rng.integers(5)]
        return OPENINGS[self.rng.integers(len(OPENINGS))] + said + "。" + ASKED[self.rng.integers(len(ASKED))]

    def add(self, matter: str, x: float, y: float, day: float) -> int:
        """A ticket; its row."""
        self.rows.append((x, y, day * DAY_S, CATEGORY[matter]))
        self.texts.append(self.say(matter))
        return len(self.rows) - 1

    def burst(self, matter: str, x: float, y: float, begin: float, *, count: int, days: float) -> None:
        """Tickets of one matter around a place from a day on."""
        at = self.rng.uniform(begin, begin + days, count)
        around = self.rng.normal(0, 12, (count, 2))
        self.bursts.append(
            {self.add(matter, x + dx, y + dy, day) for (dx, dy), day in zip(around, at, strict=True)}
        )

    def found(self) -> list[Event]:
        """The events, all matters being of one group."""
        x, y, at, category = (np.array(column) for column in zip(*self.rows, strict=True))
        demands = Demands(x, y, at, category.astype(np.int64), np.zeros(len(x), np.int64))
        held = candidates(demands)
        return events(demands, held, [self.texts[row] for row in held.rows])


def town_with_bursts(seed: int) -> Town:
    """Sixty days: 3,000 tickets all over, six places that are complained of evenly, and twenty bursts of 6 to 14 tickets."""
    town = Town(np.random.default_rng(seed))
    names = list(MATTERS)
    for x, y, day, which in zip(
        *(town.rng.uniform(0, top, 3000) for top in (6000, 5000, 60, 5)), strict=True
    ):
        town.add(names[int(which)], float(x), float(y), float(day))
    for place in range(6):
        for day in np.arange(0, 60, 1.5):
            town.add(names[place % 5], 200.0 + 900 * place, 5400.0, float(day + town.rng.uniform(0, 1)))
    for place in range(20):
        x, y = 400.0 + 1100 * (place % 5), 7000.0 + 900 * (place // 5)
        town.burst(names[place % 5], x, y, float(town.rng.uniform(2, 50)), count=int(town.rng.integers(6, 15)),
                   days=float(town.rng.uniform(2, 7)))  # fmt: skip
    return town


def test_planted_bursts_are_found_whole_and_few_others_are() -> None:
    planted = whole = wrong = told = 0
    for seed in range(5):
        town = town_with_bursts(seed)
        found = [set(event.rows) for event in town.found()]
        whole += sum(
            max((len(mine & rows) / len(mine) for rows in found), default=0) >= 0.8 for mine in town.bursts
        )
        wrong += sum(not any(len(mine & rows) >= 0.8 * len(rows) for mine in town.bursts) for rows in found)
        planted, told = planted + len(town.bursts), told + len(found)
    assert whole >= 0.95 * planted
    assert wrong <= 0.1 * told


def test_another_matter_at_the_same_place_and_time_is_another_event() -> None:
    town = Town(np.random.default_rng(1))
    for day in range(60):
        town.add("smell", 50.0 * day, 3000.0, day)
    town.burst("lift", 0, 0, 20, count=9, days=4)
    town.burst("noise", 5, 5, 20, count=9, days=4)
    assert sorted(map(sorted, (event.rows for event in town.found()))) == sorted(map(sorted, town.bursts))


def test_a_miscoded_ticket_is_known_by_its_words() -> None:
    town = Town(np.random.default_rng(2))
    for day in range(60):
        town.add("smell", 50.0 * day, 3000.0, day)
    town.burst("lift", 0, 0, 20, count=8, days=3)
    stray = town.add("water", 0, 0, 21)
    town.texts[stray] = "居民反映，电梯又坏了，困住住户。请尽快处理。"
    (event,) = town.found()
    assert set(event.rows) == town.bursts[0] | {stray}


def test_each_ticket_is_in_one_event_and_they_stand_in_order_of_time() -> None:
    town = town_with_bursts(7)
    found = town.found()
    rows = [row for event in found for row in event.rows]
    assert len(rows) == len(set(rows))
    at = np.array([row[2] for row in town.rows])
    assert all((np.diff(at[list(event.rows)]) >= 0).all() for event in found)
    assert all(event.medoid in event.rows for event in found)


def test_the_medoid_is_what_is_likest_to_all() -> None:
    vectors = vectorized(["电梯困人", "电梯故障困人", "电梯故障，老人被困", "停水"])
    assert medoid(vectors) == 1
    assert likeness(vectors, np.array([[0, 1], [0, 3]])) == pytest.approx([0.6, 0.0], abs=0.25)


def test_the_scan_statistic_is_near_what_chance_gives() -> None:
    """Twenty tickets over sixty days, seven days the window: so often eight or more fall together."""
    rng = np.random.default_rng(5)
    drawn = np.sort(rng.uniform(0, 60, (20_000, 20)), axis=1)
    most = np.array([(np.searchsorted(row, row + 7, side="right") - np.arange(20)).max() for row in drawn])
    told = chance_of(np.array([8]), np.array([20]), np.array([7 / 60]))[0]
    assert told == pytest.approx((most >= 8).mean(), rel=0.25)


def test_the_place_is_taken_out_of_the_words() -> None:
    assert without_place("人民路12号电梯坏了", "人民路12号") == " 电梯坏了"
    assert without_place("电梯坏了", None) == "电梯坏了"


def test_nothing_comes_of_nothing() -> None:
    none = np.empty(0)
    demands = Demands(none, none, none, np.empty(0, np.int64), np.empty(0, np.int64))
    assert events(demands, candidates(demands), []) == []
