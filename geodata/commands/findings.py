"""What the rules found, written down: an alert is raised once, grows, eases and clears; every step is a row.

One judge calls these. People move the same rows meanwhile, so each step locks its alert first; announcing comes after
all locks (see outbox), else two who wait for each other would never end.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands.finding import Finding
from geodata.commands.maintenance import muting
from geodata.commands.outbox import Draft, Outbox
from geodata.plans import fitting
from geodata.profile import Profile
from geodata.queries.escalation import waits
from geodata.rules.escalation import wait_s
from geodata.rules.levels import highest, rank
from geodata.types import LEVELS, Level

COLUMNS = """id, cause, rule, level, peak_level, state, subject_kind, subject_key, subject_name, subject_name_en,
             area_code, value, threshold, unit, muted_by, drill_id, revision, escalation, incident_id,
             st_x(geom) as lon, st_y(geom) as lat"""
LOUD: tuple[Level, ...] = ("warning", "danger")


def raise_or_grow(
    c: Connection,
    profile: Profile,  # noqa: ARG001 - the seam is shared
    finding: Finding,
    outbox: Outbox | None = None,
    *,
    fresh: bool = True,
) -> int | None:
    """Write a finding: the open alert of its cause takes its level, else one that just ended reopens, else a new one.

    Where two rules watch one thing, the open alert of the other is its own as well, so that the room has one card.

    Gives the alert's key. `fresh` says that the value came from normal; when it did not, what people have closed stays
    closed (None) unless it now stands higher than they ever saw it. Without an outbox it is announced at once, so
    nothing may be locked afterwards. Of a drill that is over nothing is raised any more (None).
    """
    if finding.drill_id and not _runs(c, finding.drill_id):
        return None
    box = Outbox() if outbox is None else outbox
    row = _open_beside(c, finding)
    key: int | None
    if row is not None:
        key = _level(c, row, finding, box, joins=fresh and row.cause != finding.cause)
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
    row = _open_beside(c, finding)
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
    beside: str | None = None,
    outbox: Outbox | None = None,
) -> int | None:
    """End the open alert of a cause, or of the one beside it, because its value is back to normal; None without one.

    One that led to an incident stays with it until people close that; the move is written all the same.
    """
    box = Outbox() if outbox is None else outbox
    row = _open(c, cause, drill_id) or (_open(c, beside, drill_id) if beside else None)
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
    """Bring the figures of an open alert up to date without a move; False when none is open.

    Of two rules that share an alert the one that leads tells its figures.
    """
    if finding.beside and not finding.beside.leads:
        return False
    done = c.execute(
        text(f"""update alerts set {_FIGURES}, facts = (facts - 'normal_since') || cast(:facts as jsonb)
                 where id = (select id from alerts where closed_at is null and coalesce(drill_id, 0) = :drill
                             and cause in (:cause, :beside) order by cause <> :cause limit 1)"""),
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


_FIGURES = """value = :value,
    threshold = case when cause = :cause then coalesce(:threshold, threshold) else :threshold end,
    cause = :cause, rule = :rule, unit = coalesce(:unit, unit),
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


def _open_beside(c: Connection, finding: Finding) -> Row[Any] | None:
    """The open alert of a cause, else that of the rule beside it, unless just one of the two is muted."""
    row = _open(c, finding.cause, finding.drill_id)
    if row is not None or finding.beside is None:
        return row
    row = _open(c, finding.beside.cause, finding.drill_id)
    if row is None or (row.muted_by is None) != (muting(c, finding.cause, finding.area_code) is None):
        return None
    return row


def _level(c: Connection, row: Row[Any], finding: Finding, box: Outbox, *, joins: bool = False) -> int:
    """Give an open alert another level; the same level only brings its figures up to date."""
    level = _together(row.level, finding)
    if row.level == level:
        return _join(c, row, finding, box) if joins else _refreshed(c, row, finding)
    grows = rank(level) > rank(row.level)
    move, waiting = ("grow" if grows else "ease"), row.state == "raised" and row.muted_by is None
    plan = fitting(finding.rule, finding.kind, level)
    c.execute(
        text(f"""update alerts set {_figures(finding)} level = :level, peak_level = :peak, reopens_until = null,
                     plan_key = case when :grows and state <> 'incident' then coalesce(:plan, plan_key) else plan_key end,
                     changed_at = clock_timestamp(), revision = revision + 1, escalates_at = {_ESCALATES}
                 where id = :id"""),
        _words(finding)
        | {"id": row.id, "level": level, "peak": highest(row.peak_level, level), "waits": waiting,
           "wait_s": wait_s(level, row.escalation, waits(c)), "grows": grows, "plan": plan and plan.key},
    )  # fmt: skip
    note(c, row.id, move, row.state, after=row.state, level=level)
    loud = grows and level in LOUD and row.muted_by is None
    box.add(draft(row, move, level=level, loud=loud, **_told(finding)))
    return int(row.id)


