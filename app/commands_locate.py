"""`./yiping locate "地址"`: the point an address means, how sure that is, and what else it might have been."""

from __future__ import annotations

import argparse
import json
from typing import Any

from geodata.store.settings import Settings
from geodata.types import Bilingual

QUALITIES = {
    "address": Bilingual("门牌或路口", "door or crossing"), "road": Bilingual("道路", "road"),
    "landmark": Bilingual("地标或小区", "place or estate"), "area": Bilingual("仅知区域", "area only"),
    "none": Bilingual("无法定位", "not located"),
}  # fmt: skip
WHY = {
    "nothing_known": Bilingual("没有本区已知的道路、地点或区域", "names no road, place or area known here"),
    "unsure": Bilingual("把握不足", "not sure enough"),
    "ambiguous": Bilingual("可指多处", "may mean several places"),
    "elsewhere": Bilingual("不在本区", "of another district"),
}
PARTS = {
    "area": Bilingual("区域", "area"), "road": Bilingual("道路", "road"), "door": Bilingual("门牌", "door"),
    "place": Bilingual("地点", "place"), "building": Bilingual("楼幢", "building"),
}  # fmt: skip


def add(commands: Any) -> None:
    """Add `locate`."""
    locate = commands.add_parser("locate", help="find the point that an address means")
    locate.add_argument("address")
    locate.add_argument("--unit", default="", help="the sub-district office that handles it, where known")
    locate.add_argument("--json", action="store_true", help="one JSON document on standard output")
    locate.set_defaults(run=run_locate)


def run_locate(settings: Settings, asked: argparse.Namespace) -> int:
    """Locate one address; done as well when it has no place."""
    from app.setup import open_home
    from geodata.queries.gazetteer import gazetteer

    with open_home(settings) as (engine, profile), engine.connect() as c:
        found = gazetteer(c, profile).locate(asked.address, asked.unit)
    if asked.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        print(as_text(found.as_dict(), profile.language))
    return 0


def as_text(found: dict[str, Any], language: str) -> str:
    """The answer for a person, in the language of the district; the runners-up below it."""
    quality = QUALITIES[found["quality"]].in_(language)
    if found["quality"] == "none":
        head = (
            f"{quality}：{WHY[found['why']].in_(language)}"
            if language == "zh"
            else f"{quality}: {WHY[found['why']].en}"
        )
    else:
        point = "" if found["lon"] is None else f"  {found['lon']:.6f}, {found['lat']:.6f}"
        head = f"{quality}  {found['score']:.2f}{point}"
    parts = "  ".join(f"{PARTS[part['part']].in_(language)} {part['name']}" for part in found["matched"])
    others = [
        f"  {c['score']:.2f}  {c['name']}  {'、'.join(c['subdistricts'])}".rstrip()
        for c in found["candidates"]
    ]
    return "\n".join([head, *([f"  {parts}"] if parts else []), *others])
