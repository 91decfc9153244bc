"""What the rules found, written down: an alert is raised once, grows, eases and clears; every step is a row.

One judge calls these. People move the same rows meanwhile, so each step locks its alert first; announcing comes after
all locks (see outbox), else two who wait for each other would never end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands.maintenance import muting
from geodata.commands.outbox import Draft, Outbox
from geodata.plans import fitting
from geodata.profile import Profile
from geodata.rules.escalation import wait_s
from geodata.types import LEVELS, Level

COLUMNS = """id, cause, rule, level, peak_level, state, subject_kind, subject_key, subject_name, subject_name_en,
             area_code, value, threshold, unit, muted_by, drill_id, revision, escalation, incident_id,
             st_x(geom) as lon, st_y(geom) as lat"""
LOUD: tuple[Level, ...] = ("warning", "danger")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at a subject; `value` and `threshold` in `unit`, position and outline in EPSG:4326.

    `kind` is what sort of subject it is (a place's or sensor's kind), by which a plan is chosen; `reopen_s` is how
    long after it ended the same cause reopens the alert instead of raising another.
    """

    cause: str
    rule: str
    level: Level
    subject_kind: str
    subject_key: str
    subject_name: str
    observed_at: datetime
    subject_name_en: str | None = None
    kind: str | None = None
    area_id: int | None = None
    area_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    outline_wkb: bytes | None = None
    value: float | None = None
    threshold: float | None = None
    unit: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    accepted_at: datetime | None = None
    drill_id: int | None = None
    reopen_s: float = 600.0


def raise_or_grow(
    c: Connection,
    profile: Profile,  # noqa: ARG001 - the seam is shared
    finding: Finding,
    outbox: Outbox | None = None,
    *,
    fresh: bool = True,
) -> int | None:
    """Write a finding: the open alert of its cause takes its level, else one that just ended reopens, else a new one.

    Gives the alert's key. `fresh` says that the value came from normal; when it did not, what people have closed stays
    closed (None) unless it now stands higher than they ever saw it. Without an outbox it is announced at once, so
    nothing may be locked afterwards. Of a drill that is over nothing is raised any more (None).
    """
    if finding.drill_id and not _runs(c, finding.drill_id):
        return None
    box = Outbox() if outbox is None else outbox
    row = _open(c, finding.cause, finding.drill_id)
    key: int | None
    if row is not None:
        key = _level(c, row, finding, box)
    else:
        last = _last(c, finding)
        if not fresh and _seen_and_closed(last, finding):
            return None
        key = _reopen(c, last, finding, box) or _raise(c, finding, box)
    if outbox is None:
        box.send(c)
    return key


def ease(c: Connection, finding: Finding, outbox: Outbox | None = None) -> int | None:
    """Take the open alert of a cause down to the finding's level; None when there is none."""
    box = Outbox() if outbox is None else outbox
    row = _open(c, finding.cause, finding.drill_id)
    if row is None:
        return None
    key = _level(c, row, finding, box)
    if outbox is None:
        box.send(c)
    return key


def clear(
    c: Connection,
    cause: str,
    drill_id: int | None,
    at: datetime,
    *,
    reopen_s: float = 600.0,
    outbox: Outbox | None = None,
) -> int | None:
    """End the open alert of a cause because its value is back to normal; None when there is none.

    One that led to an incident stays with it until people close that; the move is written all the same.
    """
    box = Outbox() if outbox is None else outbox
    row = _open(c, cause, drill_id)
    if row is None:
        return None
    stays = row.state == "incident"
    c.execute(
        text("""update alerts set changed_at = clock_timestamp(), revision = revision + 1,
                    facts = facts || jsonb_build_object('normal_since', cast(:at as timestamptz)),
                    state = case when :stays then state else 'cleared' end,
                    closed_at = case when :stays then closed_at else clock_timestamp() end,
                    escalates_at = null, reopens_until = :until
                where id = :id"""),
        {"id": row.id, "at": at, "stays": stays, "until": at + timedelta(seconds=reopen_s)},
    )
    note(c, row.id, "clear", row.state, after="incident" if stays else "cleared", level=row.level)
    box.add(draft(row, "clear", state="incident" if stays else "cleared", loud=False))
    if outbox is None:
        box.send(c)
    return int(row.id)


