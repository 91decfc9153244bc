"""Areas: which there are on a day, and how one stands among the others."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.types import BBox

COLUMNS = "a.code, a.name, a.name_en, a.level, a.parent_code, a.valid_from, a.valid_to, a.area_km2"
VALID = "a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)"


@dataclass(frozen=True, slots=True)
class Area:
    """One area in the version valid on the day asked for; valid_to is the day after its last, or None."""

    code: str
    name: str
    name_en: str | None
    level: str
    parent_code: str | None
    valid_from: date | None
    valid_to: date | None
    area_km2: float | None


def list_areas(
    c: Connection, scheme: str = "grid", on: date | None = None, level: str | None = None
) -> list[Area]:
    """Areas of a scheme valid on a day (None: the database's today, in UTC), largest level first, then by code."""
    rows = c.execute(
        text(f"""select {COLUMNS} from areas a
                 where a.scheme = :scheme and {VALID} and (cast(:level as text) is null or a.level = :level)
                 order by min(a.area_km2) over (partition by a.level) desc, a.level, a.code"""),
        {"scheme": scheme, "on": on or _today(c), "level": level},
    )
    return [_area(row) for row in rows]


def get_area(
    c: Connection, profile: Profile, code: str, scheme: str | None = None, on: date | None = None
) -> Area:
    """One area by code; when it is not valid on the day, its latest version. The district itself always exists."""
    row = c.execute(
        text(f"""select {COLUMNS} from areas a where a.scheme = :scheme and a.code = :code
                 order by ({VALID}) desc, a.valid_from desc limit 1"""),
        {"scheme": scheme or profile.scheme, "code": code, "on": on or profile.today()},
    ).one_or_none()
    if row:
        return _area(row)
    if code == profile.code and scheme in (None, profile.scheme):
        return _whole(c, profile)
    raise NotFound(f"There is no area with the code “{code}” here.")


def children(c: Connection, profile: Profile, code: str, on: date | None = None) -> list[Area]:
    """Areas one level below, by code; below a district that was never loaded, those without a parent."""
    rows = c.execute(
        text(f"""select {COLUMNS} from areas a where a.scheme = :scheme and {VALID}
                 and (a.parent_code = :code or (a.parent_code is null and :code = :root and a.code <> :root))
                 order by a.code"""),
        {"scheme": profile.scheme, "code": code, "root": profile.code, "on": on or profile.today()},
    )
    return [_area(row) for row in rows]


def breadcrumb(c: Connection, profile: Profile, code: str, on: date | None = None) -> list[Area]:
    """The chain from the district down to the area itself."""
    chain = [get_area(c, profile, code, on=on)]
    while (parent := chain[0].parent_code) and len(chain) <= len(profile.levels):
        chain.insert(0, get_area(c, profile, parent, on=on))
    if chain[0].code != profile.code:
        chain.insert(0, get_area(c, profile, profile.code, on=on))
    return chain


def bounds(
    c: Connection, profile: Profile, code: str, on: date | None = None, scheme: str | None = None
) -> BBox:
    """The box around an area, degrees; the profile's box for a district that was never loaded."""
    get_area(c, profile, code, scheme, on)
    row = c.execute(
        text(f"""select ST_XMin(e) w, ST_YMin(e) s, ST_XMax(e) e, ST_YMax(e) n from (
                    select Box2D(a.geom) e from areas a where a.scheme = :scheme and a.code = :code
                    order by ({VALID}) desc, a.valid_from desc limit 1) b"""),
        {"scheme": scheme or profile.scheme, "code": code, "on": on or profile.today()},
    ).one_or_none()
    return BBox(row.w, row.s, row.e, row.n) if row else profile.bbox


def outline(
    c: Connection, profile: Profile, code: str, on: date | None = None, scheme: str | None = None
) -> dict[str, Any] | None:
    """The outline of an area as a GeoJSON geometry; None for a district that was never loaded."""
    found = c.execute(
        text(f"""select ST_AsGeoJSON(a.geom, 6) from areas a where a.scheme = :scheme and a.code = :code
                 order by ({VALID}) desc, a.valid_from desc limit 1"""),
        {"scheme": scheme or profile.scheme, "code": code, "on": on or profile.today()},
    ).scalar()
    return json.loads(found) if found else None


def contains(c: Connection, outer: str, inner: str) -> bool:
    """Whether an area is another or lies below it in the chain, in any version."""
    return outer == inner or bool(
        c.execute(
            text("""select exists (select from areas a join area_ancestors u on u.area_id = a.id
                                   where a.code = :inner and u.ancestor_code = :outer)"""),
            {"outer": outer, "inner": inner},
        ).scalar()
    )


def exists(c: Connection, profile: Profile, code: str, scheme: str) -> bool:
    """Whether there is, or ever was, an area with this code."""
    if code == profile.code and scheme == profile.scheme:
        return True
    found = text("select exists (select from areas where scheme = :scheme and code = :code)")
    return bool(c.execute(found, {"scheme": scheme, "code": code}).scalar())


def _whole(c: Connection, profile: Profile) -> Area:
    """The district as the sum of its highest loaded level, when it has no row of its own."""
    total = c.execute(
        text(
            f"""select sum(a.area_km2) from areas a where a.scheme = :scheme and a.parent_code is null and {VALID}"""
        ),
        {"scheme": profile.scheme, "on": profile.today()},
    ).scalar()
    zh, en = profile.title
    return Area(
        profile.code,
        zh if profile.language != "en" else en,
        en,
        profile.levels[0].key,
        None,
        None,
        None,
        total,
    )


def _today(c: Connection) -> date:
    today: date = c.execute(text("select current_date")).scalar_one()
    return today


def _area(row: Row[Any]) -> Area:
    area = Area(*tuple(row))
    return replace(area, area_km2=round(area.area_km2, 6)) if area.area_km2 is not None else area


def current_codes(c: Connection, scheme: str) -> dict[int, str]:
    """Codes of the area versions that hold now, by their key."""
    statement = "select id, code from areas where scheme = :scheme and valid_to is null"
    return {row.id: row.code for row in c.execute(text(statement), {"scheme": scheme})}
