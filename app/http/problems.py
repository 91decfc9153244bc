"""Errors as problem documents (RFC 9457): one sentence, the arguments at fault, never a trace."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.http.conflict import told
from app.http.throttle import TooMany
from geodata.errors import BadArgument, Conflict, Denied, FileTooLarge, NotFound, Refused, Unavailable
from geodata.refusals import in_chinese

log = logging.getLogger(__name__)

STATUS: dict[type[Refused], int] = {
    BadArgument: 422,
    NotFound: 404,
    Denied: 403,
    TooMany: 429,
    Unavailable: 503,
    Conflict: 409,
    FileTooLarge: 413,
    Refused: 422,
}


def problem(
    status: int,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    kind: str = "about:blank",
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A problem document as a response; `more` are members of its kind."""
    body: dict[str, Any] = dict(more or {}) | {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/problem+json")


def of_refusal(fault: Refused) -> Response:
    """What a refusal answers."""
    status = next(code for kind, code in STATUS.items() if isinstance(fault, kind))
    errors = [{"name": fault.name, "reason": str(fault)}] if isinstance(fault, BadArgument) else None
    return problem(status, str(fault), errors, f"urn:yiping:problem:{fault.code}", _more(fault))


def _more(fault: Refused) -> dict[str, Any] | None:
    if isinstance(fault, Conflict):
        return told(fault)
    chinese = in_chinese(str(fault))
    return {"detail_zh": chinese} if chinese else None


def of_defect(fault: BaseException) -> Response:
    """What a defect answers: a number to quote, which stands beside the trace in the log."""
    number = secrets.token_hex(4)
    log.error("defect %s", number, exc_info=fault)
    return problem(500, f"Something went wrong here; quote the number {number} to whoever runs this system.")


def install_problems(app: FastAPI) -> None:
    """Make every error answer with a problem document."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _refused(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, Refused)
    return of_refusal(fault)


def _invalid(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    errors = [{"name": str(error["loc"][-1]), "reason": f"{error['msg']}."} for error in fault.errors()]
    detail = "; ".join(f"{error['name']}: {error['reason']}" for error in errors)
    return problem(422, detail, errors, "urn:yiping:problem:bad_argument")


def _http(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    answer = problem(fault.status_code, str(fault.detail) + ("" if str(fault.detail).endswith(".") else "."))
    answer.headers.update(fault.headers or {})
    return answer
