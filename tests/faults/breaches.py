"""Breaches whose number is known, sent until they are taken, while whatever runs is killed at random; and the count."""

from __future__ import annotations

import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.faults.world import World, world

EPISODES = (
    5  # of each sensor, two hours of its own time apart: longer than what would still be the same alert
)
SENDERS = 2
# Minutes and values of one breach: into danger, still there, back to normal, and long enough so to end.
COURSE = ((0, 45.0), (1, 46.0), (2, 3.0), (15, 3.0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was sent, what was found, and what was killed meanwhile."""

    breaches: int
    lost: int
    raised_twice: int
    announced_twice: int
    seconds: float
    resent: int
    kills: dict[str, int]

    def as_dict(self) -> dict[str, float | int | str]:
        """For the bench: units in the names."""
        return {
            "breaches": self.breaches, "lost": self.lost, "raised_twice": self.raised_twice,
            "announced_twice": self.announced_twice, "seconds": round(self.seconds, 1), "batches_resent": self.resent,
            **{f"{what}_kills": times for what, times in self.kills.items()},
        }  # fmt: skip


def run(home: Path, breaches: int, *, lasts_s: float, seed: int = 1) -> Outcome:
    """Inject breaches over so many seconds while workers, web and database are killed; breaches divide by 10."""
    sensors = breaches // EPISODES
    began = time.monotonic()
    with world(home, sensors) as made:
        resent = _inject(made, sensors, lasts_s, seed)
        made.wait_ready()
        _settle(made)
        return _count(made, breaches, time.monotonic() - began, resent)


def _inject(made: World, sensors: int, lasts_s: float, seed: int) -> int:
    resent = [0] * SENDERS
    threads = [
        threading.Thread(
            target=_send,
            args=(made, list(range(1 + mine, sensors + 1, SENDERS)), lasts_s, resent, mine),
            daemon=True,
        )
        for mine in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    chance = random.Random(seed)
    while any(thread.is_alive() for thread in threads):
        time.sleep(chance.uniform(0.3, 2.0))
        what = chance.choice(("worker", "worker", "web", "database"))
        if what == "worker":
            made.kill_worker(chance.randrange(2))
        elif what == "web":
            made.kill_web()
        else:
            made.kill_database()
        made.wait_ready()  # a door that is never open would be sent nothing
    for thread in threads:
        thread.join()
    return sum(resent)


def batches(sensors: list[int]) -> Iterator[list[dict[str, Any]]]:
    """Rows of all sensors in the order of their times, some a batch; all in the past, none too old to keep."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2 * EPISODES + 1)
    for episode in range(EPISODES):
        for minute, value in COURSE:
            at = (start + timedelta(hours=2 * episode, minutes=minute)).isoformat()
            rows = [{"sensor": f"S{number}", "at": at, "value": value} for number in sensors]
            at_once = max(5, min(25, len(rows) // 4))  # many small transactions: more moments to be killed in
            for first in range(0, len(rows), at_once):
                yield rows[first : first + at_once]


def _send(made: World, sensors: list[int], lasts_s: float, resent: list[int], mine: int) -> None:
    """Send batch after batch, each until it was taken, spread over the time."""
    todo = list(batches(sensors))
    began = time.monotonic()
    for number, rows in enumerate(todo):
        while not _taken(made, rows):
            resent[mine] += 1
            time.sleep(0.2)
        pause_s = began + lasts_s * (number + 1) / len(todo) - time.monotonic()
        time.sleep(max(0.0, pause_s))


def _taken(made: World, rows: list[dict[str, Any]]) -> bool:
    request = urllib.request.Request(
        f"{made.url}/api/ingest/readings", json.dumps(rows).encode(), method="POST",
        headers={"Authorization": f"Bearer {made.token}", "Content-Type": "application/json"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            told = json.loads(answer.read())
    except urllib.error.HTTPError as fault:
        if fault.code < 500:
            raise AssertionError(f"{fault.code}: {fault.read()[:500]!r}") from fault
        return False
    except (OSError, ValueError):  # killed before, while or after it answered
        return False
    kept = told["accepted"] + told["late"] + told["repeated"] + told["jump"]
    assert kept == len(rows), told
    return True


def _settle(made: World, longest_s: float = 120.0) -> None:
    """Wait until nothing waits to be judged."""
    until = time.monotonic() + longest_s
    while time.monotonic() < until:
        made.mend()
        try:
            if made.waiting() == 0:
                return
        except DBAPIError:  # just started again
            made.engine.dispose()
        time.sleep(0.2)
    raise TimeoutError(f"{made.waiting()} batches were never judged; see {made.log.name}")


def _count(made: World, breaches: int, seconds: float, resent: int) -> Outcome:
    """Alerts of each sensor against its breaches; moves and happenings against alerts."""
    with made.engine.connect() as c:
        raised = c.execute(
            text("""select s.code, count(a.id) filter (where a.reopened = 0) + coalesce(sum(a.reopened), 0)
                    from sensors s left join alerts a on a.cause = 'sensor_level:' || s.code group by s.code""")
        ).all()
        moves = c.execute(
            text("""select count(*) from alert_moves m join alerts a on a.id = m.alert_id
                    where a.rule = 'sensor_level' and m.move = 'raise'""")
        ).scalar_one()
        happened = c.execute(
            text("""select count(*) from happenings where kind = 'alert' and move = 'raise'
                    and body ->> 'rule' = 'sensor_level'""")
        ).scalar_one()
    lost = sum(max(0, EPISODES - int(count)) for _, count in raised)
    twice = sum(max(0, int(count) - EPISODES) for _, count in raised)
    alerts = sum(int(count) for _, count in raised)
    return Outcome(
        breaches,
        lost,
        twice + abs(int(moves) - alerts),
        abs(int(happened) - alerts),
        seconds,
        resent,
        made.kills,
    )
