"""Setting how long alerts wait to be taken: a change ends a row and adds one, so who set what stays known."""

from __future__ import annotations

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.commands.moving import words
from geodata.errors import BadArgument
from geodata.rules.escalation import LONGEST_S, SHORTEST_S
from geodata.store import notices
from geodata.types import LEVELS, Level


def set_wait(c: Connection, account: Account, level: Level, wait_s: float | None, *, why: str | None) -> None:
    """Set the seconds of a level from now on, None for never; an alert that waits already keeps its time."""
    if level not in LEVELS:
        raise BadArgument("level", f"level must be one of {', '.join(LEVELS)}.")
    if wait_s is None and level == "danger":
        raise BadArgument("wait_s", "An alert of danger that nobody takes must go up; give it a time.")
    if wait_s is not None and not SHORTEST_S <= wait_s <= LONGEST_S:
        raise BadArgument("wait_s", "A time is from 10 seconds to 24 hours.")
    told = words("why", why, needed=True, most=300)
    c.execute(
        text("""update escalation_waits set valid_to = greatest(clock_timestamp(), valid_from + interval '1 microsecond')
                where level = :level and valid_to is null"""),
        {"level": level},
    )
    c.execute(
        text(
            "insert into escalation_waits (level, wait_s, author, why) values (:level, :wait_s, :author, :why)"
        ),
        {"level": level, "wait_s": wait_s, "author": account.name, "why": told},
    )
    body = {"level": level, "wait_s": wait_s, "by": account.name}
    notices.announce(c, "threshold", "escalation", None, body=body)
