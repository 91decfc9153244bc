"""Carrying up what nobody took in time."""

from __future__ import annotations

from sqlalchemy import Connection, text

from geodata.commands.findings import COLUMNS, LOUD, draft, note
from geodata.commands.outbox import Outbox
from geodata.queries.escalation import waits
from geodata.rules.escalation import STEPS, WAIT_S, wait_s


def escalate_due(c: Connection, outbox: Outbox, *, limit: int = 200) -> int:
    """Carry one step up every alert whose time is over and that nobody took; gives how many."""
    rows = c.execute(
        text(f"""select {COLUMNS}, escalates_at from alerts
                 where closed_at is null and state = 'raised' and muted_by is null and escalates_at <= clock_timestamp()
                 order by escalates_at limit :limit for update skip locked"""),
        {"limit": limit},
    ).all()
    times = waits(c) if rows else WAIT_S
    for row in rows:
        done = row.escalation + 1
        c.execute(
            text("""update alerts set escalation = :done, changed_at = clock_timestamp(), revision = revision + 1,
                        escalates_at = clock_timestamp() + cast(:wait_s as float8) * interval '1 s' where id = :id"""),
            {"done": done, "wait_s": wait_s(row.level, done, times), "id": row.id},
        )
        note(c, row.id, "escalate", row.state, after=row.state, level=row.level, why=f"{done}/{STEPS}")
        outbox.add(draft(row, "escalate", escalation=done, loud=row.level in LOUD))
    return len(rows)
