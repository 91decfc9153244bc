"""Questions kept by name, to be asked again."""

from __future__ import annotations

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.errors import BadArgument, NotFound, Refused

LONGEST_NAME, LONGEST_ADDRESS, MOST = 80, 4000, 200


def save(c: Connection, account: Account, name: str, address: str, *, shared: bool = False) -> int:
    """Keep an address of the planner's page by name; the same name of the same account is overwritten."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadArgument("name", f"A name has 1 to {LONGEST_NAME} characters.")
    path = address.split("?", maxsplit=1)[0]
    if path != "/planning" or len(address) > LONGEST_ADDRESS or any(sign in address for sign in '\r\n\\<>"'):
        raise BadArgument("address", "A question is an address of the planner's page: /planning?…")
    kept = text("select count(*) from saved_questions where account_id = :who and name <> :name")
    if c.execute(kept, {"who": account.id, "name": name}).scalar_one() >= MOST:
        raise Refused(f"You keep {MOST} questions already; delete one first.")
    return int(
        c.execute(
            text("""insert into saved_questions (name, account_id, shared, address, saved_at)
                    values (:name, :who, :shared, :address, now())
                    on conflict (account_id, name) do update
                        set address = excluded.address, shared = excluded.shared, saved_at = excluded.saved_at
                    returning id"""),
            {"name": name, "who": account.id, "shared": shared, "address": address},
        ).scalar_one()
    )


def share(c: Connection, account: Account, number: int, *, shared: bool) -> None:
    """Let others see a question of one's own, or no longer."""
    sql = "update saved_questions set shared = :shared where id = :id and account_id = :who"
    _one(c.execute(text(sql), {"id": number, "who": account.id, "shared": shared}).rowcount, number)


def delete(c: Connection, account: Account, number: int) -> None:
    """Forget a question of one's own."""
    sql = "delete from saved_questions where id = :id and account_id = :who"
    _one(c.execute(text(sql), {"id": number, "who": account.id}).rowcount, number)


def _one(touched: int, number: int) -> None:
    if not touched:
        raise NotFound(f"You keep no question with the number {number}.")
