"""The paragraph of hotspot roads as readers of the monthly report expect it, and the same in English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.types import Bilingual

DIGITS = "零一二三四五六七八九"
MOST_TOLD = 5  # stretches of one category; readers expect three to five


@dataclass(frozen=True, slots=True)
class Item:
    """One category: its tickets in all, and its stretches with the areas they lie in, the worst first."""

    title: Bilingual
    total: int
    stretches: Sequence[tuple[Bilingual, Bilingual]]


def chinese(items: Sequence[Item]) -> str:
    """一是违规宣传广告1790件。高发路段为广济北路288号周边（苏锦街道）、….二是…."""
    return "".join(f"{numeral(at)}是{_chinese(item)}" for at, item in enumerate(items, 1))


def english(items: Sequence[Item]) -> str:
    """(1) Illegal advertising: 1,790 tickets. The worst stretches are around 288 Guangji North Road (Sujin), …."""
    return " ".join(f"({at}) {_english(item)}" for at, item in enumerate(items, 1))


def left_out(total: int, default_points: int, unlocated: int, off_road: int) -> Bilingual:
    """What the stretches leave out, with its shares; empty when there were no tickets."""
    if not total:
        return Bilingual("", "")

    def share(count: int) -> str:
        return f"{100 * count / total:.2f}%"

    return Bilingual(
        f"路段统计未计入：默认点位{default_points}件（{share(default_points)}）、未定位{unlocated}件（{share(unlocated)}）、"
        f"附近无道路{off_road}件（{share(off_road)}）。",
        f"Not counted on stretches: {default_points:,} at a default point ({share(default_points)}), {unlocated:,} not "
        f"located ({share(unlocated)}), {off_road:,} with no road near ({share(off_road)}).",
    )


def numeral(number: int) -> str:
    """A whole number from 1 to 999 in Chinese: 一, 十, 十一, 二十, 二十一, 一百零一, 一百一十."""
    if not 1 <= number <= 999:
        raise ValueError(f"{number} is not from 1 to 999")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    last = DIGITS[ones] if ones else ""
    if not hundreds:
        return ("" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十") + last
    middle = f"{DIGITS[tens]}十" if tens else "零" if ones else ""
    return f"{DIGITS[hundreds]}百{middle}{last}"


def _chinese(item: Item) -> str:
    if not item.stretches:
        return f"{item.title.zh}{item.total}件。无明显高发路段。"
    told = "、".join(f"{name.zh}（{area.zh}）" for name, area in item.stretches[:MOST_TOLD])
    return f"{item.title.zh}{item.total}件。高发路段为{told}。"


def _english(item: Item) -> str:
    begin = f"{item.title.en}: {item.total:,} {'ticket' if item.total == 1 else 'tickets'}."
    if not item.stretches:
        return f"{begin} No stretch of road stands out."
    told = "; ".join(f"{name.en} ({area.en})" for name, area in item.stretches[:MOST_TOLD])
    verb = "stretch is" if len(item.stretches) == 1 else "stretches are"
    return f"{begin} The worst {verb} {told}."
