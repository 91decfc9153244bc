"""A clock that runs faster than ours and never ahead of it: what is played fast begins in the past and ends now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from etl.feeds.feeders import Feeder

Now = Callable[[], datetime]
WAIT_S = 0.25  # how long a stop may go unnoticed


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Begins at `start` when ours stood at `real_start` and runs `speed` times as fast until it meets ours."""

    start: datetime
    real_start: datetime
    speed: float
    real: Now

    def now(self) -> datetime:
        """What it shows."""
        real = self.real()
        return min(real, self.start + (real - self.real_start) * self.speed)

    def elapsed(self, at: datetime) -> float:
        """Seconds since it began, at a moment that it showed."""
        return (at - self.start).total_seconds()


def clock_for(lasts_s: float, speed: float, real: Now = utc_now) -> Clock:
    """A clock by which something of a length, played at a speed, ends in the present."""
    now = real()
    return Clock(now - timedelta(seconds=lasts_s * (1 - 1 / speed)), now, speed, real)


def beats(
    clock: Clock, feeders: Sequence[Feeder], until_s: float | None, stop: threading.Event
) -> Iterator[tuple[datetime, Feeder]]:
    """Each feeder at each of its moments, in order of the clock, until its end or until told to stop."""
    due = dict.fromkeys(range(len(feeders)), clock.start)
    while feeders and not stop.is_set():
        nth, moment = min(due.items(), key=lambda pair: pair[1])
        if until_s is not None and clock.elapsed(moment) > until_s:
            return
        while clock.now() < moment:
            if stop.wait(min(WAIT_S, (moment - clock.now()).total_seconds() / clock.speed + 0.001)):
                return
        yield moment, feeders[nth]
        # A sender that was held up goes on with the present; a moment of a fast clock is never left out.
        following = moment + timedelta(seconds=feeders[nth].every_s)
        behind = clock.now() - following
        if clock.speed <= 1 and behind > timedelta(seconds=feeders[nth].every_s):
            following = clock.now()
        due[nth] = following
