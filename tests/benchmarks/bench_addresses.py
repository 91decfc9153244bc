"""Addresses located: right, left unlocated and wrong by class of slip, and how many a second a load gets located."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import Connection, text

from app.setup import open_home
from geodata.queries.gazetteer import gazetteer
from geodata.rules.addresses.matcher import Matcher
from geodata.space import crs
from geodata.store.settings import Settings
from tests.benchmarks.address_set import Case, make
from tests.benchmarks.served import Served

NEEDS_HOME = False  # its database will do, which it starts itself; nothing is served
RIGHT_WITHIN_M = 100.0
ROWS = 200_000
NOT_HERE = "not here"


@dataclass
class Tally:
    """What became of the addresses of a class."""

    asked: int = 0
    right: int = 0
    unlocated: int = 0
    wrong: int = 0


def run(_: Served | None) -> dict[str, float | int | str]:
    """Shares over all classes and the pace; the table by class goes to standard error."""
    with open_home(Settings()) as (engine, profile), engine.connect() as c:
        matcher = gazetteer(c, profile)
        tallies, _faults = judged(matcher, make(c), profile.metric_srid)
        print(table(tallies), file=sys.stderr)
        return figures(tallies) | pace(c, matcher)


def judged(
    matcher: Matcher, cases: Sequence[Case], srid: int
) -> tuple[dict[str, Tally], list[tuple[Case, str]]]:
    """Tallies by class, and the cases that were not right with what was said of them."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    faults = []
    truths = crs.shapes_to_metric(
        np.array([case.truth or shapely.Point(0, 0) for case in cases], object), srid
    )
    for case, truth in zip(cases, truths, strict=True):
        found = matcher.verdict(case.address).best
        tally = tallies[case.kind]
        tally.asked += 1
        if found is None or found.quality == "area":
            tally.unlocated += 1
            tally.right += case.truth is None
            if case.truth is not None:
                faults.append((case, "unlocated"))
        elif case.truth is not None and truth.distance(shapely.Point(found.spot)) <= RIGHT_WITHIN_M:
            tally.right += 1
        else:
            tally.wrong += 1
            faults.append((case, f"{found.name} {found.score}"))
    return dict(tallies), faults


def figures(tallies: dict[str, Tally]) -> dict[str, float | int | str]:
    """Shares in percent of what exists, of what does not, and of all."""
    here = [tally for kind, tally in tallies.items() if not kind.startswith(NOT_HERE)]
    nowhere = [tally for kind, tally in tallies.items() if kind.startswith(NOT_HERE)]
    asked_here, asked_nowhere = (sum(tally.asked for tally in group) for group in (here, nowhere))
    wrong = sum(tally.wrong for tally in tallies.values())
    told: dict[str, float | int | str] = {
        "addresses": asked_here + asked_nowhere,
        "right_within_100_m_percent": 100 * sum(tally.right for tally in here) / asked_here,
        "left_unlocated_percent": 100 * sum(tally.unlocated for tally in here) / asked_here,
        "not_here_left_unlocated_percent": 100 * sum(tally.unlocated for tally in nowhere) / asked_nowhere,
        "wrong_and_confident_percent": 100 * wrong / (asked_here + asked_nowhere),
    }
    for kind, tally in tallies.items():
        key = kind.replace(":", "").replace(",", "").replace(" ", "_")
        told[f"{key}_right_percent"] = 100 * tally.right / tally.asked
    return told


def table(tallies: dict[str, Tally]) -> str:
    """By class: asked, right, unlocated, wrong."""
    lines = [f"{'class':<36}{'asked':>7}{'right':>7}{'unlocated':>11}{'wrong':>7}"]
    for kind, tally in tallies.items():
        lines.append(f"{kind:<36}{tally.asked:>7}{tally.right:>7}{tally.unlocated:>11}{tally.wrong:>7}")
    return "\n".join(lines)


def pace(c: Connection, matcher: Matcher) -> dict[str, float | int | str]:
    """Addresses of tickets located a second, by the clock and by the processor's, nothing kept from before."""
    rows = c.execute(
        text("select address from tickets where address is not null order by id limit :rows"), {"rows": ROWS}
    )
    addresses = list(rows.scalars())
    matcher.forget()
    began, busy = time.perf_counter(), time.process_time()
    found = matcher.locate_all(addresses)
    took, worked = time.perf_counter() - began, time.process_time() - busy
    return {
        "rows": len(addresses), "distinct": len(set(addresses)), "rows_per_s": len(addresses) / took,
        "rows_per_cpu_s": len(addresses) / worked,
        "located_percent": 100 * float(np.isfinite(found.lon).mean()) if addresses else 0.0,
    }  # fmt: skip
