"""Headers every answer carries: what a page may load, who may frame it, how long a browser may keep it."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STYLES = "style-src 'self' 'unsafe-inline'"  # Mantine and Leaflet set styles on elements
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; " + STYLES + "; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


class Headers:
    """Middleware that adds them; inline scripts pass by their hashes where `app.state.script_hashes` lists some."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the first message of an answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(MutableHeaders(raw=message["headers"]), scope, message["status"])
            await send(message)

        await self.app(scope, receive, with_headers)


def _add(headers: MutableHeaders, scope: Scope, status: int) -> None:
    if scope["path"].startswith("/_dash-update-component") and status == 200:
        # Dash leaves it out, and what has no type goes out uncompressed.
        headers.setdefault("content-type", "application/json")
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    if headers.get("content-type", "").startswith("text/html"):
        hashes = getattr(scope["app"].state, "script_hashes", None) if "app" in scope else None
        headers.setdefault(
            "content-security-policy", POLICY.format(scripts=" ".join(hashes or ["'unsafe-inline'"]))
        )
    if status == 200 and _fingerprinted(scope):
        headers["cache-control"] = FOREVER
    if status == 200 and scope["path"].startswith("/assets/fonts/"):
        headers["cache-control"] = A_DAY  # a changed font gets a new name
    headers.setdefault("cache-control", "private, no-cache")


def _fingerprinted(scope: Scope) -> bool:
    """Whether an address names one version of a file: Dash puts the version or the time of change into it."""
    path: str = scope["path"]
    if path.startswith("/_dash-component-suites/"):
        return ".v" in path and "m" in path
    return path.startswith("/assets/") and "m" in parse_qs(scope["query_string"].decode("latin-1"))
