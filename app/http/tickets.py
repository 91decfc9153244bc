"""The tickets behind a figure: a page of them, one with its history, all of them as a CSV file; camera and sensor cards."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from app.http.arguments import Asked
from app.http.guard import required_account
from app.http.house import House, Reading, TheHouse
from app.http.layers import layer_for_reader
from geodata.errors import BadArgument, Denied
from geodata.queries import areas, cameras, categories, sensors, tickets
from geodata.queries.tickets import Filters, TicketRow
from geodata.types import CLOSED_STATES, OPEN_STATES

Words = Annotated[list[str] | None, Query(description="Repeated or separated by commas")]
HEADINGS = ("工单编号", "来源", "家族", "一级分类", "二级分类", "三级分类", "受理时间", "截止时间", "办结时间", "状态",
            "地址", "经度", "纬度", "承办单位", "结果", "标题", "所属区域", "定位方式")  # fmt: skip
FAMILIES = {"service": "便民服务", "city": "数字城管"}
STATES = {
    "received": "接报", "transferred": "转交办", "signed": "签收", "handling": "处置中", "resolved_online": "在线办结",
    "closed": "办结", "followed_up": "已回访", "merged": "并案",
}  # fmt: skip
QUALITIES = {
    "given": "随单坐标", "address": "按门牌定位", "road": "按道路定位", "landmark": "按地标定位", "area": "仅知区域",
    "none": "无法定位",
}  # fmt: skip
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so

TICKET_STATES = (*OPEN_STATES, *CLOSED_STATES)

router = APIRouter(tags=["tickets"])


def filters(
    *, state: Words = None, source: Words = None, family: Words = None,
    place: Annotated[Literal["located", "default_point", "unlocated"] | None, Query()] = None,
    overdue: Annotated[bool, Query(description="Open and late now, whatever the window")] = False,
    due: Annotated[Literal["on_time", "late"] | None, Query(description="By the deadline in the window")] = None,
    within: Annotated[list[str] | None, Query(description="Category codes, met together with `category`")] = None,
) -> Filters:  # fmt: skip
    """What narrows a list of tickets."""
    layer_for_reader("tickets")
    states = _words(state)
    unknown = set(states) - set(TICKET_STATES)
    if unknown:
        raise BadArgument(
            "state", f"There is no state “{min(unknown)[:40]}”; states: {', '.join(TICKET_STATES)}."
        )
    families = _words(family)
    if set(families) - set(FAMILIES):
        raise BadArgument("family", f"family must be one of {', '.join(FAMILIES)}.")
    return Filters(
        states=states,
        sources=_words(source),
        families=families,
        place=place,
        overdue=overdue,
        due=due,
        categories=_words(within),
    )


Narrowed = Annotated[Filters, Depends(filters)]


@router.get("/api/tickets", summary="A page of tickets")
def page(
    *, c: Reading, house: TheHouse, q: Asked, narrowed: Narrowed,
    sort: Annotated[str, Query(description="A column, with a minus for descending")] = "-received_at",
    offset: int = 0, limit: Annotated[int, Query(description="1 to 500")] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Tickets of a question, narrowed and sorted, and how many there are in all."""
    return asdict(tickets.page(c, house.profile, q, narrowed, sort=sort, offset=offset, limit=limit))


@router.get("/api/tickets/export.csv", summary="Tickets as a CSV file", response_class=StreamingResponse)
def export(house: TheHouse, q: Asked, narrowed: Narrowed) -> StreamingResponse:
    """All tickets of a list, for a spreadsheet: UTF-8 with a byte order mark, times of the district."""
    name = f"tickets-{q.window.first}-{q.window.last}.csv"
    with house.reading() as c:
        tickets.page(
            c, house.profile, q, narrowed, limit=1
        )  # what is wrong with the question is said before the file begins
    return StreamingResponse(
        _exported(house, q, narrowed),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.get("/api/tickets/{number}", summary="One ticket with its history")
def card(c: Reading, number: str) -> dict[str, Any]:
    """A ticket by its number."""
    layer_for_reader("tickets")
    found = tickets.card(c, number)
    within_scope(c, found.ticket.area_code)
    return asdict(found)


@router.get("/api/cameras/{code}", summary="One camera", tags=["devices"])
def camera(c: Reading, code: str) -> dict[str, Any]:
    """A camera by its code."""
    layer_for_reader("cameras")
    found = cameras.card(c, code)
    within_scope(c, found.area_code)
    return asdict(found)


@router.get("/api/sensors/{code}", summary="One sensor", tags=["devices"])
def sensor(c: Reading, code: str) -> dict[str, Any]:
    """A sensor by its code, with its readings of the last day that it has any of."""
    layer_for_reader("sensors")
    found = sensors.card(c, code)
    within_scope(c, found.area_code)
    readings = sensors.readings(c, code, found.at) if found.at else []
    return asdict(found) | {"readings": [{"at": at, "value": value} for at, value in readings]}


@router.get("/api/categories", summary="The responsibility list")
def category_tree(c: Reading) -> dict[str, Any]:
    """All categories of every scheme, each before those below it."""
    entries = categories.tree(c)
    codes = {entry.id: entry.code for entry in entries}
    return {"categories": [
        {"scheme": e.scheme, "code": e.code, "name": e.name, "name_en": e.name_en, "level": e.level,
         "parent": codes.get(e.parent_id or 0)} for e in entries
    ]}  # fmt: skip


def within_scope(c: Connection, area_code: str | None) -> None:
    """Refuse what stands outside the area of the account that asks."""
    mine = required_account().area_code
    if mine is not None and (area_code is None or not areas.contains(c, mine, area_code)):
        raise Denied("Your account is limited to another area.")


def as_csv(rows: Iterable[TicketRow], zone: ZoneInfo) -> Iterator[str]:
    """Lines of a CSV file with Chinese headings, the first with a byte order mark."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(HEADINGS)
    for number, row in enumerate(rows, 1):
        writer.writerow(_cells(row, zone))
        if number % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _exported(house: House, q: Asked, narrowed: Filters) -> Iterator[str]:
    with house.reading() as c:
        yield from as_csv(tickets.export(c, house.profile, q, narrowed), house.profile.zone)


def _cells(row: TicketRow, zone: ZoneInfo) -> list[str]:
    names = [*row.category_names, "", "", ""][:3]
    words = [row.number, row.source_name, FAMILIES[row.family], *names, *(_local(at, zone) for at in (
        row.received_at, row.due_at, row.closed_at)), STATES[row.state], row.address]  # fmt: skip
    place = ["" if value is None else f"{value:.6f}" for value in (row.lon, row.lat)]
    more = [row.unit, row.outcome, row.title, row.area_code, QUALITIES[row.location_quality]]
    return [*map(harmless, words), *place, *map(harmless, more)]


def harmless(text: str | None) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text and text.startswith(RISKY) else text or ""


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _words(values: list[str] | None) -> tuple[str, ...]:
    return tuple(sorted({word.strip() for value in values or [] for word in value.split(",")} - {""}))
