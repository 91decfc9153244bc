"""Setting thresholds: a change ends a row and adds one, so who set what when stays known for good."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, text

from geodata.commands.accounts import Account
from geodata.commands.outbox import Draft, Outbox
from geodata.errors import BadArgument
from geodata.queries.threshold_subjects import known
from geodata.queries.thresholds import SYSTEM
from geodata.rules.defaults import DEFAULTS
from geodata.store.notices import INTAKE, tell
from geodata.store.schema.rules import RULES
from geodata.types import LEVELS

SUBJECT_ROOM, WHY_ROOM = 80, 300


def seed_defaults(c: Connection) -> int:
    """Write what is shipped where nobody has set anything; gives how many rows were added."""
    held = {
        (row.rule, row.subject): (row.author, row.limits)
        for row in c.execute(
            text("select rule, subject, author, limits from thresholds where valid_to is null")
        )
    }
    added = 0
    for (rule, subject), limits in DEFAULTS.items():
        author, stands = held.get((rule, subject), (SYSTEM, None))
        if author == SYSTEM and stands != json.loads(json.dumps(dict(limits))):
            _replace(c, rule, subject, limits, author=SYSTEM)
            added += 1
    return added


def set_limits(
    c: Connection,
    account: Account,
    rule: str,
    subject: str,
    limits: Mapping[str, Any] | None,
    *,
    why: str | None,
) -> None:
    """Set the numbers of a rule for a subject from now on; None goes back to what is shipped.

    The judge uses them with the next batch. Every page is told, because a level may stand differently now.
    """
    checked = None if limits is None else check(rule, subject, limits)
    known(c, rule, subject)
    if why and len(why) > WHY_ROOM:
        raise BadArgument("why", f"Say why in {WHY_ROOM} characters at most.")
    if checked is None:
        shipped = DEFAULTS.get((rule, subject))
        _replace(c, rule, subject, shipped, author=SYSTEM, why=f"{account.name}: {why or ''}".rstrip(": "))
    else:
        _replace(c, rule, subject, checked, author=account.name, why=why)
    tell(c, INTAKE, "thresholds")
    box = Outbox()
    box.add(Draft("threshold", "set" if checked else "reset", None, None, None,
                  {"rule": rule, "subject": subject, "by": account.name, "why": why}))  # fmt: skip
    box.send(c)


def check(rule: str, subject: str, limits: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers as they will be kept; refused with the one at fault."""
    if rule not in RULES:
        raise BadArgument("rule", f"There is no rule “{rule[:40]}”; the rules are {', '.join(RULES)}.")
    if not subject or len(subject) > SUBJECT_ROOM:
        raise BadArgument("subject", "A subject is a code, a kind, or * for all.")
    numbers = numbers_of(rule)
    for key, value in limits.items():
        if key not in numbers:
            raise BadArgument(
                key, f"The rule {rule} has no number “{key[:40]}”; it has {', '.join(numbers)}."
            )
        _check_number(key, value)
    _check_levels(limits)
    return {key: value for key, value in limits.items() if value is not None}


def numbers_of(rule: str) -> list[str]:
    """The numbers that a rule has: the levels that anybody uses, then the others."""
    told = {key for (of, _), numbers in DEFAULTS.items() if of == rule for key in numbers} | set(LEVELS)
    return [*LEVELS, *sorted(told - set(LEVELS))]


def _check_number(key: str, value: Any) -> None:
    if key == "unit" or value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadArgument(key, f"{key} must be a number.")
    if key not in LEVELS and value < 0:
        raise BadArgument(key, f"{key} cannot be below 0.")
    if key.endswith("_share") and key.startswith("release") and not 0 < value <= 1:
        raise BadArgument(key, f"{key} is a share above 0 and at most 1.")


def _check_levels(limits: Mapping[str, Any]) -> None:
    told = [float(limits[level]) for level in LEVELS if limits.get(level) is not None]
    steps = [later - earlier for earlier, later in pairwise(told)]
    if not (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        raise BadArgument("limits", "notice, watch, warning and danger must all rise, or all fall.")


def _replace(
    c: Connection,
    rule: str,
    subject: str,
    limits: Mapping[str, Any] | None,
    *,
    author: str,
    why: str | None = None,
) -> None:
    c.execute(
        text("""update thresholds set valid_to = greatest(clock_timestamp(), valid_from + interval '1 microsecond')
                where rule = :rule and subject = :subject and valid_to is null"""),
        {"rule": rule, "subject": subject},
    )
    if limits is not None:
        c.execute(
            text("""insert into thresholds (rule, subject, limits, valid_from, author, why)
                    values (:rule, :subject, cast(:limits as jsonb), clock_timestamp(), :author, :why)
                    on conflict do nothing"""),
            {"rule": rule, "subject": subject, "limits": json.dumps(dict(limits), ensure_ascii=False),
             "author": author, "why": why},
        )  # fmt: skip