def refresh(c: Connection, finding: Finding) -> bool:
    """Bring the figures of an open alert up to date without a move; False when none is open."""
    done = c.execute(
        text(f"""update alerts set {_FIGURES}, facts = facts || cast(:facts as jsonb)
                 where cause = :cause and coalesce(drill_id, 0) = :drill and closed_at is null"""),
        _words(finding),
    )
    return bool(done.rowcount)


def note(
    c: Connection,
    alert_id: int,
    move: str,
    before: str | None,
    *,
    after: str,
    level: str,
    why: str | None = None,
) -> None:
    """Write a move of the system."""
    c.execute(
        text("""insert into alert_moves (alert_id, move, from_state, to_state, level, why)
                values (:id, :move, :before, :after, :level, :why)"""),
        {"id": alert_id, "move": move, "before": before, "after": after, "level": level, "why": why},
    )


def draft(row: Row[Any], move: str, **more: Any) -> Draft:
    """What is announced of an alert; `row` has COLUMNS as they were before the move, `more` what is other now."""
    body = {name: getattr(row, name) for name in
            ("cause", "rule", "level", "state", "subject_kind", "subject_key", "subject_name", "subject_name_en",
             "value", "threshold", "unit", "lon", "lat", "revision", "incident_id")}  # fmt: skip
    body |= {"revision": row.revision + 1, "muted": row.muted_by is not None} | more
    return Draft("alert", move, row.id, row.area_code, row.drill_id, body)


_FIGURES = """value = :value, threshold = coalesce(:threshold, threshold),
    outline = coalesce(st_geomfromwkb(cast(:outline as bytea), 4326), outline),
    geom = coalesce(case when cast(:lon as float8) is null then null else st_point(:lon, :lat, 4326) end, geom)"""


def _runs(c: Connection, drill_id: int) -> bool:
    """Whether a drill still runs; its end waits for this transaction."""
    state = c.execute(text("select state from drills where id = :id for share"), {"id": drill_id}).scalar()
    return bool(state == "running")


def _open(c: Connection, cause: str, drill_id: int | None) -> Row[Any] | None:
    return c.execute(
        text(f"""select {COLUMNS} from alerts
                 where cause = :cause and coalesce(drill_id, 0) = :drill and closed_at is null for update"""),
        {"cause": cause, "drill": drill_id or 0},
    ).one_or_none()


def _level(c: Connection, row: Row[Any], finding: Finding, box: Outbox) -> int:
    """Give an open alert another level; the same level only brings its figures up to date."""
    if row.level == finding.level:
        refresh(c, finding)
        return int(row.id)
    grows = LEVELS.index(finding.level) > LEVELS.index(row.level)
    move, waits = ("grow" if grows else "ease"), row.state == "raised" and row.muted_by is None
    plan = fitting(finding.rule, finding.kind, finding.level)
    c.execute(
        text(f"""update alerts set {_FIGURES}, facts = (facts - 'normal_since') || cast(:facts as jsonb),
                     level = :level, peak_level = :peak, reopens_until = null,
                     plan_key = case when :grows and state <> 'incident' then coalesce(:plan, plan_key) else plan_key end,
                     changed_at = clock_timestamp(), revision = revision + 1, escalates_at = {_ESCALATES}
                 where id = :id"""),
        _words(finding)
        | {"id": row.id, "peak": max(row.peak_level, finding.level, key=LEVELS.index), "waits": waits,
           "wait_s": wait_s(finding.level, row.escalation), "grows": grows, "plan": plan and plan.key},
    )  # fmt: skip
    note(c, row.id, move, row.state, after=row.state, level=finding.level)
    loud = grows and finding.level in LOUD and row.muted_by is None
    box.add(
        draft(row, move, level=finding.level, value=finding.value, threshold=finding.threshold, loud=loud)
    )
    return int(row.id)


# one that grows is carried up no later than its new level says; one that eases waits as its new level says
_ESCALATES = """case when not :waits or cast(:wait_s as float8) is null then null
    when :grows then least(escalates_at, clock_timestamp() + cast(:wait_s as float8) * interval '1 s')
    else clock_timestamp() + cast(:wait_s as float8) * interval '1 s' end"""


