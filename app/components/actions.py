"""What a click means, written on the element itself; one listener in the browser reads it and changes the page's state.

do=drill code · do=list filter · do=card kind key · do=window name · do=category code · do=layer key · do=… as named here.
Deeds of the queue, the incident, the inbox and the administrator's pages stand in assets/fragments/press.js and in the
files of assets/page that carry them out.
"""

from __future__ import annotations

from typing import Any, Literal

Deed = Literal[
    "back", "card", "category", "categories-none", "close", "dismiss", "drill", "fly", "fold", "language", "layer", "list", "page",
    "refresh", "retry", "sort", "strip-clear", "theme", "window", "window-custom",
    "alert", "alert-incident", "alert-move", "attach", "attachments", "case-close", "case-fly", "dispatch",
    "dispatch-answer", "incident", "incident-aim", "incident-assign", "incident-check", "incident-move", "incident-new", "incident-note",
    "incident-review", "duty-add", "duty-remove", "hook-add", "hook-remove", "maintenance", "maintenance-end", "reason", "shift-note", "threshold",
    "threshold-pick", "threshold-reset", "threshold-set", "team-active", "team-inbox", "unfold", "wait-set",
    "data-another", "data-back", "data-columns", "data-crs-own", "data-file", "data-forget", "data-keep", "data-language", "data-load",
    "data-mapping", "data-open", "data-place", "data-run", "data-save", "data-step", "data-stop", "data-template",
    "data-theme", "data-try", "data-undo",
    "plan-against", "plan-area", "plan-band", "plan-band-own", "plan-clear", "plan-copy", "plan-dismiss", "plan-draw", "plan-export",
    "plan-forget", "plan-grid-csv", "plan-job", "plan-job-ask", "plan-job-open", "plan-level", "plan-map", "plan-near", "plan-only",
    "plan-open", "plan-pick", "plan-road", "plan-save", "plan-shape", "plan-shape-forget", "plan-versus",
    "plan-versus-own", "plan-whole", "plan-window",
]  # fmt: skip


def act(do: Deed, **about: object) -> dict[str, Any]:
    """Attributes that make an element do something; what it is about goes into further data attributes."""
    return data(do=do, **about)


def aria(**words: object) -> dict[str, Any]:
    """Attributes for those who do not see the page: label, pressed, hidden and so on."""
    return {
        f"aria-{key}": str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in words.items()
    }


def data(**facts: object) -> dict[str, Any]:
    """Data attributes that style or script reads; what is None is left out."""
    return {f"data-{key.replace('_', '-')}": str(value) for key, value in facts.items() if value is not None}
