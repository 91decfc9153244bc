"""Who answers for a point: the chain of areas with their posts and who is on duty, and the nearest teams."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.queries.duty import Duty, on_duty

PACE_M_PER_MIN = 400.0  # how fast a team comes through old streets, about 24 km/h; only to say “about”


@dataclass(frozen=True, slots=True)
class Contact:
    """A post that answers for an area; never a person's name or number."""

    role: str
    title: str
    title_en: str | None
    extension: str | None
    team_id: int | None


@dataclass(frozen=True, slots=True)
class Answering:
    """One area of the chain with its posts and who is on duty for it."""

    code: str
    level: str
    name: str
    name_en: str | None
    contacts: tuple[Contact, ...]
    duty: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class NearTeam:
    """A team that can be sent, with the way from its base to the point as the crow flies."""

    id: int
    code: str
    name: str
    name_en: str | None
    kind: str
    skills: tuple[str, ...]
    people: int
    area_code: str | None
    lon: float
    lat: float
    distance_m: float
    about_min: float
    busy: bool
    on_duty: bool


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who answers for a point; the chain runs from the district down and is empty outside of it.

    `duty` are the people on duty for the whole district; a team says itself whether it is on duty.
    """

    chain: tuple[Answering, ...]
    duty: tuple[Duty, ...]
    teams: tuple[NearTeam, ...]


def responsible(
    c: Connection, profile: Profile, lon: float, lat: float, *, at: datetime | None = None, teams: int = 6
) -> Responsible:
    """The areas that hold a point (EPSG:4326) with posts and duty, who is on duty for all, and the nearest teams."""
    found = finest_area(c, profile, lon, lat)
    duty = on_duty(c, at or datetime.now(UTC), area_code=found[1] if found else None)
    chain = chain_of(c, found[0], duty) if found else ()
    whole = tuple(shift for shift in duty if shift.area_code is None and shift.team_id is None)
    return Responsible(chain, whole, tuple(nearest_teams(c, lon, lat, limit=teams)))


def finest_area(c: Connection, profile: Profile, lon: float, lat: float) -> tuple[int, str] | None:
    """Key and code of the smallest area that holds a point today; None outside."""
    row = c.execute(
        text("""select a.id, a.code from areas a
                where a.scheme = :scheme and a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)
                  and ST_Covers(a.geom, ST_Point(:lon, :lat, 4326)) order by a.area_km2, a.id limit 1"""),
        {"scheme": profile.scheme, "on": profile.today(), "lon": lon, "lat": lat},
    ).one_or_none()
    return (row.id, row.code) if row else None


def chain_of(c: Connection, area_id: int, duty: list[Duty]) -> tuple[Answering, ...]:
    """The chain of an area from the top down with its posts; `duty` is shared out over it."""
    rows = c.execute(
        text("""select a.code, a.level, a.name, a.name_en,
                    (select jsonb_agg(jsonb_build_object('role', k.role, 'title', k.title, 'title_en', k.title_en,
                                          'extension', k.extension, 'team_id', k.team_id) order by k.id)
                     from contacts k where k.area_code = a.code) as contacts
                from area_ancestors u join areas own on own.id = u.area_id
                join lateral (select b.code, b.level, b.name, b.name_en from areas b
                              where b.code = u.ancestor_code and b.scheme = own.scheme
                              order by b.valid_to is null desc, b.valid_from desc limit 1) a on true
                where u.area_id = :id order by u.steps desc"""),
        {"id": area_id},
    )
    return tuple(
        Answering(
            row.code, row.level, row.name, row.name_en,
            tuple(Contact(**post) for post in row.contacts or ()),
            tuple(shift for shift in duty if shift.area_code == row.code),
        )
        for row in rows
    )  # fmt: skip


def nearest_teams(
    c: Connection,
    lon: float,
    lat: float,
    *,
    skill: str | None = None,
    kind: str | None = None,
    limit: int = 10,
) -> list[NearTeam]:
    """Teams that can be sent to a point (EPSG:4326), the nearest base first; `skill` and `kind` narrow."""
    rows = c.execute(
        text("""select t.id, t.code, t.name, t.name_en, t.kind, t.skills, t.people, t.area_code,
                    ST_X(t.geom) as lon, ST_Y(t.geom) as lat,
                    ST_Distance(t.geom::geography, ST_Point(:lon, :lat, 4326)::geography) as distance_m,
                    exists (select from dispatches d where d.team_id = t.id and d.drill_id is null
                            and d.state in ('sent', 'delivered', 'accepted', 'arrived')) as busy,
                    exists (select from duty_shifts s where s.team_id = t.id
                            and s.starts_at <= now() and s.ends_at > now()) as on_duty
                from teams t
                where t.active and (cast(:skill as text) is null or :skill = any(t.skills))
                  and (cast(:kind as text) is null or t.kind = :kind)
                order by distance_m, t.id limit :limit"""),
        {"lon": lon, "lat": lat, "skill": skill, "kind": kind, "limit": limit},
    )
    return [_team(dict(row._mapping)) for row in rows]  # noqa: SLF001 - the row's public mapping


def team(c: Connection, team_id: int) -> dict[str, Any]:
    """Key, code, names, account and whether it may be sent, of one team."""
    row = c.execute(
        text("select id, code, name, name_en, kind, area_code, account_id, active from teams where id = :id"),
        {"id": team_id},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no team {team_id}.")
    return dict(row._mapping)  # noqa: SLF001 - the row's public mapping


def named_place(c: Connection, lon: float, lat: float, *, within_m: float = 300.0) -> str | None:
    """The nearest named place or road, to say where a point is; None when nothing with a name is near."""
    nearest = """(select name, geom, {kind} as kind from {table} where name <> '' and geom_3857 && ST_Expand(h.here, :wide)
                  order by geom_3857 <-> h.here limit 3)"""
    row = c.execute(
        text(f"""with h as (select ST_Transform(ST_Point(:lon, :lat, 4326), 3857) as here,
                                   ST_Point(:lon, :lat, 4326)::geography as spot)
                 select n.name from h cross join lateral (
                     {nearest.format(kind=0, table="roads")} union all {nearest.format(kind=1, table="places")}) n
                 where ST_DWithin(n.geom::geography, h.spot, :within)
                 order by ST_Distance(n.geom::geography, h.spot), n.kind limit 1"""),
        {"lon": lon, "lat": lat, "within": within_m, "wide": within_m / math.cos(math.radians(lat))},
    ).one_or_none()
    return row.name if row else None


def _team(told: dict[str, Any]) -> NearTeam:
    distance = round(told.pop("distance_m"))
    skills = tuple(told.pop("skills"))
    return NearTeam(**told, skills=skills, distance_m=distance, about_min=round(distance / PACE_M_PER_MIN, 1))
