"""What the store knows about itself that a reader needs: how far its tickets reach."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from geodata.profile import Profile
from geodata.store.schema import tickets


def last_day(connection: Connection, profile: Profile) -> date | None:
    """The newest day that has a ticket, in the district's time zone; None when there is none."""
    newest = connection.execute(select(func.max(tickets.c.received_at))).scalar()
    return newest.astimezone(profile.zone).date() if newest else None
