"""Dispatches: a team is sent to an incident, told, accepts or refuses, arrives and is done; each step is a row."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from geodata.commands import incidents
from geodata.commands.accounts import Account
from geodata.commands.moving import Moved, allow, illegal, last_move, words
from geodata.errors import Denied, NotFound, Refused
from geodata.profile import Profile
from geodata.queries.responsible import team as team_of
from geodata.rules.alert_life import MOVERS, IllegalMove
from geodata.rules.incident_life import may, may_dispatch
from geodata.store import notices

TIME_OF = {"deliver": "delivered_at", "accept": "answered_at", "refuse": "answered_at", "arrive": "arrived_at",
           "done": "done_at"}  # fmt: skip
LOCKED_SQL = """
    select d.id, d.incident_id, d.team_id, d.task, d.state, d.drill_id, t.account_id as team_account_id,
           t.code as team_code, t.name as team_name, t.name_en as team_name_en, i.area_id, i.area_code, i.number
    from dispatches d join teams t on t.id = d.team_id join incidents i on i.id = d.incident_id"""


class Sent(NamedTuple):
    """A dispatch that was sent."""

    id: int
    state: str = "sent"


def send(  # noqa: PLR0917 - as others call it
    c: Connection, profile: Profile, account: Account, incident_id: int, team_id: int, task: str
) -> Sent:
    """Send a team to an incident; the first one sent moves the incident on."""
    told = words("task", task, needed=True, most=500)
    incident = incidents.lock(c, incident_id)
    allow(c, profile, account, incident.area_id, incident.area_code)
    incidents.still_open(incident)
    team = team_of(c, team_id)
    _can_be_sent(c, incident, team)
    made = c.execute(
        text("""insert into dispatches (incident_id, team_id, task, account_id, drill_id)
                values (:incident, :team, :task, :account, :drill) returning id"""),
        {
            "incident": incident.id,
            "team": team_id,
            "task": told,
            "account": account.id,
            "drill": incident.drill_id,
        },
    ).scalar_one()
    _note(c, made, ("send", None, "sent"), account.id)
    after = _move_on(c, incident, "dispatch", account)
    _announce(c, _locked(c, made), "send", "sent", by=account.name)
    if after:
        incidents.announce(c, incident, "dispatch", after, by=account.name)
    return Sent(int(made))


def deliver(c: Connection, account: Account) -> list[int]:
    """Mark what waits for an account's own teams as delivered, because their page shows it now; gives the keys."""
    rows = c.execute(
        text(
            f"{LOCKED_SQL} where d.state = 'sent' and t.account_id = :account order by d.id for update of d"
        ),
        {"account": account.id},
    ).all()
    for row in rows:
        _write(c, row, "deliver", "delivered", account.id)
    for row in rows:
        _announce(c, row, "deliver", "delivered", by=account.name)
    return [row.id for row in rows]


def accept(c: Connection, profile: Profile, account: Account, dispatch_id: int) -> Moved:
    """The team comes."""
    return _answer(c, profile, account, dispatch_id, "accept")


def refuse(
    c: Connection, profile: Profile, account: Account, dispatch_id: int, why: str | None = None
) -> Moved:
    """The team cannot come, and says why."""
    return _answer(c, profile, account, dispatch_id, "refuse", why=words("why", why, needed=True, most=500))


def arrive(c: Connection, profile: Profile, account: Account, dispatch_id: int) -> Moved:
    """The team is there; the first one that arrives moves the incident on."""
    return _answer(c, profile, account, dispatch_id, "arrive")


def done(c: Connection, profile: Profile, account: Account, dispatch_id: int) -> Moved:
    """The team has done its task."""
    return _answer(c, profile, account, dispatch_id, "done")


