"""Hotspot roads of every category, as the monthly report lists them."""

from __future__ import annotations

from app.jobs.base import Doing, Fields, Kind
from geodata.queries.hotspot_roads import HotspotRoads, hotspot_roads_by_category, paragraph
from geodata.queries.question_json import from_values
from geodata.rules.suppression import LEAST
from geodata.types import Bilingual


def do(doing: Doing) -> Fields:
    """Each category with its stretches, most tickets first, and the paragraph for the report."""
    profile = doing.profile
    q = from_values(doing.asked["question"], profile)
    doing.say(None, None)
    with doing.engine.connect() as plain:
        c = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        found = [one for one in hotspot_roads_by_category(c, profile, q) if one.total >= LEAST]
    return {
        "data": {
            "paragraph": paragraph(profile, found),
            "categories": [_told(one) for one in found if one.rows],
        }
    }


def _told(found: HotspotRoads) -> Fields:
    return {
        "code": found.code, "title": found.title._asdict(), "located": found.located,
        "rows": [
            {"key": row.key, "rank": row.rank, "name": row.name._asdict(), "area": row.area_code, "count": row.count,
             "length_m": row.length_m, "p_value": row.p_value}
            for row in found.rows if row.count >= LEAST
        ],
    }  # fmt: skip


KIND = Kind("hotspots_all", Bilingual("全部类别的高发路段", "Hotspot roads of every category"), do)
