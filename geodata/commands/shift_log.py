"""Hand-over from shift to shift, with what stood open at that moment."""

from __future__ import annotations

import json

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.commands.moving import words
from geodata.errors import Denied, NotFound
from geodata.profile import Profile
from geodata.queries.shift_log import standing
from geodata.store import notices

MAY = ("commander", "operator", "admin")


def hand_over(c: Connection, profile: Profile, account: Account, body: str, *, to: str | None = None) -> int:
    """Write a hand-over, scrubbed of persons, with what stands open now; gives its key."""
    if account.role not in MAY:
        raise Denied("Only those on shift hand over: commanders, operators and administrators.")
    told = words("body", body, needed=True)
    taker = _taker(c, to) if to else None
    made = c.execute(
        text("""insert into shift_log (account_id, to_account_id, body, standing)
                values (:account, :to, :body, cast(:standing as jsonb)) returning id"""),
        {"account": account.id, "to": taker, "body": told,
         "standing": json.dumps(standing(c, profile, account.area_code), ensure_ascii=False)},
    ).scalar_one()  # fmt: skip
    notices.announce(
        c, "shift", "hand_over", made, area_code=account.area_code, body={"by": account.name, "to": to}
    )
    return int(made)


def _taker(c: Connection, name: str) -> int:
    found = c.execute(
        text("select id from accounts where name = :name and not disabled"), {"name": name}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no account “{name[:40]}” to hand over to.")
    return int(found)
