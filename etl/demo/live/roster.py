"""Teams, posts and the duty roster of the demo: three shifts a day, posts that answer for an area, never persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from etl.demo.catalogue import read
from geodata.commands.demo_live import Contact, Shift, Team
from geodata.queries.demo import AreaName, Named

SHIFT_HOURS = (0, 8, 16)
SHIFT_H = 8
DAYS_AHEAD = 28
ALWAYS = ("fire", "medical", "police")  # the others rest every third shift
POSTS = {  # level: (role, post, post for an English reader)
    "subdistrict": ("subdistrict_lead", "街道联动分中心主任", "Head of the sub-district linkage centre"),
    "station": ("station_duty", "联动工作站值班长", "Duty officer of the work station"),
    "community": ("community_duty", "社区值班员", "Duty officer of the community"),
    "grid_cell": ("grid_chief", "网格长", "Grid chief"),
}
FIRST_EXTENSION = {"subdistrict": 8001, "station": 8101, "community": 8201, "grid_cell": 61001}


def wanted() -> set[str]:
    """The places that teams are based at, by name."""
    return {row["place"] for row in read("teams")["team"]}


def teams(ground: Named) -> list[Team]:
    """The teams whose base this database has; bases in EPSG:4326."""
    return [
        Team(
            code=row["code"], name=row["name"], name_en=row["name_en"], kind=row["kind"], skills=tuple(row["skills"]),
            people=row["people"], within=row.get("scope"), area=row.get("area"), lon=base.centroid.x, lat=base.centroid.y,
        )
        for row in read("teams")["team"] if (base := ground.get(("place", row["place"]))) is not None
    ]  # fmt: skip


def contacts(areas: Sequence[AreaName]) -> list[Contact]:
    """A post for every area below the district, with an internal extension of its own."""
    count = dict.fromkeys(POSTS, 0)
    found = []
    for area in areas:
        if area.level not in POSTS:
            continue
        role, post, post_en = POSTS[area.level]
        extension = str(FIRST_EXTENSION[area.level] + count[area.level])
        count[area.level] += 1
        english = f"{post_en}, {area.name_en}" if area.name_en else post_en
        found.append(Contact(area.code, role, f"{area.name}{post}", english, extension))
    return found


def slots(first: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The shifts of a day and the coming ones."""
    days = (first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    starts = [datetime.combine(day, time(hour), zone) for day in days for hour in SHIFT_HOURS]
    return [(start, start + timedelta(hours=SHIFT_H)) for start in starts]


def shifts(first: date, zone: ZoneInfo) -> list[Shift]:
    """Which teams are on duty when: emergency services always, of the others two in three, in turn."""
    listed = read("teams")["team"]
    return [
        Shift(row["code"], start, end)
        for start, end in slots(first, zone)
        for nth, row in enumerate(listed)
        if row["kind"] in ALWAYS or (int(start.timestamp()) // (SHIFT_H * 3600) + nth) % 3
    ]
