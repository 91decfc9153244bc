"""What the planner's map and lists ask for by themselves: overlays, the ground asked about, places to draw a ring round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
from dash import html
from dash.development.base_component import Component
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection
from starlette.responses import JSONResponse

from app.components import states
from app.components.actions import act
from app.http.guard import required_account
from app.http.house import House, Lang, TheHouse
from app.http.layers import layer_for_reader
from app.http.tickets import as_csv
from app.pages import planning_answers as answers
from app.pages.fragment_answers import piece
from app.pages.list_asked import read_asked
from app.pages.panel import Asker
from app.pages.planning import WHO
from app.pages.planning_data import Ask, ask_of, asked_in
from app.pages.planning_jobs import picture
from app.pages.planning_list import narrowed
from app.pages.planning_overlay import overlay
from app.pages.planning_shapes import flat
from geodata.errors import Refused
from geodata.queries import areas, tickets
from geodata.queries.jobs import job
from geodata.queries.search import search
from geodata.rules.suppression import LEAST

router = APIRouter(prefix="/fragments/planning", include_in_schema=False)
NEAR_KINDS = ("road", "place", "heritage")
NEAR_MOST = 6


@router.get("/overlay/{kind}")
def show_overlay(request: Request, house: TheHouse, kind: str, lang: Lang = None) -> Response:
    """One overlay as JSON."""
    return _json(house, request, lang, lambda ask: overlay(ask, kind))


@router.get("/job/{job_id}")
def show_job(request: Request, house: TheHouse, job_id: int, lang: Lang = None) -> Response:
    """What a job of one's own found, as an overlay."""
    account = required_account()
    return _json(house, request, lang, lambda ask: picture(ask, job(ask.c, account.id, job_id)))


@router.get("/ground")
def ground(request: Request, house: TheHouse, lang: Lang = None) -> Response:
    """The edge of what is asked about, its box and its name."""
    return _json(house, request, lang, _ground)


@router.get("/near")
def near(house: TheHouse, q: str = "", lang: Lang = None) -> Response:
    """Roads and places to draw a ring round."""

    def fill(c: Connection, asker: Asker) -> list[Component]:
        hits = search(c, house.profile, q, NEAR_MOST, area=asker.account.area_code, kinds=NEAR_KINDS)
        if not hits:
            return [states.empty(asker.terms("search.none", text=q[:40]), asker.terms("plan.near_none"))]
        return [
            html.Button(
                [html.Span(asker.terms.either("kind", hit.kind), className="hit-kind"),
                 html.Span(asker.terms.pick(hit.title, hit.title_en), className="hit-title"),
                 html.Span(asker.terms("plan.near_draw"), className="hit-more")],
                className="hit-row", role="option", type="button",
                **act("plan-near", kind=hit.kind, code=hit.code, title=asker.terms.pick(hit.title, hit.title_en)),
            )
            for hit in hits
        ]  # fmt: skip

    return piece(house, lang, fill, WHO)


@router.get("/tickets.csv")
def take_away(request: Request, house: TheHouse, lang: Lang = None) -> Response:
    """All tickets of a list, for a spreadsheet."""
    words = request.url.query

    def fill(ask: Ask) -> dict[str, Any]:
        layer_for_reader("tickets")
        q, filters = narrowed(ask, read_asked({"filter": asked_in(words).get("list", "")}))
        total = tickets.page(ask.c, ask.profile, q, filters, limit=1).total
        if answers.hides(ask) and 0 < total < LEAST:
            raise Refused("Fewer than five tickets are not told one by one; ask about more.")
        return {"q": q, "filters": filters}

    found: dict[str, Any] = {}
    answer = _json(house, request, lang, lambda ask: found.update(fill(ask)) or {})
    if answer.status_code != 200:
        return answer

    def lines() -> Any:
        with house.reading() as c:
            yield from as_csv(
                tickets.export(c, house.profile, found["q"], found["filters"]), house.profile.zone
            )

    name = f"tickets-{found['q'].window.first}-{found['q'].window.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


def _json(
    house: House, request: Request, lang: str | None, make: Callable[[Ask], dict[str, Any]]
) -> Response:
    """What is made of the question in the address, else why not, as a panel says it."""
    made: dict[str, Any] = {}

    def fill(c: Connection, asker: Asker) -> list[Component]:
        made["it"] = make(ask_of(house, c, asker, asked_in(request.url.query)))
        return []

    answer = piece(house, lang, fill, WHO)
    return JSONResponse(made["it"], headers={"Cache-Control": "no-store"}) if "it" in made else answer


def _ground(ask: Ask) -> dict[str, Any]:
    found, names = [], []
    for code in ask.question.areas or ():
        known = areas.get_area(ask.c, ask.profile, code, on=ask.question.window.last)
        names.append(ask.terms.pick(known.name, known.name_en))
        edge = areas.outline(ask.c, ask.profile, code, ask.question.window.last)
        if edge:
            found.append(shapely.geometry.shape(edge))
    whole = shapely.union_all(found) if found else None
    if ask.question.shape:
        mine = shapely.from_wkt(ask.question.shape)
        whole = mine if whole is None else shapely.intersection(whole, mine)
        names = [ask.terms("plan.shape"), *names]
    if whole is None or whole.is_empty:
        return {"rings": [], "bbox": list(ask.profile.bbox), "name": ask.terms("plan.whole")}
    simple = shapely.simplify(whole, 0.00003)
    rings = [flat(ring) for part in shapely.get_parts(simple) if part.geom_type == "Polygon"
             for ring in (part.exterior, *part.interiors)]  # fmt: skip
    name = names[0] if len(names) == 1 else ask.terms("plan.several", name=names[0], n=len(names))
    return {"rings": rings, "bbox": list(whole.bounds), "name": name}
