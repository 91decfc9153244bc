"""Names found as they are or with one slip of the typist, by the strings that are left when a character is taken out.

Two strings within one slip of each other share what is left of each when one character is taken out (or one of them is
what is left of the other), so a few look-ups in a dictionary find every near name; rapidfuzz then says which slip it was.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA

from geodata.rules.addresses.sound import syllable, syllables

Slip = Literal["none", "sound", "swapped", "missing", "doubled", "wrong"]

SHORTEST = 3  # characters of a name that may be written with a slip
KEPT = 200_000
TYPE = re.compile(
    "(?:历史街区|风景名胜区|办事处|地铁站|派出所|管理站|工作站|新村|花园|家园|小区|公园|广场|大厦|菜场|商场|市场|医院|小学|中学|学校|"
    "大学|社区|街道|大街|大道|横街|公寓|新苑|名苑|高架路|路|街|巷|弄|里|坊|浜|苑|村|庄|园|桥|门|寺|塔|观|站|前|场)$"
)
ROAD = re.compile("(?:高架路|高架|大街|大道|公路|路|街|巷|弄|里|坊|浜|胡同)$")
# A change from one of these to another makes another name, not a slip: 广济北路 and 广济南路.
DIRECTIONS = frozenset("东南西北中上下前后内外大小新老")
FIGURES = frozenset("0123456789〇零一二三四五六七八九十百")
# Words that streets anywhere in the country are named after: one of their characters may well belong there.
COMMON = frozenset(
    "人民解放建设胜利和平文化团结友谊劳动工农科技创新体育学府中山光明新华复兴振兴迎宾环城朝阳向阳红旗青年幸福长江黄河北京南京上海"
    "五四八一三国庆育才教师府站前滨河湖江海山林园花桃李梅兰竹菊荷柳松柏枫桂金银玉龙凤虎鹤福寿康宁安泰兴旺盛昌隆富贵春夏秋冬日月星云"
    "豪御尊雅颐翰锦绣庭府邸墅阁轩翡翠紫檀铂珑悦璟樾骏景嘉佳丽豫鼎盈汇润泽沁怡馨香榭栖逸致远博思源诚信义礼智仁德贤忠孝廉正康达顺通畅"
    "莫愁灵秀奇妙彩虹霞露雪霜晨曦暮晓翔飞跃腾骥驰鸿鹏雁燕鸥鹭澄清澜漪涛浪潮波港湾岛礁峰岭岩壁谷溪泉井塘潭池荡渡码头坝堤桥"
)
FACTORS: dict[Slip, float] = {
    "none": 1.0,
    "sound": 0.92,
    "swapped": 0.9,
    "doubled": 0.9,
    "missing": 0.85,
    "wrong": 0.85,
}
MISSING_OF_TWO, MISSING_OF_THREE, WRONG_OF_THREE = (
    0.75,
    0.8,
    0.8,
)  # by the characters of the name before its type
WRONG_AND_STRAY = 0.76  # the character stands in no name of the country that we know
ALL_BY_SOUND = 0.55
WRONG_OF_TWO = 0.45  # not enough alone: 光明路 is hardly 光福路; what stands beside it must speak for it
LIKELY, FADED = frozenset(("sound", "swapped", "doubled")), 0.85
OTHER_TYPE = 0.6  # 人民街 for 人民路


@dataclass(frozen=True, slots=True)
class Match:
    """A name (its row) that a text may mean, how it was written, and how far that can be believed (0–1)."""

    name: int
    slip: Slip
    factor: float


class Names:
    """The names of a district in their plain wording, each once; `familiar` are characters that names elsewhere have."""

    def __init__(self, names: Sequence[str], familiar: frozenset[str] = frozenset()) -> None:
        self.names = list(names)
        self.row = {name: row for row, name in enumerate(self.names)}
        self._shorter: dict[str, list[int]] = defaultdict(list)
        self._sounding: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._slips: dict[str, tuple[Match, ...]] = {}
        for row, name in enumerate(self.names):
            if len(name) >= SHORTEST:
                self._sounding[syllables(name)].append(row)
                for less in set(_shortened(name)):
                    self._shorter[less].append(row)
        self.longest = max(map(len, self.names), default=0)
        self._familiar = COMMON | familiar | frozenset("".join(self.names))

    def near(self, text: str) -> tuple[Match, ...]:
        """The names that a text may mean by a slip, the likeliest first; a name written as it is has no slips."""
        known = self._slips.get(text)
        if known is None:
            if len(self._slips) >= KEPT:
                self._slips.clear()
            known = self._slips[text] = self._ranked(text)
        return known

    def _ranked(self, text: str) -> tuple[Match, ...]:
        """Near names, the likeliest first; beside one that sounds the same, or has the same characters, others fade."""
        found = list(self._near(text))
        if any(match.slip in LIKELY for match in found):
            found = [m if m.slip in LIKELY else Match(m.name, m.slip, m.factor * FADED) for m in found]
        return tuple(sorted(found, key=lambda match: (-match.factor, match.name)))

    def _near(self, text: str) -> Iterator[Match]:
        found: set[int] = set()
        if len(text) >= SHORTEST:
            for row in self._sounding.get(syllables(text), ()):
                found.add(row)
                yield Match(row, "sound", _sound(text, self.names[row]))
        rows = set(self._shorter.get(text, ()))
        for less in set(_shortened(text)) if len(text) >= SHORTEST else ():
            rows.update(self._shorter.get(less, ()))
            if less in self.row and len(less) >= SHORTEST:
                rows.add(self.row[less])
        for row in rows - found:
            slip, factor = self._judged(text, self.names[row])
            if factor:
                yield Match(row, slip, factor)

    def _judged(self, text: str, name: str) -> tuple[Slip, float]:
        """Which slip makes the text of the name, and how far to believe it; 0 where it is no slip."""
        if OSA.distance(text, name) != 1:
            return "wrong", 0.0
        if len(text) < len(name):
            return "missing", _missing(text, name)
        if len(text) > len(name):
            doubled = any(
                a == b and text[:at] + text[at + 1 :] == name
                for at, (a, b) in enumerate(itertools.pairwise(text))
            )
            return "doubled", FACTORS["doubled"] if doubled else 0.0
        at = next(i for i, (a, b) in enumerate(zip(text, name, strict=True)) if a != b)
        if sorted(text) == sorted(name):
            return "swapped", 0.0 if {text[at], name[at]} <= FIGURES else FACTORS["swapped"]
        return "wrong", self._wrong(text[at], name, at)

    def _wrong(self, typed: str, name: str, at: int) -> float:
        meant = name[at]
        if typed.isascii() or meant.isascii() or {typed, meant} <= DIRECTIONS or {typed, meant} <= FIGURES:
            return 0.0
        if syllable(typed) == syllable(meant):
            return FACTORS["sound"]
        stem = stem_length(name)
        if at >= stem and meant not in DIRECTIONS:
            return OTHER_TYPE if ROAD.search(typed) or TYPE.search(typed) else FACTORS["wrong"]
        if stem <= 2:
            return WRONG_OF_TWO if typed in self._familiar else WRONG_AND_STRAY
        return WRONG_OF_THREE if stem == 3 else FACTORS["wrong"]


def stem_length(name: str) -> int:
    """How many characters of a name stand before its type and direction: 2 of 人民路 and of 广济北路."""
    found = TYPE.search(name)
    if not found or not found.start():
        return len(name)
    size = found.start()
    return size - 1 if size > 2 and name[size - 1] in DIRECTIONS else size


def _sound(text: str, name: str) -> float:
    """One or two characters that only sound right; when nothing of the name is left (复兴路 for 福星路) that is not enough."""
    stem = stem_length(name)
    other = sum(a != b for a, b in zip(text[:stem], name[:stem], strict=True))
    return (
        ALL_BY_SOUND
        if other == stem or any({a, b} <= FIGURES and a != b for a, b in zip(text, name, strict=True))
        else FACTORS["sound"]
    )


def _missing(text: str, name: str) -> float:
    at = next((i for i, (a, b) in enumerate(zip(text, name, strict=False)) if a != b), len(text))
    if name[at] in FIGURES:
        return 0.0
    stem = stem_length(name)
    if at >= stem and name[at] not in DIRECTIONS:
        return FACTORS["missing"]
    return {1: 0.0, 2: MISSING_OF_TWO, 3: MISSING_OF_THREE}.get(stem, FACTORS["missing"])


def _shortened(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))
