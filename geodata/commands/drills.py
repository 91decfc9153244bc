"""Drills 演练: begun with feeds of their own, and ended so that nothing of them stays open on any screen."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands import findings, incidents
from geodata.commands.feeds import add_feed, make_feed_token
from geodata.commands.outbox import Draft, Outbox
from geodata.errors import Refused
from geodata.plans import load_plans
from geodata.queries.drills import report
from geodata.store import notices
from geodata.store.locks import Lock, hold

OVER = "演练结束"
QUIET_S = 180.0  # a drill whose feeds said nothing for so long has lost its player
INTERVAL_S = {"crowd": 5.0, "readings": 10.0, "tickets": 60.0}


@dataclass(frozen=True, slots=True)
class Begun:
    """A drill that has begun, with a token for each kind of its feeds."""

    id: int
    tokens: dict[str, str]


def begin(c: Connection, plan_key: str, kinds: Iterable[str], *, account_id: int | None = None) -> Begun:
    """Begin a drill of a plan with feeds of some kinds; refused while another one runs."""
    plan = load_plans().get(plan_key)
    if plan is None or not plan.script:
        known = ", ".join(sorted(key for key, other in load_plans().items() if other.script))
        raise Refused(f"There is no plan “{plan_key}” that can be drilled; there are {known}.")
    hold(c, Lock.DRILL)
    _refuse_second(c)
    drill_id = int(c.execute(
        text("insert into drills (plan_key, account_id) values (:plan, :account) returning id"),
        {"plan": plan_key, "account": account_id},
    ).scalar_one())  # fmt: skip
    tokens = {}
    for kind in sorted(kinds):
        key = f"drill-{drill_id}-{kind}"
        add_feed(c, key, kind, title=f"演练{plan.title.zh}", title_en=f"Drill: {plan.title.en}",
                 interval_s=INTERVAL_S[kind], drill_id=drill_id)  # fmt: skip
        tokens[kind] = make_feed_token(c, key)
    notices.announce(c, "drill", "begin", drill_id, drill_id=drill_id, body=_body(plan_key))
    return Begun(drill_id, tokens)


def end(
    c: Connection, drill_id: int, *, first_at: datetime | None = None, broken: bool = False
) -> dict[str, Any]:
    """End a drill: keep its report, close what is open of it, retire its feeds; gives the report.

    A second end changes nothing and gives the report that was kept.
    """
    row = c.execute(
        text("select plan_key, state, report from drills where id = :id for update"), {"id": drill_id}
    ).one()
    if row.state != "running":
        return dict(row.report or {})
    told = report(c, drill_id, first_at)
    outbox = Outbox()
    c.execute(
        text("""update drills set state = :state, ended_at = clock_timestamp(), report = cast(:report as jsonb)
                where id = :id"""),
        {
            "id": drill_id,
            "state": "broken" if broken else "ended",
            "report": json.dumps(told, ensure_ascii=False),
        },
    )
    c.execute(text("update feeds set state = 'retired' where drill_id = :id"), {"id": drill_id})
    for table in ("intake", "watches"):
        c.execute(text(f"delete from {table} where drill_id = :id"), {"id": drill_id})
    _close_alerts(c, drill_id, outbox)
    closed = _close_incidents(c, drill_id)
    outbox.add(Draft("drill", "end", drill_id, None, drill_id, _body(row.plan_key)))
    outbox.send(c)
    for incident in closed:
        incidents.announce(c, incident, "review", "reviewed", by=OVER)
    return told


def _refuse_second(c: Connection) -> None:
    """Another drill that runs; one whose player is gone is ended as broken first."""
    rows = c.execute(
        text("""select d.id, d.started_at,
                    greatest(d.started_at, max(f.last_batch_at)) < now() - :quiet * interval '1 s' as lost
                from drills d left join feeds f on f.drill_id = d.id where d.state = 'running' group by d.id"""),
        {"quiet": QUIET_S},
    ).all()
    for row in rows:
        if not row.lost:
            raise Refused(f"Drill {row.id} is running since {row.started_at:%H:%M:%S} UTC; wait for its end.")
        end(c, row.id, broken=True)


def _close_alerts(c: Connection, drill_id: int, outbox: Outbox) -> None:
    rows = c.execute(
        text(f"select {findings.COLUMNS} from alerts where drill_id = :id and closed_at is null for update"),
        {"id": drill_id},
    ).all()
    for row in rows:
        after = "dealt_with" if row.state == "incident" else "cleared"
        c.execute(
            text("""update alerts set state = :state, closed_at = clock_timestamp(), changed_at = clock_timestamp(),
                        revision = revision + 1, escalates_at = null, reopens_until = null where id = :id"""),
            {"id": row.id, "state": after},
        )
        move = "deal" if after == "dealt_with" else "clear"
        findings.note(c, row.id, move, row.state, after=after, level=row.level, why=OVER)
        outbox.add(findings.draft(row, move, state=after, loud=False))


def _close_incidents(c: Connection, drill_id: int) -> list[Row[Any]]:
    """Close what nobody reviewed; gives the rows as they were, to be announced once everything is locked."""
    c.execute(
        text("""update dispatches set state = 'done', done_at = clock_timestamp(), why = coalesce(why, :why)
                where drill_id = :id and state not in ('done', 'refused')"""),
        {"id": drill_id, "why": OVER},
    )
    keys = c.execute(
        text("select id from incidents where drill_id = :id and state <> 'reviewed' order by id"),
        {"id": drill_id},
    ).scalars()
    rows = [incidents.lock(c, key) for key in keys.all()]
    for row in rows:
        incidents.step(c, row, "review", "reviewed", None, why=OVER)
    return rows


def _body(plan_key: str) -> dict[str, Any]:
    plan = load_plans().get(plan_key)
    return {
        "plan": plan_key,
        "title_zh": plan.title.zh if plan else plan_key,
        "title_en": plan.title.en if plan else plan_key,
    }