def _last(c: Connection, finding: Finding) -> Row[Any] | None:
    return c.execute(
        text(f"""select {COLUMNS}, reopens_until from alerts where cause = :cause and coalesce(drill_id, 0) = :drill
                 order by closed_at desc limit 1 for update"""),
        {"cause": finding.cause, "drill": finding.drill_id or 0},
    ).one_or_none()


def _seen_and_closed(last: Row[Any] | None, finding: Finding) -> bool:
    if last is None or last.state == "cleared":
        return False
    return LEVELS.index(last.peak_level) >= LEVELS.index(finding.level)


def _reopen(c: Connection, row: Row[Any] | None, finding: Finding, box: Outbox) -> int | None:
    """Reopen the alert of a cause that cleared by itself a moment ago; what people closed is not brought back."""
    if row is None or row.state != "cleared" or row.reopens_until is None:
        return None
    if row.reopens_until < finding.observed_at:
        return None
    muted = muting(c, finding.cause, finding.area_code)
    c.execute(
        text(f"""update alerts set {_FIGURES}, facts = (facts - 'normal_since') || cast(:facts as jsonb),
                     level = :level, peak_level = :peak, state = 'raised', observed_at = :observed_at, accepted_at = :accepted_at,
                     closed_at = null, acknowledged_at = null, reopens_until = null, reopened = reopened + 1,
                     escalation = 0, muted_by = :muted, changed_at = clock_timestamp(), revision = revision + 1,
                     escalates_at = clock_timestamp() + cast(:wait_s as float8) * interval '1 s'
                 where id = :id"""),
        _words(finding)
        | {"id": row.id, "peak": max(row.peak_level, finding.level, key=LEVELS.index), "muted": muted and muted.id,
           "wait_s": None if muted else wait_s(finding.level, 0)},
    )  # fmt: skip
    note(c, row.id, "reopen", "cleared", after="raised", level=finding.level)
    box.add(draft(row, "reopen", state="raised", level=finding.level, value=finding.value,
                  threshold=finding.threshold, muted=bool(muted), loud=finding.level in LOUD and not muted))  # fmt: skip
    return int(row.id)


def _raise(c: Connection, finding: Finding, box: Outbox) -> int:
    muted = muting(c, finding.cause, finding.area_code)
    plan = fitting(finding.rule, finding.kind, finding.level)
    words = _words(finding) | {
        "muted": muted and muted.id, "plan": plan and plan.key,
        "wait_s": None if muted else wait_s(finding.level, 0),
    }  # fmt: skip
    row = c.execute(
        text(f"""insert into alerts (cause, rule, level, peak_level, subject_kind, subject_key, subject_name,
                    subject_name_en, area_id, area_code, value, threshold, unit, facts, observed_at, accepted_at,
                    escalates_at, muted_by, drill_id, plan_key, geom, outline)
                 values (:cause, :rule, :level, :level, :subject_kind, :subject_key, :subject_name, :subject_name_en,
                    :area_id, :area_code, :value, :threshold, :unit, cast(:facts as jsonb), :observed_at, :accepted_at,
                    clock_timestamp() + cast(:wait_s as float8) * interval '1 s', :muted, :drill_id, :plan,
                    case when cast(:lon as float8) is null then null else st_point(:lon, :lat, 4326) end,
                    st_geomfromwkb(cast(:outline as bytea), 4326))
                 returning {COLUMNS}"""),
        words,
    ).one()
    note(c, row.id, "raise", None, after="raised", level=finding.level, why=muted.why if muted else None)
    box.add(draft(row, "raise", revision=row.revision, loud=finding.level in LOUD and not muted))
    return int(row.id)


def _words(finding: Finding) -> dict[str, Any]:
    words = {name: getattr(finding, name) for name in
             ("cause", "rule", "level", "subject_kind", "subject_key", "subject_name", "subject_name_en", "area_id",
              "area_code", "lon", "lat", "value", "threshold", "unit", "observed_at", "accepted_at", "drill_id")}  # fmt: skip
    return words | {"drill": finding.drill_id or 0, "outline": finding.outline_wkb,
                    "facts": json.dumps({**finding.facts, "value_at": finding.observed_at}, ensure_ascii=False, default=str)}  # fmt: skip
