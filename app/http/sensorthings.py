"""OGC SensorThings 1.1 below /sta/v1.1: sensors, datastreams and observations, read and created.

Read by whoever may see the whole district; written by operators and administrators.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from app.http.guard import required_account
from app.http.house import House, TheHouse
from geodata.commands import sensorthings as commands
from geodata.errors import BadArgument, Denied, NotFound
from geodata.queries.sensorthings.entities import ENTITIES
from geodata.queries.sensorthings.options import Options, read_options
from geodata.queries.sensorthings.read import address, key_at, next_link, read_one, read_set
from geodata.store.db import transaction

router = APIRouter(prefix="/sta/v1.1", tags=["sensorthings"])
WRITERS = ("operator", "admin")
LARGEST_BYTES = 8 * 2**20
STEP = re.compile(r"([A-Za-z]+)(?:\(('(?:[^']*)'|\d+)\))?")
CONFORMANCE = [
    "http://www.opengis.net/spec/iot_sensing/1.1/req/" + part
    for part in (
        "datamodel", "resource-path/resource-path-to-entities", "request-data/filter", "request-data/expand", "request-data/orderby",
        "request-data/top", "request-data/skip", "request-data/count", "request-data/select", "create-update-delete/create-entity",
        "create-update-delete/deep-insert",
    )
]  # fmt: skip


@router.get("", summary="What this SensorThings service has")
async def service(request: Request) -> dict[str, Any]:
    """The entity sets and what of the standard is kept."""
    _sees_all()
    root = _root(request)
    return {
        "serverSettings": {"conformance": CONFORMANCE},
        "value": [{"name": name, "url": f"{root}/{name}"} for name in ENTITIES],
    }


@router.get("/{path:path}", summary="Read entities")
async def read(path: str, request: Request, house: TheHouse) -> Any:
    """An entity set, an entity, a field ($value for its plain text), $ref and $count aside: by $filter, $expand and so on."""
    _sees_all()
    await run_in_threadpool(_mirror, house)
    return await run_in_threadpool(_answer, house, path, _root(request), dict(request.query_params))


@router.post("/{path:path}", status_code=201, summary="Create an entity, with what is inside it")
async def create(path: str, request: Request, house: TheHouse) -> Response:
    """Answers 201 with the entity and its address."""
    account = _sees_all()
    if account.role not in WRITERS:
        raise Denied("Only operators and administrators may create what sensors tell.")
    told = await _body(request)
    name, key = await run_in_threadpool(_create, house, path, told)
    root = _root(request)
    made = await run_in_threadpool(_one, house, root, name, key)
    place = address(root, name, key)
    return Response(json.dumps(made, ensure_ascii=False), 201, {"location": place}, "application/json")


def _sees_all() -> Any:
    account = required_account()
    if account.area_code is not None:
        raise Denied("SensorThings tells of the whole district; this account sees a part of it.")
    return account


def _root(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/sta/v1.1"


def _mirror(house: House) -> None:
    with transaction(house.engine) as c:
        commands.mirror_sensors(c)


async def _body(request: Request) -> Any:
    told = b""
    async for part in request.stream():
        told += part
        if len(told) > LARGEST_BYTES:
            raise BadArgument("body", "The message is larger than 8 MB; send it in parts.")
    try:
        return json.loads(told)
    except ValueError:
        raise BadArgument("body", "The message is no JSON.") from None


def _steps(path: str) -> list[tuple[str, str | None]]:
    """Things(1)/Datastreams as [(Things, 1), (Datastreams, None)]."""
    found = []
    for part in path.strip("/").split("/"):
        step = STEP.fullmatch(part)
        if not step:
            raise NotFound(f"There is no “{part[:60]}” here.")
        found.append((step[1], step[2].strip("'") if step[2] else None))
    return found


def _answer(house: House, path: str, root: str, query: dict[str, str]) -> Any:
    plain = path.endswith("/$value")
    steps, options = _steps(path.removesuffix("/$value")), read_options(query)
    with house.reading() as c:
        name, key = steps[0]
        if name not in ENTITIES:
            raise NotFound(f"There is no “{name[:60]}” here.")
        above: tuple[str, str, str] | None = None
        for step, inner in steps[1:]:
            if key is None:
                raise NotFound(f"Name one of {name} before /{step}.")
            link = ENTITIES[name].links.get(step)
            if link is None:
                return _field(read_one(c, root, name, key, Options()), step, plain=plain)
            above = (name, key, step) if link.many else None
            key = inner if link.many else key_at(c, name, key, step)
            name = link.target
        if key is not None:
            return read_one(c, root, name, key, options)
        found = read_set(c, root, name, options, above=above)
    answer: dict[str, Any] = {"@iot.count": found.count} if found.count is not None else {}
    if found.more:
        answer["@iot.nextLink"] = next_link(f"{root}/{path}", query, options)
    return answer | {"value": found.items}


def _field(entity: dict[str, Any], name: str, *, plain: bool) -> Any:
    if name not in entity:
        raise NotFound(f"There is no “{name[:60]}” here.")
    if plain:
        value = entity[name]
        return Response(
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
            media_type="text/plain",
        )
    return {name: entity[name]}


def _create(house: House, path: str, told: Any) -> tuple[str, str]:
    steps = _steps(path)
    above: tuple[str, str, str] | None = None
    name = steps[-1][0]
    if len(steps) == 2 and steps[0][1]:
        upper, key = steps[0]
        if upper not in ENTITIES or name not in ENTITIES[upper].links:
            raise NotFound(f"There is no “{path[:60]}” here.")
        above = (upper, key or "", name)
        name = ENTITIES[upper].links[name].target
    elif len(steps) != 1 or steps[0][1] or name not in ENTITIES:
        raise NotFound(f"There is no “{path[:60]}” to create in.")
    with transaction(house.engine) as c:
        return name, commands.create(c, house.profile, name, told, now=datetime.now(UTC), above=above)


def _one(house: House, root: str, name: str, key: str) -> dict[str, Any]:
    with house.reading() as c:
        return read_one(c, root, name, key, Options())
