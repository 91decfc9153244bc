"""What makes the demo live: places of crowds, teams, posts and the roster; each is added where it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geodata.store.locks import Lock, hold

DUTY_OF = (
    ("commander", "commander"),
    ("deputy", "admin"),
    ("watch", "operator"),
)  # (duty, role of the account)


@dataclass(frozen=True, slots=True)
class CrowdPlace:
    """A place where crowds gather; its outline is WKB of a multipolygon, EPSG:4326."""

    code: str
    name: str
    name_en: str
    kind: str
    mode: str
    capacity_people: int
    walkable_share: float
    outline_wkb: bytes


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its base (EPSG:4326); it belongs to an `area` by name, or to that of level `within` around its base."""

    code: str
    name: str
    name_en: str
    kind: str
    skills: tuple[str, ...]
    people: int
    within: str | None
    area: str | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Contact:
    """A post that answers for an area."""

    area_code: str
    role: str
    title: str
    title_en: str
    extension: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A team on duty."""

    team: str
    starts_at: datetime
    ends_at: datetime


ADD_PLACE = """
insert into crowd_places (code, name, name_en, kind, mode, capacity_people, walkable_share, geom, area_id)
select :code, :name, :name_en, :kind, :mode, :capacity_people, :walkable_share, g.geom,
       (select a.id from areas a where a.scheme = :scheme and a.valid_to is null
          and ST_Covers(a.geom, ST_PointOnSurface(g.geom)) order by a.area_km2 limit 1)
from (select ST_Multi(ST_SetSRID(ST_GeomFromWKB(:outline_wkb), 4326)) as geom) g
on conflict (code) do nothing
"""
ADD_TEAM = """
insert into teams (code, name, name_en, kind, skills, people, geom, area_code)
select :code, :name, :name_en, :kind, :skills, :people, g.geom,
       (select a.code from areas a where a.scheme = :scheme and a.valid_to is null
          and (a.name = :area or (a.level = :within and ST_Covers(a.geom, g.geom))) limit 1)
from (select ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) as geom) g
on conflict (code) do nothing
"""
ADD_CONTACT = """
insert into contacts (area_code, role, title, title_en, extension, team_id)
select :area_code, :role, :title, :title_en, :extension,
       (select t.id from teams t where :role = 'subdistrict_lead' and t.kind = 'grid' and t.area_code = :area_code limit 1)
where not exists (select from contacts where area_code = :area_code and role = :role)
"""
ADD_TEAM_SHIFT = """
insert into duty_shifts (role, team_id, area_code, starts_at, ends_at)
select 'team', t.id, t.area_code, :starts_at, :ends_at from teams t
where t.code = :team and t.active
"""
ADD_ACCOUNT_SHIFT = """
insert into duty_shifts (role, account_id, area_code, starts_at, ends_at)
select :duty, a.id, a.area_code, :starts_at, :ends_at from accounts a
where a.role = :role and not a.disabled
  and not exists (select from duty_shifts d where d.role = :duty and d.starts_at = :starts_at)
"""


def one_at_a_time(c: Connection) -> None:
    """Wait until nobody else adds these rows; held until the transaction ends."""
    hold(c, Lock.LIVE_ROWS)


def add_crowd_places(c: Connection, scheme: str, places: Sequence[CrowdPlace]) -> None:
    """Add the places whose code is new, each in the finest area that holds its middle."""
    _each(c, ADD_PLACE, [asdict(place) | {"scheme": scheme} for place in places])


def add_teams(c: Connection, scheme: str, teams: Sequence[Team]) -> None:
    """Add the teams whose code is new, in the area around their base."""
    _each(c, ADD_TEAM, [asdict(team) | {"scheme": scheme, "skills": list(team.skills)} for team in teams])


def add_contacts(c: Connection, contacts: Sequence[Contact]) -> None:
    """Add the posts of areas that have none of that role; a sub-district's is called through its grid team."""
    known = {(row.area_code, row.role) for row in c.execute(text("select area_code, role from contacts"))}
    _each(c, ADD_CONTACT, [asdict(one) for one in contacts if (one.area_code, one.role) not in known])


def add_team_shifts(c: Connection, shifts: Sequence[Shift]) -> None:
    """Put teams on duty in the shifts that have none; a shift that somebody filled stays as it is."""
    told = c.execute(text("select distinct starts_at from duty_shifts where role = 'team'")).scalars()
    filled = set(told)
    _each(c, ADD_TEAM_SHIFT, [asdict(shift) for shift in shifts if shift.starts_at not in filled])


def add_account_shifts(c: Connection, slots: Sequence[tuple[datetime, datetime]]) -> None:
    """Put accounts on duty by their role in the shifts that have nobody for that duty."""
    _each(c, ADD_ACCOUNT_SHIFT, [
        {"duty": duty, "role": role, "starts_at": start, "ends_at": end}
        for start, end in slots for duty, role in DUTY_OF
    ])  # fmt: skip


def missing_feeds(c: Connection, keys: Iterable[str]) -> list[str]:
    """Those of the keys that no feed has, retired ones counting as there."""
    known = set(c.execute(text("select key from feeds")).scalars())
    return [key for key in keys if key not in known]


def _each(c: Connection, sql: str, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        c.execute(text(sql), rows)