def _together(stands: Level, finding: Finding) -> Level:
    """The level of an open alert after a finding: of two rules that share it the worse counts, and easing never lifts it."""
    if finding.beside is None or finding.beside.level is None:
        return finding.level
    worse = highest(finding.level, finding.beside.level) or finding.level
    return min(worse, stands, key=rank) if finding.eases else max(stands, finding.level, key=rank)


def _join(c: Connection, row: Row[Any], finding: Finding, box: Outbox) -> int:
    """A second rule found what its alert already tells: noted, and not raised again."""
    c.execute(
        text(f"""update alerts set {_figures(finding)} changed_at = clock_timestamp(), revision = revision + 1
                 where id = :id"""),
        _words(finding) | {"id": row.id},
    )
    said = None if finding.value is None else f"{finding.value:.2f} {finding.unit or ''}".strip()
    note(c, row.id, "join", row.state, after=row.state, level=row.level, why=said)
    box.add(draft(row, "join", loud=False, **_told(finding)))
    return int(row.id)


def _refreshed(c: Connection, row: Row[Any], finding: Finding) -> int:
    refresh(c, finding)
    return int(row.id)


def _figures(finding: Finding) -> str:
    """What an update sets of the figures; nothing for a rule that does not lead."""
    if finding.beside and not finding.beside.leads:
        return ""
    return f"{_FIGURES}, facts = (facts - 'normal_since') || cast(:facts as jsonb),"


def _told(finding: Finding) -> dict[str, Any]:
    """What is announced of the figures; nothing for a rule that does not lead."""
    if finding.beside and not finding.beside.leads:
        return {}
    names = ("cause", "rule", "value", "threshold", "unit")
    return {name: getattr(finding, name) for name in names}


# one that grows is carried up no later than its new level says; one that eases waits as its new level says
_ESCALATES = """case when not :waits or cast(:wait_s as float8) is null then null
    when :grows then least(escalates_at, clock_timestamp() + cast(:wait_s as float8) * interval '1 s')
    else clock_timestamp() + cast(:wait_s as float8) * interval '1 s' end"""


def _last(c: Connection, finding: Finding) -> Row[Any] | None:
    return c.execute(
        text(f"""select {COLUMNS}, reopens_until from alerts
                 where cause in (:cause, :beside) and coalesce(drill_id, 0) = :drill and closed_at is not null
                 order by closed_at desc limit 1 for update"""),
        {"cause": finding.cause, "beside": _beside(finding), "drill": finding.drill_id or 0},
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
    plan = fitting(finding.rule, finding.kind, finding.level)
    c.execute(
        text(f"""update alerts set {_FIGURES}, facts = (facts - 'normal_since') || cast(:facts as jsonb),
                     level = :level, peak_level = :peak, state = 'raised', observed_at = :observed_at, accepted_at = :accepted_at,
                     closed_at = null, acknowledged_at = null, reopens_until = null, reopened = reopened + 1,
                     escalation = 0, muted_by = :muted, plan_key = coalesce(:plan, plan_key), changed_at = clock_timestamp(), revision = revision + 1,
                     escalates_at = clock_timestamp() + cast(:wait_s as float8) * interval '1 s'
                 where id = :id"""),
        _words(finding)
        | {"id": row.id, "peak": highest(row.peak_level, finding.level), "muted": muted and muted.id,
           "plan": plan and plan.key, "wait_s": None if muted else wait_s(finding.level, 0, waits(c))},
    )  # fmt: skip
    note(c, row.id, "reopen", "cleared", after="raised", level=finding.level)
    box.add(draft(row, "reopen", state="raised", level=finding.level, muted=bool(muted),
                  loud=finding.level in LOUD and not muted,
                  **{name: getattr(finding, name) for name in ("cause", "rule", "value", "threshold", "unit")}))  # fmt: skip
    return int(row.id)


def _raise(c: Connection, finding: Finding, box: Outbox) -> int:
    muted = muting(c, finding.cause, finding.area_code)
    plan = fitting(finding.rule, finding.kind, finding.level)
    words = _words(finding) | {
        "muted": muted and muted.id, "plan": plan and plan.key,
        "wait_s": None if muted else wait_s(finding.level, 0, waits(c)),
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
    return words | {"drill": finding.drill_id or 0, "beside": _beside(finding),
                    "outline": finding.outline_wkb,
                    "facts": json.dumps({**finding.facts, "value_at": finding.observed_at}, ensure_ascii=False, default=str)}  # fmt: skip


def _beside(finding: Finding) -> str:
    return finding.beside.cause if finding.beside else finding.cause
