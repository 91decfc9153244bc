"""Finding things by name or number."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.http.arguments import number
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from geodata.errors import BadArgument
from geodata.queries import search as search_query
from layers import discover

LAYER_OF = {"ticket": "tickets", "camera": "cameras", "sensor": "sensors"}
LONGEST = 80

router = APIRouter(tags=["search"])


@router.get("/api/search", summary="Find by name or number")
def search(
    c: Reading, house: TheHouse, q: Annotated[str, Query(description="A name, or the beginning of a ticket number")] = "",
    limit: Annotated[int, Query(description="1 to 50")] = 10,
) -> dict[str, Any]:  # fmt: skip
    """Places, streets, heritage, areas, cameras, sensors and tickets, the best first."""
    if not q.strip():
        raise BadArgument("q", "Say what to look for: q must not be empty.")
    if len(q) > LONGEST:
        raise BadArgument("q", f"q must not be longer than {LONGEST} letters.")
    hits = search_query.search(
        c,
        house.profile,
        q,
        number("limit", limit, 1, 50),
        area=required_account().area_code,
        kinds=visible_kinds(),
    )
    return {"hits": [asdict(hit) | {"bbox": hit.bbox} for hit in hits]}


def visible_kinds() -> tuple[str, ...]:
    """What the role that asks may find."""
    role = required_account().role
    return tuple(
        kind
        for kind in search_query.KINDS
        if kind not in LAYER_OF or role in discover()[LAYER_OF[kind]].roles
    )
