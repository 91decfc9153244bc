"""What an address says, part by part: names in order, the door after a name, the building, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from geodata.rules.addresses.segments import WORDS, Cutter, Piece
from geodata.rules.addresses.wording import STOP

# 3号线 and 2号口 are of a metro, no doors.
NUMBERED = re.compile(
    r"(\d+)(?:[-之]\d+)?(号楼|号(?!线|口|出口|桥|院)|幢|栋|座|单元|室|楼|层|组|期)(?:[-之]\d+)?"
)
DOOR = "号"
BUILDINGS = frozenset(("号楼", "幢", "栋", "座"))
LANE = re.compile(r"\d弄")  # a lane's number is part of its name: 平河路2弄
ASTRAY = frozenset("东西南北中")
BEHIND = frozenset(WORDS) - {
    "在",
    "位于",
    "地处",
    "地址",
    "靠近",
    "靠",
    "近",
    "临",
    "与",
    "和",
    "跟",
    "及",
    "同",
    "至",
    "到",
    "的",
}
BARE = re.compile(r"(?<=[\u4e00-\u9fff])(\d+)(?:-\d+)?(?=$|\||弄)")  # 广济北路288, 288弄


@dataclass(frozen=True, slots=True)
class Named:
    """A name in the text; `door` the number behind it (`gap`: something unknown between), `before` what nobody knows before it, `after` behind it."""

    piece: Piece
    door: int | None = None
    gap: bool = False
    building: str | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text understood; `crossing` when it says that roads meet."""

    names: tuple[Named, ...]
    crossing: bool
    unknown: str


def read(cutter: Cutter, text: str) -> Reading:
    """Read a text in plain wording."""
    names: list[Named] = []
    crossing, unknown, between, loose = False, "", "", False
    for part in _parts(cutter, text):
        if isinstance(part, tuple):
            if names:
                names[-1] = _numbered(names[-1], part, between)
            between, loose = "", True
        elif part.kind == "name":
            names.append(Named(part, before="" if loose else between))
            between, loose = "", False
        elif part.kind == "unknown":
            unknown += part.text
            between += part.text
            if names and not loose and not names[-1].after:
                names[-1] = _with(names[-1], after=part.text)
        elif part.text in ASTRAY or (not names and part.kind == "word" and part.text in BEHIND):
            between += (
                part.text
            )  # 广济路北593号 is more likely a slip than a side, and 里主路 is not (民)主路
        else:
            crossing = crossing or part.kind == "crossing"
            loose = loose or bool(names) or part.kind == "stop"
            between = "" if part.kind == "stop" else between
    return Reading(tuple(names), crossing, unknown)


def _parts(cutter: Cutter, text: str) -> Iterator[Piece | tuple[int, str, str]]:
    """Pieces, and between them numbers with what they count."""
    at = 0
    for number in NUMBERED.finditer(text):
        yield from _bare(cutter, text[at : number.start()])
        yield int(number[1][:9]), number[2], number[0]
        at = number.end()
    yield from _bare(cutter, text[at:])


def _bare(cutter: Cutter, text: str) -> Iterator[Piece | tuple[int, str, str]]:
    """Cut a part; a number without a word behind it counts doors where no name has it."""
    if not text:
        return
    found = BARE.search(text)
    if found is None or any(LANE.search(piece.text) for piece in cutter.cut(text) if piece.kind == "name"):
        yield from cutter.cut(text)
        return
    yield from cutter.cut(text[: found.start()])
    yield int(found[1][:9]), DOOR, found[0]
    yield from cutter.cut(text[found.end() :].removeprefix("弄") or STOP)


def _numbered(named: Named, number: tuple[int, str, str], between: str) -> Named:
    value, word, said = number
    if word == DOOR and named.door is None:
        return _with(named, door=value, gap=bool(between))
    if word in BUILDINGS and named.building is None:
        return _with(named, building=said)
    return named


def _with(named: Named, **change: object) -> Named:
    told = {field: getattr(named, field) for field in Named.__slots__} | change
    return Named(**told)
