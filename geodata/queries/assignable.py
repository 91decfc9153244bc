"""Who can be given a role in an incident: the accounts of the centre that answer for its area."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text


class Post(NamedTuple):
    """An account by its name, role and area; None is the whole district."""

    name: str
    role: str
    area_code: str | None


def posts(c: Connection, area_code: str | None) -> list[Post]:
    """Accounts that may sign in and see the area, those bound to it first; screens and teams are no persons."""
    rows = c.execute(
        text("""select a.name, a.role, a.area_code from accounts a
                where not a.disabled and a.role not in ('screen', 'team')
                  and (a.area_code is null or a.area_code in (
                      select u.ancestor_code from areas b join area_ancestors u on u.area_id = b.id
                      where b.code = :area))
                order by a.area_code is null, a.role <> 'commander', a.name"""),
        {"area": area_code},
    )
    return [Post(*row) for row in rows]
