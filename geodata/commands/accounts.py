"""Accounts: who may sign in, their passwords, browser sessions and bearer tokens; only hashes are stored.

Passwords are hashed with scrypt (RFC 7914) of the standard library; the parameters stand in the hash, so they can be
raised later without locking anybody out. Sessions and tokens are 256 random bits, stored as their SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import cast, get_args

from sqlalchemy import Connection, Row, text

from geodata.errors import BadArgument, NotFound
from geodata.types import ROLES, Role

SESSION_LIFE = timedelta(days=14)
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
SCRYPT_MEMORY_BYTES = 128 * 2**20
NAME = re.compile(r"[a-z][a-z0-9_.-]{1,39}")
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike on a printed sheet
COLUMNS = "a.id, a.name, a.role, a.area_code, a.disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """One who may sign in; `area_code` limits what it sees, None is the whole district."""

    id: int
    name: str
    role: Role
    area_code: str | None
    disabled: bool = False


def make_first(c: Connection) -> list[tuple[str, str]]:
    """Make one account for each role if there is none at all; gives names and passwords, once."""
    c.execute(text("lock table accounts in share row exclusive mode"))
    if c.execute(text("select exists (select from accounts)")).scalar():
        return []
    return [(role, add(c, role, role)) for role in ROLES]


def add(
    c: Connection, name: str, role: str, area_code: str | None = None, *, teams: Sequence[str] = ()
) -> str:
    """Make an account and give its password, which is kept nowhere else; one of role `team` answers for those teams."""
    if not NAME.fullmatch(name):
        raise BadArgument(
            "name",
            f"“{name}” cannot be an account's name: use 2 to 40 of a-z, 0-9, _ . - and begin with a letter.",
        )
    if role not in get_args(Role):
        raise BadArgument("role", f"There is no role “{role}”; the roles are {', '.join(get_args(Role))}.")
    if (role == "team") != bool(teams):
        raise BadArgument("team", "An account of role team names its team, and no other account has one.")
    if area_code and not _area_exists(c, area_code):
        raise BadArgument("area", f"There is no area with the code “{area_code}”.")
    password = _new_password()
    made = c.execute(
        text("""insert into accounts (name, role, area_code, password_hash) values (:name, :role, :area, :hash)
                on conflict (name) do nothing"""),
        {"name": name, "role": role, "area": area_code, "hash": hash_password(password)},
    )
    if not made.rowcount:
        raise BadArgument(
            "name", f"There is already an account “{name}”; choose another name, or reset its password."
        )
    for code in teams:
        _give_team(c, name, code)
    return password


def reset(c: Connection, name: str) -> str:
    """Give an account a new password, let it sign in again, and end its sessions and tokens."""
    password = _new_password()
    _change(c, name, "password_hash = :hash, disabled = false", hash=hash_password(password))
    _forget(c, name)
    return password


def disable(c: Connection, name: str) -> None:
    """Keep an account from signing in, and end its sessions and tokens."""
    _change(c, name, "disabled = true")
    _forget(c, name)


def list_accounts(c: Connection) -> list[Account]:
    """All accounts by name."""
    return [_account(row) for row in c.execute(text(f"select {COLUMNS} from accounts a order by a.name"))]


def make_token(c: Connection, name: str) -> str:
    """Make a bearer token that acts as the account; it is shown once."""
    token = secrets.token_urlsafe(32)
    made = c.execute(
        text(
            "insert into api_tokens (token_hash, account_id) select :hash, id from accounts where name = :name"
        ),
        {"hash": _digest(token), "name": name},
    )
    if not made.rowcount:
        raise NotFound(f"There is no account “{name}”.")
    return token


def verify(c: Connection, name: str, password: str) -> Account | None:
    """The account if the password is its own and it may sign in; takes equally long for a name that is none."""
    row = c.execute(
        text(f"select {COLUMNS}, a.password_hash from accounts a where a.name = :name"), {"name": name}
    ).one_or_none()
    right = _matches(password, row.password_hash if row else _hash_of_nobody())
    return _account(row) if row and right and not row.disabled else None


def open_session(c: Connection, account: Account, life: timedelta = SESSION_LIFE) -> str:
    """Start a browser session and give its token; ends those that have run out."""
    token = secrets.token_urlsafe(32)
    c.execute(text("delete from sessions where expires_at < now()"))
    c.execute(
        text("insert into sessions (token_hash, account_id, expires_at) values (:hash, :id, now() + :life)"),
        {"hash": _digest(token), "id": account.id, "life": life},
    )
    return token


def close_session(c: Connection, token: str) -> None:
    """End a browser session."""
    c.execute(text("delete from sessions where token_hash = :hash"), {"hash": _digest(token)})


def renew_session(c: Connection, token: str, life: timedelta = SESSION_LIFE) -> bool:
    """Let a session that still holds last as long again; whether there was one."""
    kept = c.execute(
        text(
            "update sessions set expires_at = now() + :life where token_hash = :hash and expires_at > now()"
        ),
        {"hash": _digest(token), "life": life},
    )
    return kept.rowcount == 1


def of_session(c: Connection, token: str) -> Account | None:
    """Whose browser session a token is."""
    return _holder(c, "sessions", "and held.expires_at > now()", token)


def of_token(c: Connection, token: str) -> Account | None:
    """Whose bearer token it is."""
    return _holder(c, "api_tokens", "", token)


def hash_password(password: str) -> str:
    """The scrypt hash of a password with its salt and cost: scrypt$n$r$p$salt$hash."""
    salt = secrets.token_bytes(16)
    key = _scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    return f"scrypt${SCRYPT_N}${SCRYPT_R}${SCRYPT_P}${_b64(salt)}${_b64(key)}"


def _matches(password: str, stored: str) -> bool:
    _, n, r, p, salt, key = stored.split("$")
    found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(key))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=SCRYPT_MEMORY_BYTES, dklen=32)


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _new_password() -> str:
    """Sixteen letters in groups of four, 80 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.name, cast("Role", row.role), row.area_code, row.disabled)


def _holder(c: Connection, table: str, also: str, token: str) -> Account | None:
    row = c.execute(
        text(f"""select {COLUMNS} from {table} held join accounts a on a.id = held.account_id
                 where held.token_hash = :hash {also} and not a.disabled"""),
        {"hash": _digest(token)},
    ).one_or_none()
    return _account(row) if row else None


def _change(c: Connection, name: str, change: str, **values: str) -> None:
    done = c.execute(text(f"update accounts set {change} where name = :name"), {"name": name, **values})
    if not done.rowcount:
        raise NotFound(f"There is no account “{name}”.")


def _give_team(c: Connection, name: str, code: str) -> None:
    """Let a team's tasks come to an account; a team has one inbox at a time."""
    row = c.execute(
        text("""select t.id, a.name, a.disabled from teams t left join accounts a on a.id = t.account_id
                where t.code = :code for update of t"""),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise BadArgument("team", f"There is no team with the code “{code[:60]}”.")
    if row.name is not None and not row.disabled:
        raise BadArgument(
            "team", f"The tasks of this team go to the account “{row.name}” already; disable it first."
        )
    c.execute(
        text("update teams set account_id = (select id from accounts where name = :name) where id = :id"),
        {"name": name, "id": row.id},
    )


def _forget(c: Connection, name: str) -> None:
    for table in ("sessions", "api_tokens"):
        c.execute(
            text(f"delete from {table} where account_id = (select id from accounts where name = :name)"),
            {"name": name},
        )


def _area_exists(c: Connection, code: str) -> bool:
    return bool(
        c.execute(text("select exists (select from areas where code = :code)"), {"code": code}).scalar()
    )
