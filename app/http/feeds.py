"""The feeds as they stand: GET /api/feeds, for those who look after them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from geodata.commands.intake import waiting
from geodata.errors import Denied
from geodata.queries.feeds import list_feeds

router = APIRouter(tags=["feeds"])


@router.get("/api/feeds", summary="What sends measurements, and how it stands")
def feeds(house: TheHouse, c: Reading, *, drills: bool = False) -> dict[str, Any]:
    """Every feed with today's rows by verdict; `waiting` is how many batches the rules have not judged yet."""
    if required_account().role not in ("operator", "admin"):
        raise Denied("Feeds are shown to operators and administrators.")
    found = list_feeds(c, house.profile.today(), with_drills=drills)
    return {"feeds": [feed.as_dict() for feed in found], "waiting": waiting(c)}
