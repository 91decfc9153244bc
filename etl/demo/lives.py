"""The life of each ticket, from receipt to call-back, drawn whole; what has happened by a moment is a cut through it.

Steps stand in one fixed order, and each comes after those before it, so that a cut never shows an impossible state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.demo.rhythm import OfficeHours, Seconds
from etl.demo.streets import Floats, Ints
from geodata.commands.demo import EVENT_KINDS, TICKET_STATES

NEVER = np.int64(2**61)
MINUTE, HOUR, DAY = 60, 3600, 86_400
STEPS = (
    "received", "resolved_online", "merged", "transferred", "refused", "disputed", "signed", "reported_to_city",
    "co_handled", "extended", "handled", "escalated", "supervised", "closed", "followed_up",
)  # fmt: skip
AT = {name: place for place, name in enumerate(STEPS)}
# The state a ticket is in after a step; the other steps leave it as it was.
LEADS_TO = {
    "received": "received", "resolved_online": "resolved_online", "merged": "merged", "transferred": "transferred",
    "signed": "signed", "handled": "handling", "closed": "closed", "followed_up": "followed_up",
}  # fmt: skip
ONLINE = 0.531  # of service requests, so that all months have 21,457 of 62,102 resolved online
MERGED, LATE, CALLED_BACK = 0.014, 0.0095, 0.62
CHANCES = 24  # columns of chance that a life uses
NEVER_SATISFIED, SATISFIED, NEUTRAL, DISSATISFIED = -1, 0, 1, 2


@dataclass(frozen=True)
class Lives:
    """Steps by ticket: seconds since 1970 in UTC, NEVER where a step does not come."""

    steps: NDArray[np.int64]  # (tickets, steps)
    due: Seconds  # NEVER where answered online: nothing was handed over to be done by a day
    due_extended: Seconds  # once the extension was granted
    satisfaction: Ints


@dataclass(frozen=True)
class Cut:
    """How tickets stand at a moment."""

    state: Ints  # entry of TICKET_STATES
    due: Seconds
    closed: Seconds  # NEVER while open
    satisfaction: Ints
    ticket: Ints  # of each event, row of its ticket
    seq: Ints
    at: Seconds
    step: Ints


def live(
    received: Seconds, *, family: Ints, hours: Floats, priority: Ints, office: OfficeHours, zone_offset_s: int,
    late_share: Floats, chance: NDArray[np.float64],
) -> Lives:  # fmt: skip
    """Draw the lives; deadlines count office hours for service requests and plain hours for city cases."""
    rows = len(received)
    u = chance.T
    steps = np.full((rows, len(STEPS)), NEVER, np.int64)
    steps[:, AT["received"]] = received
    service = family == 0
    online = service & (u[0] < ONLINE)
    merged = ~online & (u[1] < MERGED)
    passed = ~online & ~merged
    due = np.where(service, office.later(received, hours), received + (hours * HOUR).astype(np.int64))
    _set(steps, "resolved_online", online, received + _some(u[2], 9 * MINUTE) + MINUTE)
    _set(steps, "merged", merged, received + _some(u[2], 90 * MINUTE) + 5 * MINUTE)
    sent = received + np.where(service, _some(u[2], 16 * MINUTE), _some(u[2], 6 * MINUTE)) + MINUTE
    _set(steps, "transferred", passed, sent)
    extended = passed & (u[3] < np.where(hours >= 24, 0.035, 0.004))
    later = due + (hours * HOUR * 0.6).astype(np.int64) + np.where(service, DAY, 0)
    limit = np.where(extended, later, due)
    late = u[9] < late_share
    closed = _closing(sent, limit, extended=extended, late=late, zone_offset_s=zone_offset_s, u=u)
    _between(
        steps,
        passed,
        sent,
        closed=closed,
        limit=limit,
        extended=extended,
        late=late & passed,
        priority=priority,
        u=u,
    )
    steps[(steps < NEVER) & (steps > closed[:, None]) & passed[:, None]] = NEVER
    _set(steps, "closed", passed, closed)
    called = (passed & service & (u[4] < CALLED_BACK)) | (online & (u[4] < 0.07))
    ended = np.where(online, steps[:, AT["resolved_online"]], closed)
    _set(steps, "followed_up", called, ended + 2 * HOUR + _some(u[5], 22 * HOUR))
    pleased = np.where(
        u[6] < np.where(late, 0.80, 0.962), SATISFIED, np.where(u[6] < 0.985, NEUTRAL, DISSATISFIED)
    )
    due, later = (np.where(online, NEVER, when) for when in (due, np.where(extended, later, due)))
    return Lives(steps, due, later, np.where(called, pleased, NEVER_SATISFIED))


def _some(u: Floats, mean_s: float) -> Seconds:
    """Waiting with this mean, most of it short."""
    return np.asarray(-np.log1p(-np.minimum(u, 0.9995)) * mean_s, np.int64)


def _set(steps: NDArray[np.int64], name: str, which: NDArray[np.bool_], at: Seconds) -> None:
    steps[which, AT[name]] = at[which]


def _closing(
    sent: Seconds,
    limit: Seconds,
    *,
    extended: NDArray[np.bool_],
    late: NDArray[np.bool_],
    zone_offset_s: int,
    u: Floats,
) -> Seconds:
    """When work ends: mostly well inside the deadline and by day, a few long after."""
    room = np.maximum(limit - sent, 20 * MINUTE)
    used = np.where(extended, 0.55 + 0.42 * u[7], 0.06 + 0.9 * u[7] ** 1.6)
    closed = sent + (room * used).astype(np.int64)
    local = (closed + zone_offset_s) % DAY
    night = (local < 7 * HOUR) | (local > 22 * HOUR)
    evening = closed - (local - 17 * HOUR) % DAY + (u[8] * 4.5 * HOUR).astype(np.int64)
    closed = np.where(night & (evening > sent + 30 * MINUTE) & (evening < closed), evening, closed)
    overrun = np.where(u[10] < 0.08, _some(u[11], 24 * DAY), _some(u[11], 1.6 * DAY)) + 10 * MINUTE
    in_time = np.minimum(closed, np.maximum(limit, sent + HOUR))
    return np.asarray(np.where(late, np.maximum(limit, sent) + overrun, in_time))


def _between(
    steps: NDArray[np.int64], passed: NDArray[np.bool_], sent: Seconds, *, closed: Seconds, limit: Seconds,
    extended: NDArray[np.bool_], late: NDArray[np.bool_], priority: Ints, u: Floats,
) -> None:  # fmt: skip
    """The steps between handing over and closing, each at its share of the way."""

    def at(share: Floats | float) -> Seconds:
        return np.asarray(sent + ((closed - sent) * share).astype(np.int64))

    signed = 0.02 + 0.12 * u[12]
    _set(steps, "refused", passed & (u[13] < 0.018), at(signed * 0.35))
    _set(steps, "disputed", passed & (u[14] < 0.006), at(signed * 0.7))
    _set(steps, "signed", passed, at(signed))
    _set(steps, "reported_to_city", passed & (u[15] < 0.011), at(signed + 0.04))
    _set(steps, "co_handled", passed & (u[16] < 0.024), at(signed + 0.08))
    _set(steps, "extended", extended, at(0.27 + 0.1 * u[17]))
    _set(steps, "handled", passed & (u[18] < np.where(priority <= 2, 0.66, 0.58)), at(0.4 + 0.3 * u[19]))
    overdue = np.maximum(at(0.75), limit + 2 * MINUTE)  # a late case goes up once its deadline has passed
    _set(steps, "escalated", late & (u[20] < 0.5), overdue)
    pressed = np.where(late, overdue + 2 * MINUTE, at(0.8 + 0.15 * u[22]))
    _set(steps, "supervised", passed & (u[21] < np.where(late, 0.7, 0.008)), pressed)


def cut(lives: Lives, now: int) -> Cut:
    """How the tickets stand at a moment (seconds since 1970 in UTC)."""
    happened = lives.steps <= now
    ticket, step = np.nonzero(happened)
    begins = np.cumsum(happened.sum(axis=1)) - happened.sum(axis=1)
    seq = np.arange(len(ticket)) - begins[ticket] + 1
    states = np.array([TICKET_STATES.index(LEADS_TO[name]) if name in LEADS_TO else -1 for name in STEPS])
    leads = np.where(happened & (states >= 0), np.arange(len(STEPS)), -1)
    state = states[leads.max(axis=1)]
    ends = [AT["resolved_online"], AT["merged"], AT["closed"]]
    closed = lives.steps[:, ends].min(axis=1)
    granted = happened[:, AT["extended"]]
    return Cut(
        state, np.where(granted, lives.due_extended, lives.due), np.where(closed <= now, closed, NEVER),
        np.where(happened[:, AT["followed_up"]], lives.satisfaction, NEVER_SATISFIED),
        ticket, seq, lives.steps[ticket, step], step,
    )  # fmt: skip


def event_words() -> list[Any]:
    """The event kind of each step, as the database spells it."""
    assert set(STEPS) <= set(EVENT_KINDS)
    return list(STEPS)
