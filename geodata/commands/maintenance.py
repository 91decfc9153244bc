"""Maintenance windows: while somebody works on a device its alerts are written but not loud, and say why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.commands.outbox import Draft, Outbox
from geodata.errors import BadArgument, NotFound
from geodata.queries.escalation import waits
from geodata.rules.escalation import wait_s
from geodata.store.schema.rules import RULES

LONGEST = timedelta(days=31)
COLUMNS = "w.id, w.subject, w.area_code, w.starts_at, w.ends_at, a.name, w.why"


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A span in which causes that begin with `subject` are muted (in `area_code` only, if any)."""

    id: int
    subject: str
    area_code: str | None
    starts_at: datetime
    ends_at: datetime
    author: str | None
    why: str


# a cause lies in a window when it begins with its subject and, where the window names an area, lies in that area
COVERS = """starts_with({cause}, w.subject) and w.starts_at <= clock_timestamp() and w.ends_at > clock_timestamp()
    and (w.area_code is null or exists (select from area_ancestors x join areas z on z.id = x.area_id
                                        where z.code = {area} and x.ancestor_code = w.area_code))"""


def muting(c: Connection, cause: str, area_code: str | None) -> MaintenanceWindow | None:
    """The window that mutes a cause now, if any; the longest of several."""
    row = c.execute(
        text(f"""select {COLUMNS} from maintenance_windows w left join accounts a on a.id = w.account_id
                 where {COVERS.format(cause="cast(:cause as text)", area="cast(:area as text)")}
                 order by w.ends_at desc limit 1"""),
        {"cause": cause, "area": area_code},
    ).one_or_none()
    return MaintenanceWindow(*row) if row else None


def list_windows(c: Connection, *, ended_days: int = 7) -> list[MaintenanceWindow]:
    """Windows that are to come, hold, or ended within so many days; the next to end first."""
    rows = c.execute(
        text(f"""select {COLUMNS} from maintenance_windows w left join accounts a on a.id = w.account_id
                 where w.ends_at > now() - cast(:days as int) * interval '1 day' order by w.ends_at"""),
        {"days": ended_days},
    )
    return [MaintenanceWindow(*row) for row in rows]


def add_window(
    c: Connection,
    account: Account,
    subject: str,
    starts_at: datetime,
    *,
    ends_at: datetime,
    why: str,
    area_code: str | None = None,
) -> int:
    """Mute causes that begin with `subject` for a span of a month at most; gives its key."""
    _check(c, subject, (starts_at, ends_at), why, area_code)
    key = c.execute(
        text("""insert into maintenance_windows (subject, area_code, starts_at, ends_at, account_id, why)
                values (:subject, :area, :starts, :ends, :account, :why) returning id"""),
        {"subject": subject, "area": area_code, "starts": starts_at, "ends": ends_at, "account": account.id,
         "why": why.strip()},
    ).scalar_one()  # fmt: skip
    box = Outbox()
    box.add(Draft("maintenance", "add", key, area_code, None, {"subject": subject, "why": why.strip()}))
    box.send(c)
    return int(key)


def end_window(c: Connection, account: Account, window_id: int) -> None:
    """End a window now; one that has not begun is taken back."""
    row = c.execute(
        text(
            "select subject, area_code, starts_at <= now() from maintenance_windows where id = :id for update"
        ),
        {"id": window_id},
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such maintenance window; it may have been ended by somebody else.")
    begun = row[2]
    what = (
        "update maintenance_windows set ends_at = least(ends_at, clock_timestamp())"
        if begun
        else "delete from maintenance_windows"
    )
    c.execute(text(f"{what} where id = :id"), {"id": window_id})
    box = Outbox()
    box.add(Draft("maintenance", "end", window_id, row[1], None, {"subject": row[0], "by": account.name}))
    box.send(c)


def sync_mutes(c: Connection, outbox: Outbox) -> None:
    """Mute open alerts whose window has begun and let those be heard whose window is over."""
    covers = COVERS.format(cause="t.cause", area="t.area_code")
    rows = c.execute(
        text(f"""select t.id, t.cause, t.rule, t.level, t.state, t.area_code, t.drill_id, t.subject_name, t.escalation,
                        t.revision, f.id as window, f.why
                 from alerts t left join lateral (select w.id, w.why from maintenance_windows w where {covers}
                                                  order by w.ends_at desc limit 1) f on true
                 where t.closed_at is null and (t.muted_by is null) <> (f.id is null) for update of t""")
    ).all()
    for row in rows:
        heard = row.window is None and row.state == "raised"
        c.execute(
            text("""update alerts set muted_by = :window, changed_at = clock_timestamp(), revision = revision + 1,
                        escalates_at = clock_timestamp() + cast(:wait_s as float8) * interval '1 s' where id = :id"""),
            {
                "window": row.window,
                "wait_s": wait_s(row.level, row.escalation, waits(c)) if heard else None,
                "id": row.id,
            },
        )
        move = "mute" if row.window else "unmute"
        c.execute(
            text("""insert into alert_moves (alert_id, move, from_state, to_state, level, why)
                    values (:id, :move, :state, :state, :level, :why)"""),
            {"id": row.id, "move": move, "state": row.state, "level": row.level, "why": row.why},
        )
        loud = heard and row.level in ("warning", "danger")
        body = {"cause": row.cause, "rule": row.rule, "level": row.level, "state": row.state, "loud": loud,
                "subject_name": row.subject_name, "muted": row.window is not None, "revision": row.revision + 1}  # fmt: skip
        outbox.add(Draft("alert", move, row.id, row.area_code, row.drill_id, body))


def _check(
    c: Connection, subject: str, span: tuple[datetime, datetime], why: str, area_code: str | None
) -> None:
    starts_at, ends_at = span
    if not subject.startswith(RULES) and not any(rule.startswith(subject) for rule in RULES if subject):
        raise BadArgument("subject", f"subject must begin with a rule: {', '.join(RULES)}.")
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise BadArgument("starts_at", "Times need their offset, such as 2026-01-31T08:00:00+08:00.")
    if ends_at <= max(starts_at, datetime.now(ends_at.tzinfo)) or ends_at - starts_at > LONGEST:
        raise BadArgument("ends_at", "A window ends after it begins, in the future, and within 31 days.")
    if not why.strip() or len(why) > 300:
        raise BadArgument("why", "Say in a few words (300 characters at most) what is being done.")
    if (
        area_code
        and not c.execute(
            text("select exists (select from areas where code = :code)"), {"code": area_code}
        ).scalar()
    ):
        raise BadArgument("area_code", f"There is no area with the code “{area_code[:60]}”.")
