"""The way in: `/` shows the sign-in page, or leads on whoever is signed in already."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.http.guard import current_account
from app.http.sign_in import HOME
from app.pages import sign_in
from app.terms import Terms, language_of


def entrance(default_language: str) -> APIRouter:
    """The door `/`; must be added before Dash, which would take that path for itself."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", response_class=HTMLResponse)
    def come_in(
        lang: str | None = None,
        wrong: str | None = None,
        wait: str | None = None,
        next: str | None = None,  # noqa: A002 - the word in the address
    ) -> Response:
        if account := current_account():
            return RedirectResponse(HOME[account.role], 303)
        terms = Terms(language_of(lang or default_language))
        message = terms("sign_in.wrong") if wrong else terms("sign_in.wait") if wait else None
        return HTMLResponse(sign_in.html(terms, terms.language, message, next))

    return router
