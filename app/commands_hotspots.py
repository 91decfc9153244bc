"""`./yiping hotspots`: the stretches of road that stand out in a window, and the paragraph that the report has of them."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from geodata.errors import Refused
from geodata.store.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from geodata.profile import Profile
    from geodata.queries.hotspot_roads import HotspotRoads

Arguments = argparse.Namespace
DAY = "YYYY-MM-DD"
TOLD, MOST_CATEGORIES = 10, 99  # the paragraph counts them in words


def add(commands: Any) -> None:
    """Add `hotspots`."""
    one = commands.add_parser(
        "hotspots", help="stretches of road where tickets pile up, more than chance would"
    )
    one.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar=DAY)
    one.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar=DAY)
    one.add_argument(
        "--category", action="append", help="name or code of any level; may be repeated; else all leaves"
    )
    one.add_argument(
        "--by", "--level", dest="level", metavar="LEVEL", help="level of the areas; default sub-districts"
    )
    one.add_argument("--area", metavar="CODE", help="only in this area")
    one.add_argument("--per-area", type=int, default=1, metavar="N", help="stretches in each area, 0 for all")
    one.add_argument(
        "--limit", type=int, default=TOLD, metavar="N", help="categories told, most tickets first"
    )
    one.add_argument("--json", action="store_true", help="one JSON document on standard output")
    one.set_defaults(run=run_hotspots)


def run_hotspots(settings: Settings, asked: Arguments) -> int:
    """Tell the stretches of each category."""
    from app.hotspot_json import as_json
    from app.setup import open_home

    if asked.first > asked.last:
        raise Refused(f"The first day {asked.first} comes after the last day {asked.last}.")
    if not 1 <= asked.limit <= MOST_CATEGORIES or asked.per_area < 0:
        raise Refused(f"--limit must be from 1 to {MOST_CATEGORIES}, and --per-area not negative.")
    with open_home(settings) as (engine, profile), engine.connect() as c:
        found = _found(c, profile, asked)
        told = as_json(found)
    if asked.json:
        days = {"from": str(asked.first), "to": str(asked.last), "by": asked.level or profile.levels[1].key}
        print(json.dumps(days | told, ensure_ascii=False))
        return 0
    for one in found:
        print(*_lines(one, profile.language), sep="\n")
    print("", told["paragraph"][profile.language], told["left_out"][profile.language], sep="\n")
    return 0


def _found(c: Connection, profile: Profile, asked: Arguments) -> list[HotspotRoads]:
    from geodata.queries import areas, categories
    from geodata.queries.hotspot_roads import hotspot_roads, hotspot_roads_by_category
    from geodata.types import Question

    if asked.area:
        areas.get_area(c, profile, asked.area)
    q = Question(profile.window(asked.first, asked.last), area=asked.area, scheme=profile.scheme)
    options: dict[str, Any] = {"per_area": asked.per_area or None, "level": asked.level}
    if not asked.category:
        return hotspot_roads_by_category(c, profile, q, limit=asked.limit, **options)
    known = categories.tree(c)
    chosen = [categories.codes_of(known, word) for word in asked.category]
    return [hotspot_roads(c, profile, replace(q, categories=codes), **options) for codes in chosen]


def _lines(one: HotspotRoads, language: str) -> list[str]:
    heading = f"{one.title.in_(language)}  {one.total}"
    rows = [
        f"  {row.rank:>2}  {row.name.in_(language)}  {row.area_name if language != 'en' else row.area_name_en or row.area_name}"
        f"  {row.count}  {100 * row.share:.1f} %  {row.length_m:.0f} m  {row.count / row.expected:.0f} ×"
        for row in one.rows
    ]
    return [heading, *rows]
