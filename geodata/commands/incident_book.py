"""What people write into an incident: notes, attachments, the check-list, and who has which role."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata import plans
from geodata.commands.accounts import Account
from geodata.commands.incidents import announce, lock, still_open
from geodata.commands.moving import allow, words
from geodata.errors import BadArgument, Denied, FileRefused, FileTooLarge, NotFound, Refused
from geodata.profile import Profile
from geodata.rules.scrub import scrub

ATTACHMENT_MOST_BYTES = 10 * 2**20
ATTACHMENTS_MOST = 40
BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
)
SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf", "text/plain": ".txt"}
UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def note(c: Connection, profile: Profile, account: Account, incident_id: int, body: str) -> int:
    """Write a note, scrubbed of persons; gives its key."""
    told = words("body", body, needed=True)
    row = _writable(c, profile, account, incident_id)
    made = c.execute(
        text(
            "insert into incident_notes (incident_id, account_id, body) values (:id, :account, :body) returning id"
        ),
        {"id": row.id, "account": account.id, "body": told},
    ).scalar_one()
    announce(c, row, "note", by=account.name)
    return int(made)


def attach(
    c: Connection, profile: Profile, account: Account, incident_id: int, *, name: str, content: bytes
) -> int:
    """Keep a file of at most 10 MB whose content, not its name, says JPEG, PNG, PDF or plain text; gives its key."""
    media_type = media_type_of(content)
    row = _writable(c, profile, account, incident_id)
    held = c.execute(
        text("select count(*) from incident_attachments where incident_id = :id"), {"id": row.id}
    ).scalar_one()
    if held >= ATTACHMENTS_MOST:
        raise Refused(f"Incident {row.number} holds {ATTACHMENTS_MOST} files already; no more fit.")
    made = c.execute(
        text("""insert into incident_attachments (incident_id, account_id, name, media_type, sha256, content)
                values (:id, :account, :name, :type, :sha256, :content) returning id"""),
        {"id": row.id, "account": account.id, "name": safe_name(name, media_type), "type": media_type,
         "sha256": hashlib.sha256(content).digest(), "content": content},
    ).scalar_one()  # fmt: skip
    announce(c, row, "attach", by=account.name)
    return int(made)


def check(
    c: Connection, profile: Profile, account: Account, incident_id: int, item: str, *, done: bool
) -> None:
    """Tick or untick an item of the plan's check-list."""
    row = _writable(c, profile, account, incident_id)
    still_open(row)
    plan = plans.load_plans().get(row.plan_key or "")
    if plan is None or plan.check(item) is None:
        raise BadArgument("item", f"The plan of incident {row.number} has no item “{item[:40]}”.")
    c.execute(
        text("""insert into incident_checks (incident_id, item, done, account_id) values (:id, :item, :done, :account)
                on conflict (incident_id, item) do update
                set done = excluded.done, at = clock_timestamp(), account_id = excluded.account_id
                where incident_checks.done <> excluded.done"""),
        {"id": row.id, "item": item, "done": done, "account": account.id},
    )
    announce(c, row, "check" if done else "uncheck", by=account.name, item=item)


def assign(
    c: Connection,
    profile: Profile,
    account: Account,
    incident_id: int,
    role: str,
    *,
    account_name: str | None = None,
    team_id: int | None = None,
) -> None:
    """Give a role of the incident to an account or to a team; the same again changes nothing."""
    row = lock(c, incident_id)
    allow(c, profile, account, row.area_id, row.area_code)
    still_open(row)
    if (account_name is None) == (team_id is None):
        raise BadArgument("team_id", "A role goes either to an account or to a team.")
    told = words("role", role, needed=True, most=40)
    if account_name is not None:
        found = c.execute(
            text("select id from accounts where name = :name and not disabled"), {"name": account_name}
        )
    else:
        found = c.execute(text("select id from teams where id = :id and active"), {"id": team_id})
    who = found.scalar_one_or_none()
    if who is None:
        raise NotFound("There is no such account or team.")
    column = "account_id" if account_name is not None else "team_id"
    c.execute(
        text(f"""insert into incident_people (incident_id, role, {column}) select :id, :role, :who
                 where not exists (select from incident_people
                                   where incident_id = :id and role = :role and {column} = :who)"""),
        {"id": row.id, "role": told, "who": who},
    )
    announce(c, row, "assign", by=account.name, role=told)


def media_type_of(content: bytes) -> str:
    """What a file is by its content; refused when it is none of the four kinds that are kept."""
    if not content:
        raise FileRefused("The file is empty.")
    if len(content) > ATTACHMENT_MOST_BYTES:
        raise FileTooLarge("The file is larger than 10 MB.")
    for beginning, media_type in BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    try:
        told = content.decode("utf-8")
    except UnicodeDecodeError:
        told = "\x00"
    if UNPRINTED.search(told):
        raise FileRefused("Only JPEG, PNG, PDF and plain text (UTF-8) are kept with an incident.")
    return "text/plain"


def safe_name(name: str, media_type: str) -> str:
    """A file's own name without folders, persons' numbers and odd characters, ending as its content says."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    plain = re.sub(r'[\x00-\x1f\x7f"<>|:*?;%/\\]+', "_", scrub(stem)).strip(" ._")[:80]
    return (plain or "file") + SUFFIX[media_type]


def _writable(c: Connection, profile: Profile, account: Account, incident_id: int) -> Row[Any]:
    """An incident that an account may write into: commanders of its area, and the teams that were sent to it."""
    row = lock(c, incident_id)
    sent = c.execute(
        text("""select exists (select from dispatches d join teams t on t.id = d.team_id
                               where d.incident_id = :id and t.account_id = :account)"""),
        {"id": row.id, "account": account.id},
    ).scalar()
    try:
        allow(c, profile, account, row.area_id, row.area_code)
    except Denied:
        if not sent:
            raise
    return row
