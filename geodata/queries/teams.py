"""All teams, also those that are not on call now, with the account that reads their tasks."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text


class Team(NamedTuple):
    """One team; `account` is who reads its tasks, None when the desk answers for it."""

    id: int
    code: str
    name: str
    name_en: str | None
    kind: str
    skills: tuple[str, ...]
    people: int
    area_code: str | None
    active: bool
    busy: bool
    account: str | None


def teams(c: Connection) -> list[Team]:
    """Every team by its code."""
    rows = c.execute(
        text("""select t.id, t.code, t.name, t.name_en, t.kind, t.skills, t.people, t.area_code, t.active,
                    exists (select from dispatches d where d.team_id = t.id and d.drill_id is null
                            and d.state in ('sent', 'delivered', 'accepted', 'arrived')) as busy,
                    a.name as account
                from teams t left join accounts a on a.id = t.account_id and not a.disabled order by t.code""")
    )
    return [Team(**(row._asdict() | {"skills": tuple(row.skills)})) for row in rows]
