"""Pieces of a page as HTML: read off the event loop, and whatever goes wrong is one of a panel's designed states."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from dash.development.base_component import Component
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from app.components import states
from app.components.markup import markup
from app.http.guard import required_account
from app.http.house import House
from app.http.problems import STATUS
from app.pages.panel import Asker, refusal
from app.terms import Terms, language_of
from geodata.commands.accounts import Account
from geodata.errors import Denied, Refused
from geodata.types import Role

log = logging.getLogger(__name__)
Parts = Component | list[Component] | list[Component | None]


def piece(
    house: House, lang: str | None, fill: Callable[[Connection, Asker], Parts], roles: tuple[Role, ...]
) -> HTMLResponse:
    """What `fill` makes of the database for those roles, else why not, with the status a script can read."""
    terms = Terms(language_of(lang or house.profile.language))
    try:
        account = _one_of(roles)
        with house.reading() as c:
            return _html(fill(c, Asker(account, terms, datetime.now(UTC))))
    except Denied:
        return _html(states.denied(terms), 403)
    except Refused as fault:
        status = next(code for kind, code in STATUS.items() if isinstance(fault, kind))
        return _html(states.failed(terms, refusal(terms, fault)), status)
    except Exception:
        number = secrets.token_hex(4)
        log.exception("defect %s", number)
        return _html(states.failed(terms, terms("state.failed", number=number)), 500)


def _one_of(roles: tuple[Role, ...]) -> Account:
    account = required_account()
    if account.role not in roles:
        raise Denied("Your account may not see this.")
    return account


def _html(parts: Parts, status: int = 200) -> HTMLResponse:
    return HTMLResponse(markup(parts), status, headers={"Cache-Control": "no-store"})
