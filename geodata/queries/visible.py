"""Which areas lie in which: what an account that is bound to an area may be told."""

from __future__ import annotations

from sqlalchemy import Connection, text


def areas_above(c: Connection) -> dict[str, frozenset[str]]:
    """For every area code the codes of all areas that hold it, itself included."""
    rows = c.execute(
        text("""select a.code, array_agg(distinct u.ancestor_code)
                from areas a join area_ancestors u on u.area_id = a.id group by a.code""")
    )
    return {code: frozenset(above) for code, above in rows}
