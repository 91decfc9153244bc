"""What the wall shows now, read in one go: what takes it over, what waits, who has it, the drill.

Incidents that were opened by hand stand beside the alerts: their cards tell the same, but for a measured value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from geodata.commands.accounts import Account
from geodata.plans import load_plans
from geodata.profile import Profile
from geodata.queries import alerts, cameras_near, crowd, hand_incidents, happenings, sensors
from geodata.queries.alerts import AlertCard
from geodata.queries.cameras_near import Seeing
from geodata.queries.handling import Handling, handling
from geodata.queries.happenings import RunningDrill
from geodata.rules.levels import Limits, rank
from geodata.types import Bilingual

LEAST = rank("watch")  # from this level an alert takes the wall over
FADES = timedelta(hours=2)  # a taken alert that nothing happened to for so long goes back to the queue
LINGERS = timedelta(seconds=45)  # one that was dealt with is shown so long, so that the room sees its end
MOST_OPEN = 60


@dataclass(frozen=True, slots=True)
class Focus:
    """The alert the wall is about, with all that stands on its card; `limits` where its scale is known."""

    card: AlertCard
    handling: Handling
    cameras: Sequence[Seeing]
    plan: Bilingual | None
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class WallNow:
    """One moment of the wall; `quiet_since` is when the last alert ended."""

    focus: Focus | None
    others: Sequence[AlertCard]
    drill: RunningDrill | None
    quiet_since: datetime | None
    at: datetime


def read_now(c: Connection, profile: Profile, account: Account, now: datetime) -> WallNow:
    """Read the moment for an account."""
    found = alerts.open_alerts(c, profile, account.area_code, limit=MOST_OPEN)
    hand = hand_incidents.open_by_hand(c, profile, account.area_code, since=now - LINGERS)
    told = [card for card in (*found, *hand) if card.muted is None and card.closed_at is None]
    chosen = choose(told, now) or _just_ended(c, profile, account, hand, now)
    rest = [card for card in told if chosen is None or card.id != chosen.id]
    others = sorted(rest, key=lambda card: (rank(card.level), card.raised_at), reverse=True)
    return WallNow(
        _focus(c, profile, chosen) if chosen else None,
        others,
        happenings.running_drill(c),
        happenings.quiet_since(c) if not told else None,
        now,
    )


def choose(cards: Sequence[AlertCard], now: datetime) -> AlertCard | None:
    """The alert that takes the wall over: the worst, a true one before a drill's, what nobody has before what is taken."""
    able = [card for card in cards if rank(card.level) >= LEAST and not faded(card, now)]
    return max(able, key=_weight, default=None)


def faded(card: AlertCard, now: datetime) -> bool:
    """Whether an alert was taken, or an incident opened by hand, and then nothing happened to it for long."""
    told_at = card.facts.get("value_at")  # of its newest value; observed_at is that of the one that raised it
    last = datetime.fromisoformat(told_at) if told_at else card.observed_at
    taken = card.state == "acknowledged" or card.rule == hand_incidents.RULE
    return taken and now - max(card.changed_at, last) > FADES


def _weight(card: AlertCard) -> tuple[int, bool, bool, datetime, int]:
    return rank(card.level), card.drill_id is None, card.state == "raised", card.raised_at, card.id


def _just_ended(
    c: Connection, profile: Profile, account: Account, hand: Sequence[AlertCard], now: datetime
) -> AlertCard | None:
    ended = alerts.list_alerts(c, profile, account.area_code, state="closed", since=now - LINGERS, limit=20)
    done = [
        card
        for card in (*ended, *hand)
        if card.state == "dealt_with"
        and card.closed_at
        and now - card.closed_at <= LINGERS
        and not card.muted
    ]
    return max(done, key=lambda card: (rank(card.peak_level), card.closed_at), default=None)


def alert_of(card: AlertCard) -> int | None:
    """The key of the alert a card tells of; None for an incident that no rule raised."""
    return None if card.rule == hand_incidents.RULE else card.id


def key_of(card: AlertCard) -> str:
    """What tells one card from another on the page."""
    alert = alert_of(card)
    return f"incident-{card.incident_id}" if alert is None else f"alert-{alert}"


def _focus(c: Connection, profile: Profile, card: AlertCard) -> Focus:
    plan = load_plans().get(card.plan_key or "")
    seen: Sequence[Seeing] = ()
    if card.lon is not None and card.lat is not None:
        seen = cameras_near.seeing(c, profile, card.lon, card.lat, limit=4)
    return Focus(
        card,
        handling(c, alert_of(card), card.incident_id),
        seen,
        plan.title if plan else None,
        _limits(c, card),
    )


def _limits(c: Connection, card: AlertCard) -> Limits | None:
    """The scale an alert's value stands on, where there is one and it rises."""
    limits = None
    if card.rule == "crowd_density" and card.subject_kind == "place":
        limits = crowd.limits_by_place(c).get(card.subject_key)
    elif card.rule == "sensor_level":
        own = sensors.card(c, card.subject_key)
        limits = Limits(own.notice_at, own.watch_at, own.warning_at, own.danger_at)
    return limits if limits and len(limits.set_ones()) > 1 and not limits.falling else None
