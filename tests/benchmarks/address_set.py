"""A seeded set of addresses with known answers, by class: of a demo's tickets and gazetteer, with slips, and of elsewhere.

Truth never comes from the matcher: doors and crossings are held against the coordinates of the very ticket that said
them, names against the geometry that the store has under that name.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import shapely
from opencc import OpenCC
from pypinyin import Style, pinyin
from sqlalchemy import Connection, text

PER_CLASS = 60
DOOR = re.compile(r"(\D+?)(\d+)(号.*)")
CROSSING = re.compile(r"(.+?)与(.+?)交叉口(.*)")
BUILDING = re.compile(r"(\D+?)(\d+幢)")
PREFIX = re.compile(r"^((?:苏州市)?(?:姑苏区)?(?:(?:沧浪|吴门桥|双塔|平江|苏锦|金阊|白洋湾|虎丘)街道)?)(.+)$")
FIGURES = "零一二三四五六七八九"
# Streets and estates that many towns have, from general knowledge; those that this district has are left out.
_OF_OTHER_TOWNS = (
    "中山路 解放路 建设路 和平路 光明路 文化路 胜利路 新华路 复兴路 南京东路 南京西路 "
    "北京西路 淮海中路 长安街 王府井大街 中关村大街 春熙路 解放碑步行街 天府大道 深南大道 "
    "华强北路 体育西路 珠江新城 五道口 三里屯路 国贸桥 外滩 陆家嘴环路 世纪大道 张江路 科苑路 "
    "学院路 知春路 苏堤 延安路 庆春路 武林路 文三路 钱江路 江汉路 光谷大道 汉正街 鼓楼街 "
    "夫子庙 新街口 中央路 雨花路 莫愁路 太湖大道 金鸡湖大道 星湖街 现代大道 中新大道 狮山路 "
    "塔园路 东吴北路 宝带西路 木渎镇金山路 阳澄湖大道 万达广场 东方明珠花园 阳光花园小区 "
    "幸福里小区 香榭丽舍花园 碧桂园小区 滨江一号公寓"
)
OF_OTHER_TOWNS = _OF_OTHER_TOWNS.split()
INVENTED = "丹澄潇翰骏霖垚昊瑾珞衡朔峻炜煦茗溪莲禾岚"


@dataclass(frozen=True)
class Case:
    """An address, its class, and where it is (EPSG:4326; None: nowhere in this district, so it must stay unlocated)."""

    kind: str
    address: str
    truth: shapely.Geometry | None
    area: str | None = None


def make(c: Connection, seed: int = 1229, per_class: int = PER_CLASS) -> list[Case]:
    """The set; the same for the same demo and seed."""
    return list(_Maker(c, random.Random(seed), per_class).cases())


class _Maker:
    def __init__(self, c: Connection, rng: random.Random, per_class: int) -> None:
        self._rng, self._size = rng, per_class
        rows = c.execute(
            text(
                "select name, ST_AsBinary(ST_Collect(geom)) from roads where name <> '' group by name order by name"
            )
        )
        self._roads = {name: shapely.from_wkb(bytes(shape)) for name, shape in rows}
        rows = c.execute(
            text("select name, ST_AsBinary(ST_Collect(geom)) from places group by name order by name")
        )
        self._places = {name: shapely.from_wkb(bytes(shape)) for name, shape in rows}
        self._names = {*self._roads, *self._places, *c.execute(text("select name from areas")).scalars()}
        rows = c.execute(text("""
            select address, ST_AsBinary(geom) from tickets
            where location_quality = 'given' and not is_default_point and address is not null
            order by md5(number) limit 60000""")).all()  # fmt: skip
        self._tickets = [(address, shapely.from_wkb(bytes(point))) for address, point in rows]
        self._to_traditional = OpenCC("s2t").convert
        characters = [
            bytes((high, low)).decode("gb2312", "ignore")
            for high in range(0xB0, 0xD8)
            for low in range(0xA1, 0xFF)
        ]
        self._common = [character for character in characters if character]
        self._sounding: dict[str, list[str]] = {}
        for character in self._common:
            self._sounding.setdefault(_sound(character), []).append(character)

    def cases(self) -> Iterator[Case]:
        doors, crossings, buildings, plain = self._sorted()
        yield from self._as_said("door", doors)
        yield from self._as_said("crossing", crossings)
        yield from self._as_said("estate and building", buildings)
        yield from self._as_said("road, place or area alone", plain)
        yield from self._lanes()
        yield from self._at_places()
        for kind, slip in (("homophone", self.homophone), ("wrong character", self.wrong), ("missing character", self.missing),
                           ("swapped characters", self.swapped)):  # fmt: skip
            yield from self._slipped(kind, slip, doors, buildings, crossings)
        yield from self._rewritten("traditional", self._to_traditional, doors, buildings, crossings)
        yield from self._rewritten("full width", _wide, doors, buildings)
        yield from self._rewritten("numerals", _numerals, doors, buildings)
        yield from self._rewritten(
            "full prefix", lambda said: "江苏省苏州市姑苏区" + said, doors, buildings, crossings
        )
        yield from self._nowhere()

    def _sorted(self) -> tuple[list[Case], ...]:
        """Tickets by how they tell their place; prefixes taken off what is kept for slips."""
        doors, crossings, buildings, plain = [], [], [], []
        for address, point in self._tickets:
            rest = PREFIX.fullmatch(address)
            core = rest[2] if rest else address
            building, crossing, door = (
                BUILDING.fullmatch(core),
                CROSSING.fullmatch(core),
                DOOR.fullmatch(core),
            )
            if building and building[1] in self._places:
                buildings.append(Case("", address, self._places[building[1]]))
            elif crossing and crossing[1] in self._roads and crossing[2] in self._roads:
                crossings.append(Case("", address, point))
            elif door and self._lane(door[1]) in self._roads:
                doors.append(Case("", address, point))
            elif core in self._roads or core in self._places:
                plain.append(Case("", address, self._roads.get(core) or self._places.get(core)))
        return doors, crossings, buildings, plain

    def _lane(self, name: str) -> str:
        """A lane's own name in “street and lane”; the name itself otherwise."""
        return next(
            (
                name[at:]
                for at in range(len(name))
                if name[at:] in self._roads and (not at or name[:at] in self._roads)
            ),
            name,
        )

    def _as_said(self, kind: str, pool: list[Case]) -> Iterator[Case]:
        for case in self._rng.sample(pool, self._size):
            yield Case(kind, case.address, case.truth, case.area)

    def _lanes(self) -> Iterator[Case]:
        """Street and lane, as 桃花坞大街河西巷, with the lane's own line as truth."""
        names, lines = list(self._roads), list(self._roads.values())
        tree = shapely.STRtree(lines)
        lanes = [
            name
            for name in names
            if name.endswith(("巷", "弄")) and not re.search("[一二三四五六七八九十]弄", name)
        ]
        for lane in self._rng.sample(lanes, min(self._size, len(lanes))):
            near = [names[at] for at in tree.query(self._roads[lane], predicate="intersects").tolist()]
            streets = sorted(
                name for name in near if name != lane and name.endswith(("路", "街")) and name not in lane
            )
            if streets:
                yield Case("lane off a street", f"{self._rng.choice(streets)}{lane}", self._roads[lane])

    def _at_places(self) -> Iterator[Case]:
        """Street and place, as 观前街碧凤坊附近."""
        names, lines = list(self._roads), list(self._roads.values())
        tree = shapely.STRtree(lines)
        for place in self._rng.sample(sorted(self._places), self._size):
            near = names[int(tree.nearest(self._places[place]))]
            if near not in place and place not in near and "弄" not in near:
                yield Case(
                    "street and place",
                    f"{near}{place}{self._rng.choice(('附近', '门口', '旁', ''))}",
                    self._places[place],
                )

    def _slipped(self, kind: str, slip: Callable[[str], str], *pools: list[Case]) -> Iterator[Case]:
        made = 0
        for case in self._rng.sample([one for pool in pools for one in pool[:4000]], self._size * 20):
            rest = PREFIX.fullmatch(case.address)
            head, core = (rest[1], rest[2]) if rest else ("", case.address)
            found = CROSSING.fullmatch(core) or DOOR.fullmatch(core) or BUILDING.fullmatch(core)
            name = found[1] if found else ""
            typed = slip(name) if len(name) > 2 else name
            if typed in {name, ""} or typed in self._names or made == self._size:
                continue
            made += 1
            yield Case(kind, head + typed + core[len(name) :], case.truth)

    def _rewritten(self, kind: str, rewrite: Callable[[str], str], *pools: list[Case]) -> Iterator[Case]:
        for case in self._rng.sample([one for pool in pools for one in pool[:4000]], self._size // 2):
            yield Case(kind, rewrite(case.address), case.truth)

    def homophone(self, name: str) -> str:
        """One character for another that sounds the same, tones aside."""
        at = self._rng.randrange(len(name))
        same = [character for character in self._sounding.get(_sound(name[at]), []) if character != name[at]]
        return name[:at] + self._rng.choice(same) + name[at + 1 :] if same else name

    def wrong(self, name: str) -> str:
        """One character for any of the 3,755 common ones."""
        at = self._rng.randrange(len(name))
        return name[:at] + self._rng.choice(self._common) + name[at + 1 :]

    def missing(self, name: str) -> str:
        """One character left out."""
        at = self._rng.randrange(len(name))
        return name[:at] + name[at + 1 :]

    def swapped(self, name: str) -> str:
        """Two neighbours swapped."""
        at = self._rng.randrange(len(name) - 1)
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]

    def _nowhere(self) -> Iterator[Case]:
        """Other towns' streets, invented ones, other districts, roads that do not meet."""
        others = [name for name in OF_OTHER_TOWNS if name not in self._names]
        for name in others:
            yield Case("not here: of other towns", f"{name}{self._rng.randrange(1, 400)}号", None)
        for _ in range(self._size):
            made = "".join(self._rng.sample(INVENTED, 2)) + self._rng.choice(
                ("路", "街", "巷", "新村", "花园")
            )
            yield Case("not here: invented", f"{made}{self._rng.randrange(1, 400)}号", None)
        stems = sorted({name[:2] for name in self._roads if len(name) == 3})
        for _ in range(self._size):
            made = (
                self._rng.choice(stems)[0] + self._rng.choice(stems)[1] + self._rng.choice(("路", "街", "巷"))
            )
            if made not in self._names:
                yield Case("not here: of our own characters", f"{made}{self._rng.randrange(1, 300)}号", None)
        known = sorted(self._roads)
        for town in (
            "吴中区",
            "相城区",
            "苏州市虎丘区",
            "上海市黄浦区",
            "无锡市",
            "木渎镇",
            "昆山市",
            "杭州市西湖区",
            "北京市朝阳区",
            "江苏省南京市",
        ):
            for _ in range(4):
                yield Case(
                    "not here: another district",
                    f"{town}{self._rng.choice(known)}{self._rng.randrange(1, 60)}号",
                    None,
                )
        for _ in range(self._size):
            one, other = self._rng.sample(known, 2)
            if shapely.distance(self._roads[one], self._roads[other]) > 0.01:  # degrees, some 900 m
                yield Case("not here: roads that do not meet", f"{one}与{other}交叉口", None)


def _sound(character: str) -> str:
    return str(pinyin(character, style=Style.NORMAL)[0][0])


def _wide(said: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in said)


def _numerals(said: str) -> str:
    return re.sub(r"\d+", lambda found: _numeral(int(found[0])), said)


def _numeral(number: int) -> str:
    told, text_ = str(number), ""
    for at, figure in enumerate(told):
        unit = ("", "十", "百", "千")[len(told) - 1 - at]
        if figure != "0":
            text_ += FIGURES[int(figure)] + unit
        elif text_ and not text_.endswith("零"):
            text_ += "零"
    return text_.rstrip("零")
