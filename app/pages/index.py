"""The HTML shell every page stands in: language, theme before the first paint, and the shape of what comes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable

from dash import Dash
from dash.backends._fastapi import reset_current_request, set_current_request
from fastapi import Request
from fastapi.responses import HTMLResponse

# The theme and language come from the link, else from what this browser chose last, so nothing flashes.
EARLY = """(function () {
  var asked = new URLSearchParams(location.search), root = document.documentElement;
  var kept = function (key) { try { return localStorage.getItem('yiping.' + key); } catch (_) { return null; } };
  var planning = /^\\/(planning|data)/.test(location.pathname);
  var theme = asked.get('theme') || (planning ? kept('planning.theme') || 'light' : kept('theme') || 'dark');
  if (planning) { root.dataset.page = location.pathname.indexOf('/data') === 0 ? 'data' : 'planning'; }
  var lang = asked.get('lang') || kept('lang') || root.lang;
  root.dataset.theme = theme === 'light' ? 'light' : 'dark';
  root.lang = lang.indexOf('en') === 0 ? 'en' : 'zh-CN';
})();"""

SHELL = """<div class="shell" aria-hidden="true"><div class="shell-bar"></div><div class="shell-side"></div>
<div class="shell-strip"></div></div>"""


def index_string(language: str) -> str:
    """The template Dash fills; `language` is the profile's own."""
    lang = "en" if language == "en" else "zh-CN"
    return f"""<!DOCTYPE html>
<html lang="{lang}">
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="preload" href="/assets/fonts/ibm-plex-sans-latin.woff2" as="font" type="font/woff2" crossorigin>
<script>{EARLY}</script>
{{%css%}}
</head>
<body>
{SHELL}
{{%app_entry%}}
<footer hidden>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>"""


GRID = re.compile(r'<script src="[^"]*/dash_ag_grid/[^"]*"></script>')  # large, and used on one page only


def shell_of(
    dash_app: Dash, *, with_grid: bool = False, own: str = ""
) -> Callable[[Request], Awaitable[HTMLResponse]]:
    """A route that answers with the shell; Dash collects its assets only on request, so the first one asks for it."""

    async def shell(request: Request) -> HTMLResponse:
        token = set_current_request(request)  # type: ignore[no-untyped-call]
        try:
            dash_app._setup_server()  # type: ignore[no-untyped-call]  # noqa: SLF001 - Dash calls it before its own routes only
            text = str(dash_app.index())  # type: ignore[no-untyped-call]
            text = text if with_grid else GRID.sub("", text)
            return HTMLResponse(_with_own(request, text, own) if own else text)
        finally:
            reset_current_request(token)  # type: ignore[no-untyped-call]

    return shell


def _with_own(request: Request, text: str, own: str) -> str:
    """The shell with a style sheet and a script that this page alone has, by their path in assets."""
    version = getattr(request.app.state, "version", "")
    style = f'<link rel="stylesheet" href="/assets/{own}.css?v={version}"></head>'
    script = f'<script src="/assets/{own}.js?v={version}" defer></script></body>'
    return text.replace("</head>", style, 1).replace("</body>", script, 1)


def script_hashes(text: str) -> list[str]:
    """What the page's own inline scripts hash to, in the words of a content security policy; no other may run."""
    inline = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", text, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in inline if script.strip())
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
