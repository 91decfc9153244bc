"""Cutting a text into names, words that say where at a name, stops and what nobody knows: the cut that explains most."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from geodata.rules.addresses.names import ROAD, Match, Names
from geodata.rules.addresses.wording import STOP

# What people add to a name; none of it moves the point.
_WORDS = (
    "附近 周边 旁边 旁 边 边上 侧 东侧 西侧 南侧 北侧 东边 西边 南边 北边 东面 西面 "
    "南面 北面 东首 西首 南首 北首 东头 西头 南头 北头 对面 对过 斜对面 门口 门前 门外 "
    "大门 大门口 正门 后门 侧门 东门 西门 南门 北门 东门口 西门口 南门口 北门口 东口 西口 "
    "南口 北口 口 沿线 沿街 沿路 路段 段 全线 一带 区域 地段 上 内 里 里面 外 外面 处 "
    "下 前 后 前面 后面 院内 院子 楼内 楼下 楼上 地下 地面 小区 小区内 小区里 东北角 "
    "西北角 东南角 西南角 转角 转角处 拐角 拐角处 东 西 南 北 东段 西段 南段 北段 中段 "
    "东北 西北 东南 西南 与 和 跟 及 同 至 到 往 向 靠近 靠 近 临 位于 地处 在 的 "
    "地址 路上 街上 巷内 巷口 巷子 巷子里 弄内 弄口 桥上 桥下 桥边 桥头 河边 车库 停车场 "
    "停车位 公交站 公交站台 地铁站 公厕 人行道 非机动车道 机动车道 绿化带 围墙 红绿灯 信号灯 "
    "隔壁 周围 之间 约 左右 米 方向 北广场 南广场 东广场 西广场"
)
WORDS = _WORDS.split()
_CROSSINGS = (
    "交叉口 交叉路口 交叉处 交叉 交差口 交岔口 叉口 岔口 交汇处 交汇口 交汇 交界处 交界口 "
    "交界 相交处 相交 交口 路口 十字路口 丁字路口 三岔路口 街口 口子"
)
CROSSINGS = _CROSSINGS.split()
NAME, WORD, UNKNOWN = 0.1, 0.05, 1.0
PRICES = {"crossing": 0.02, "stop": 0.0}
WORD_ALONE = 0.35  # where a text has no name, a word may be one: 南门
SLIP = 2.0
LONGEST_WITH_SLIPS = 32  # characters
KEPT = 200_000

Kind = Literal["name", "word", "crossing", "stop", "unknown"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text; `matches` are the names it may be, the likeliest first."""

    kind: Kind
    text: str
    matches: tuple[Match, ...] = ()


UNREAD = Piece("unknown", "")


class Cutter:
    """Cuts texts by the names of a district; `own` are words for the district itself, which say nothing new."""

    def __init__(self, names: Names, own: frozenset[str] = frozenset()) -> None:
        self._names = names
        self._exact = {
            name: Piece("name", name, (Match(row, "none", 1.0),)) for name, row in names.row.items()
        }
        self._words = {said: Piece("word", said) for said in (*own, *WORDS)}
        self._words |= {said: Piece("crossing", said) for said in CROSSINGS} | {STOP: Piece("stop", STOP)}
        lengths: dict[str, set[int]] = defaultdict(set)
        for known in (*self._words, *names.row):
            lengths[known[0]].add(len(known))
        self._lengths = {first: tuple(sorted(sizes)) for first, sizes in lengths.items()}
        self._known: dict[str, tuple[Piece, ...]] = {}

    def cut(self, text: str) -> tuple[Piece, ...]:
        """The pieces of a text in plain wording, in order."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            known = self._known[text] = self._cut(text)
        return known

    def forget(self) -> None:
        """Forget what was cut before."""
        self._known.clear()

    def names_from(self, text: str) -> list[str]:
        """The names that a text begins with."""
        parts = (text[:length] for length in self._lengths.get(text[:1], ()))
        return [part for part in parts if part in self._names.row]

    def only_words(self, text: str) -> bool:
        """Whether a text says nothing but where at a name."""
        return all(piece.kind in {"word", "stop"} for piece in self.cut(text)) if text else True

    def _cut(self, text: str) -> tuple[Piece, ...]:
        pieces = self._best(text, WORD, slips=False)
        if not any(piece.kind == "name" for piece in pieces):
            pieces = self._best(text, WORD_ALONE, slips=False)
        if any(piece.kind == "unknown" for piece in pieces) and len(text) <= LONGEST_WITH_SLIPS:
            pieces = self._best(text, WORD, slips=True)
        return self._places_on_roads(pieces)

    def _places_on_roads(self, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """A word right behind a road may be a place: 人民路南门, where 杨枝新村南门 is but a gate."""
        before = (UNREAD, *pieces)
        return tuple(
            self._exact[piece.text]
            if piece.kind == "word" and piece.text in self._exact and ROAD.search(last.text)
            else piece
            for last, piece in zip(before, pieces, strict=False)
        )

    def _best(self, text: str, word: float, *, slips: bool) -> tuple[Piece, ...]:
        size = len(text)
        cost = [0.0, *[float("inf")] * size]
        came: list[tuple[int, Piece]] = [(0, UNREAD)] * (size + 1)
        for at in range(size):
            so_far = cost[at]
            if so_far + UNKNOWN < cost[at + 1]:
                cost[at + 1], came[at + 1] = so_far + UNKNOWN, (at, UNREAD)
            for price, end, piece in self._from(text, at, word):
                if so_far + price < cost[end]:
                    cost[end], came[end] = so_far + price, (at, piece)
            for price, piece in self._with_slips(text, at) if slips else ():
                end = at + len(piece.text)
                if so_far + price < cost[end]:
                    cost[end], came[end] = so_far + price, (at, piece)
        return _joined(text, came)

    def _from(self, text: str, at: int, word: float) -> list[tuple[float, int, Piece]]:
        """What is known to begin here: price, end, piece."""
        found = []
        for length in self._lengths.get(text[at], ()):
            part = text[at : at + length]
            word_of = self._words.get(part)
            if word_of:
                found.append((PRICES.get(word_of.kind, word), at + len(part), word_of))
            name = self._exact.get(part)
            if name:
                found.append((NAME, at + len(part), name))
        return found

    def _with_slips(self, text: str, at: int) -> list[tuple[float, Piece]]:
        found = []
        for length in range(2, min(self._names.longest + 1, len(text) - at) + 1):
            part = text[at : at + length]
            if part[-1] == STOP:
                break
            if part not in self._names.row and (near := self._names.near(part)):
                found.append((NAME + SLIP * (1 - near[0].factor), Piece("name", part, near)))
        return found


def _joined(text: str, came: list[tuple[int, Piece]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    end = len(text)
    while end:
        at, piece = came[end]
        if piece is UNREAD:
            behind = pieces.pop().text if pieces and pieces[-1].kind == "unknown" else ""
            piece = Piece("unknown", text[at:end] + behind)
        pieces.append(piece)
        end = at
    return tuple(reversed(pieces))
