"""Which function of the browser watches which stores; the page lays the stores out, the callbacks join them."""

from __future__ import annotations

IN_BROWSER = {
    "applied": ("state",),
    "flown": ("fly",),
    "listed": ("answer-list",),
    "carded": ("answer-card",),
    "found": ("answer-found",),
    "viewed": ("view",),
    "picked": ("picked",),
    "layered": ("map-status",),
    "opened": ("list", "card"),
}  # functions of assets/page.js; each has an output of its own, because Dash starts no callback without one at first
