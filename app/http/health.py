"""Whether this process and its database answer; the only address open to everyone that says anything."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.http.house import TheHouse
from geodata.errors import Unavailable
from geodata.store.db import answers

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is it up")
def healthz(house: TheHouse, response: Response) -> dict[str, str]:
    """200 with {"status": "ok"} when the database answers, 503 when not."""
    if not answers(house.engine):
        raise Unavailable("The database does not answer.")
    response.headers["Cache-Control"] = "no-store"
    return {"status": "ok"}
