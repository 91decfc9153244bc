"""Files to take away: GET /exports/{kind}?question, with small counts hidden for everybody."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from app.exports import discover
from app.exports.base import Export
from app.exports.matter import Matter
from app.http.arguments import Asked, number
from app.http.heat import cells_of
from app.http.house import House, Reading, TheHouse
from app.http.jobs import attachment
from app.http.planning import Before, planner
from app.terms import language_of
from geodata.errors import BadArgument, NotFound
from geodata.queries import shapes
from geodata.types import Question, Window

log = logging.getLogger(__name__)
router = APIRouter(tags=["planning"])


@router.get("/exports", summary="What can be taken away")
def kinds() -> dict[str, Any]:
    """Each kind with its title and media type."""
    planner()
    return {"kinds": [
        {"key": one.key, "title": one.title._asdict(), "media_type": one.media_type} for one in discover().values()
    ]}  # fmt: skip


@router.get("/exports/{kind}", summary="A question as a file", response_class=Response)
def export(
    *, c: Reading, house: TheHouse, kind: str, q: Asked, other: Before, level: str = "", resolution: int = 9,
    lang: Annotated[str, Query(description="zh or en")] = "zh", shape: str | None = None,
    bom: Annotated[bool, Query(description="Begin a CSV with a byte order mark, as Excel needs it")] = True,
) -> Response:  # fmt: skip
    """As an attachment. Counts of 1 to 4 are hidden, and others beside them; the file says so."""
    account = planner()
    wanted = discover().get(kind)
    if wanted is None:
        raise NotFound(f"There is no export “{kind[:40]}”; there are {', '.join(discover())}.")
    matter = matter_of(c, house, q, other, level=level, resolution=resolution, language=lang, byte_order_mark=bom,
                       shape_name=shapes.name(c, int(shape), account.id) if shape else None)  # fmt: skip
    body = wanted.make(matter)
    log.info("export %s by %s: %s", kind, account.name, q.window)
    return Response(body, media_type=wanted.media_type, headers=attachment(file_name(wanted, matter)))


def matter_of(
    c: Connection, house: House, q: Question, other: Window | None, *, level: str, resolution: int, language: str,
    byte_order_mark: bool = True, shape_name: str | None = None,
) -> Matter:  # fmt: skip
    """What an export is made from, its level and resolution checked."""
    levels = house.profile.levels
    if level and level not in {one.key for one in levels}:
        raise BadArgument("level", f"level must be one of {', '.join(one.key for one in levels)}.")
    return Matter(
        c, house.profile, q, other, level or levels[min(1, len(levels) - 1)].key, number("resolution", resolution, 9, 11),
        language_of(language), datetime.now(UTC), house.settings.rasters, shape_name, byte_order_mark,
        lambda asked, fineness: cells_of(c, house, asked, fineness),
    )  # fmt: skip


def file_name(export: Export, matter: Matter) -> str:
    """What the file is called: what it is, and of which days."""
    days = f"{matter.q.window.first}-{matter.q.window.last}"
    return f"{matter.terms('exports.file')}-{days}.{export.suffix}"
