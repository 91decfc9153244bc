"""The counts of a ranking from the dossier's roll-up: no ticket row is touched."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.types import Question, Window

MEMBERS = """
    select u.area_id, u.ancestor_code as code from area_ancestors u
    where u.ancestor_code in (select code from areas where scheme = :scheme and level = :level)"""


def counted_by_area(
    c: Connection, profile: Profile, q: Question, before: Window | None, level: str
) -> dict[str, Any] | None:
    """Columns by code of a level (None: in no area of it): received now and before, due, on time, median hours.

    None when the roll-up cannot answer, or a version lies in two areas of the level.
    """
    counted = dossier_answers.areas_compared(c, profile, q, before)
    if counted is None:
        return None
    now, earlier = counted
    members = c.execute(text(MEMBERS), {"scheme": profile.scheme, "level": level}).all()
    code_of = {row.area_id: row.code for row in members}
    if len(code_of) != len(members):
        return None
    codes: list[str | None] = [*sorted(set(code_of.values())), None]
    place = {code: number for number, code in enumerate(codes)}
    medians = _medians(c, profile, q, {area: place[code] for area, code in code_of.items()}, len(codes))
    if medians is None:
        return None
    sums: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for area, told in now.items():
        for at, n in ((0, told.received), (2, told.due), (3, told.on_time)):
            sums[code_of.get(area)][at] += n
    for area, told in earlier.items():
        sums[code_of.get(area)][1] += told.received
    there = list(sums)
    counts, before_counts, dues, timely = ([column[at] for column in sums.values()] for at in range(4))
    return {
        "codes": there, "counts": counts, "earlier": before_counts, "dues": dues, "timely": timely,
        "medians": [medians[place[code]] for code in there],
    }  # fmt: skip


def _medians(
    c: Connection, profile: Profile, q: Question, group_of: dict[int, int], groups: int
) -> list[float | None] | None:
    """Of each group; areas in none come last."""
    took = dossier_answers.took_h(c, profile, q, group_of, groups)
    return None if took is None else [float(np.median(hours)) if len(hours) else None for hours in took]
