"""Signing in and out: a form with name and password for a cookie that scripts cannot read."""

from __future__ import annotations

from typing import cast
from urllib.parse import parse_qs, quote, urlsplit

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.http.guard import COOKIE, current_account, forget_session
from app.http.house import House
from app.http.problems import problem
from app.http.throttle import Throttle, TooMany
from geodata.commands import accounts
from geodata.errors import BadArgument
from geodata.store.db import transaction

FORM_MOST_BYTES = 4096
HOME = {
    "screen": "/wall",
    "commander": "/command",
    "planner": "/planning",
    "operator": "/data",
    "admin": "/command",
    "team": "/inbox",
}

router = APIRouter(tags=["sign-in"])


@router.post("/sign-in", summary="Sign in with the form fields name and password", response_class=Response)
async def sign_in(request: Request) -> Response:
    """Set the session cookie and lead on to `next`; a program that accepts JSON gets {to} or a problem document."""
    fields = await _form(request)
    name, password = fields.get("name", "").strip().lower(), fields.get("password", "")
    onward = _local(fields.get("next") or request.query_params.get("next"))
    throttle = cast("Throttle", request.app.state.throttle)
    address = request.client.host if request.client else "?"
    try:
        throttle.check(name, address)
    except TooMany as fault:
        return _failed(request, 429, str(fault), "wait", onward)
    opened = await run_sync(_open, cast("House", request.app.state.house), name, password)
    if opened is None:
        throttle.wrong(name, address)
        return _failed(request, 401, "This name and password do not belong together.", "wrong", onward)
    throttle.right(name, address)
    account, token = opened
    to = onward or HOME[account.role]
    answer: Response = JSONResponse({"to": to}) if _wants_json(request) else RedirectResponse(to, 303)
    _keep(answer, request, token)
    return answer


@router.post("/stay-signed-in", summary="Let the session of a screen last as long again", status_code=204)
async def stay_signed_in(request: Request) -> Response:
    """For screens alone: nobody sits in front of them to sign in every two weeks."""
    account, token = current_account(), request.cookies.get(COOKIE)
    if account is None or account.role != "screen" or not token:
        return problem(403, "Only the session of a screen is renewed by itself.")
    renewed = await run_sync(_renew, cast("House", request.app.state.house), token)
    answer = Response(status_code=204)
    if renewed:
        _keep(answer, request, token)
    return answer


@router.post("/sign-out", summary="Sign out of this browser", response_class=Response)
async def sign_out(request: Request) -> Response:
    """End the session and go back to the sign-in page."""
    token = request.cookies.get(COOKIE)
    if token:
        await run_sync(_close, cast("House", request.app.state.house), token)
        forget_session(request.app.state.house, token)
    answer: Response = JSONResponse({"to": "/"}) if _wants_json(request) else RedirectResponse("/", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/api/me", summary="Who is signed in")
def me() -> dict[str, str | None]:
    """Name, role and area of the account that asks."""
    account = current_account()
    assert account is not None
    return {"name": account.name, "role": account.role, "area": account.area_code}


def _keep(answer: Response, request: Request, token: str) -> None:
    answer.set_cookie(COOKIE, token, max_age=int(accounts.SESSION_LIFE.total_seconds()), httponly=True, samesite="lax",
                      secure=request.url.scheme == "https", path="/")  # fmt: skip


def _renew(house: House, token: str) -> bool:
    with transaction(house.engine) as c:
        return accounts.renew_session(c, token)


def _open(house: House, name: str, password: str) -> tuple[accounts.Account, str] | None:
    with transaction(house.engine) as c:
        account = accounts.verify(c, name, password)
        return (account, accounts.open_session(c, account)) if account else None


def _close(house: House, token: str) -> None:
    with transaction(house.engine) as c:
        accounts.close_session(c, token)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM_MOST_BYTES:
            raise BadArgument("password", "The form is longer than any name and password.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _failed(request: Request, status: int, sentence: str, word: str, onward: str | None) -> Response:
    if _wants_json(request):
        return problem(status, sentence)
    return RedirectResponse(f"/?{word}=1" + (f"&next={quote(onward, safe='')}" if onward else ""), 303)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _local(address: str | None) -> str | None:
    """A path of this site, or None; nobody is led elsewhere after signing in."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address