def _answer(
    c: Connection, profile: Profile, account: Account, dispatch_id: int, move: str, *, why: str | None = None
) -> Moved:
    incident = incidents.lock(c, _incident_of(c, dispatch_id))  # before its dispatch, as sending does
    row = _locked(c, dispatch_id)
    _may_answer(c, profile, account, row)
    try:
        after = may_dispatch(row.state, move)
    except IllegalMove as fault:
        if after_same(row.state, move):
            raise last_move(c, profile, "dispatch", row) or illegal(fault) from None
        raise illegal(fault) from None
    _write(c, row, move, after, account.id, why=why)
    moved = _move_on(c, incident, "handle", account) if move == "arrive" else None
    _announce(c, row, move, after, by=account.name)
    if moved:
        incidents.announce(c, incident, "handle", moved, by=account.name)
    return Moved(0, after)


def after_same(state: str, move: str) -> bool:
    """Whether an illegal move comes too late, because another answer was given before."""
    order = {"accept": ("accepted", "refused", "arrived", "done"), "refuse": ("refused", "arrived", "done"),
             "arrive": ("arrived", "refused", "done"), "done": ("done", "refused")}  # fmt: skip
    return state in order[move]


def _may_answer(c: Connection, profile: Profile, account: Account, row: Row[Any]) -> None:
    """The team's own account answers; a commander of the area answers for it, who speaks with it by radio."""
    if row.team_account_id == account.id:
        return
    if account.role not in MOVERS:
        raise Denied("This dispatch is for another team.")
    allow(c, profile, account, row.area_id, row.area_code)


def _can_be_sent(c: Connection, incident: Row[Any], team: dict[str, Any]) -> None:
    if not team["active"]:
        raise Refused(f"{team['name']} is not on call now; send another team.")
    there = c.execute(
        text("""select exists (select from dispatches where incident_id = :id and team_id = :team
                               and state in ('sent', 'delivered', 'accepted', 'arrived'))"""),
        {"id": incident.id, "team": team["id"]},
    ).scalar()
    if there:
        raise Refused(f"{team['name']} has been sent to incident {incident.number} already.")


def _move_on(c: Connection, incident: Row[Any], move: str, account: Account) -> str | None:
    """Move a locked incident where that is legal; None where it stands further on already."""
    try:
        after = may(incident.state, move)
    except IllegalMove:
        return None
    incidents.step(c, incident, move, after, account.id)
    return after


def _incident_of(c: Connection, dispatch_id: int) -> int:
    found = c.execute(
        text("select incident_id from dispatches where id = :id"), {"id": dispatch_id}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no dispatch {dispatch_id}.")
    return int(found)


def _locked(c: Connection, dispatch_id: int) -> Row[Any]:
    return c.execute(text(f"{LOCKED_SQL} where d.id = :id for update of d"), {"id": dispatch_id}).one()


def _write(
    c: Connection, row: Row[Any], move: str, after: str, account_id: int, *, why: str | None = None
) -> None:
    c.execute(
        text(f"""update dispatches set state = :after, {TIME_OF[move]} = clock_timestamp(),
                     why = coalesce(:why, why) where id = :id"""),
        {"id": row.id, "after": after, "why": why},
    )
    _note(c, row.id, (move, row.state, after), account_id, why)


def _note(
    c: Connection,
    dispatch_id: int,
    step: tuple[str, str | None, str],
    account_id: int,
    why: str | None = None,
) -> None:
    move, before, after = step
    c.execute(
        text("""insert into dispatch_moves (dispatch_id, move, from_state, to_state, account_id, why)
                values (:id, :move, :before, :after, :account, :why)"""),
        {
            "id": dispatch_id,
            "move": move,
            "before": before,
            "after": after,
            "account": account_id,
            "why": why,
        },
    )


def _announce(c: Connection, row: Row[Any], move: str, after: str, *, by: str) -> None:
    body = {"incident_id": row.incident_id, "number": row.number, "team_id": row.team_id, "team_code": row.team_code,
            "team_name": row.team_name, "team_name_en": row.team_name_en, "state": after, "by": by,
            "account_id": row.team_account_id}  # fmt: skip
    notices.announce(c, "dispatch", move, row.id, area_code=row.area_code, drill_id=row.drill_id, body=body)
