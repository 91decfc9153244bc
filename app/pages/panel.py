"""Fills a panel off the event loop, and turns whatever goes wrong into one of its designed states."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from anyio.to_thread import run_sync
from dash import html
from sqlalchemy import Connection

from app.components import states
from app.http.guard import current_account
from app.http.house import House
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.errors import Denied, Refused, Unavailable

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, in which words, at what moment."""

    account: Account
    terms: Terms
    now: datetime


async def filled(
    house: House, terms: Terms, fill: Callable[[Connection, Asker], T], otherwise: Callable[[html.Div], T]
) -> T:
    """What `fill` reads from the database, else `otherwise` of the state that says why not."""
    account = current_account()
    if account is None:
        return otherwise(signed_out(terms))
    asker = Asker(account, terms, datetime.now(UTC))

    def read() -> T:
        with house.reading() as c:
            return fill(c, asker)

    try:
        return await run_sync(read)
    except Denied:
        return otherwise(states.denied(terms))
    except Refused as fault:
        return otherwise(states.failed(terms, refusal(terms, fault), again=isinstance(fault, Unavailable)))
    except Exception:
        number = secrets.token_hex(4)
        log.exception("defect %s", number)
        return otherwise(states.failed(terms, terms("state.failed", number=number)))


def refusal(terms: Terms, fault: Refused) -> str:
    """Why something was refused: the error's own sentence in English, its kind's sentence in Chinese."""
    return str(fault) if terms.language == "en" else terms.either("refused", fault.code)


def signed_out(terms: Terms) -> html.Div:
    """The session has ended while the page was open."""
    return html.Div(
        [html.P(terms("state.signed_out")), html.A(terms("state.sign_in"), href="/", className="button")],
        className="state state-denied",
    )
