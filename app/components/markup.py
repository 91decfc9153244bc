"""Turns components into HTML text, so that a panel of hundreds of them costs the browser one assignment.

Dash keeps a selector in its store for every component and asks each on every change; panels hold no callbacks of
their own (what a click means stands in data attributes), so they need none of that.
"""

from __future__ import annotations

from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
RENAMED = {"className": "class", "htmlFor": "for", "hrefLang": "hreflang"}
KEPT = frozenset({"viewBox", "preserveAspectRatio"})  # SVG tells capitals apart


def markup(node: object) -> str:
    """The HTML of a component, of text, or of a sequence of both; what is None is nothing."""
    if node is None:
        return ""
    if isinstance(node, Component):
        return _element(node)
    if isinstance(node, list | tuple):
        return "".join(markup(each) for each in node)
    return escape(str(node), quote=False)


def _element(component: Component) -> str:
    name = type(component).__name__.lower()
    facts: dict[str, Any] = component.to_plotly_json()["props"]  # type: ignore[no-untyped-call]
    start = f"<{name}{''.join(_attribute(key, value) for key, value in sorted(facts.items()) if key != 'children')}>"
    return start if name in VOID else f"{start}{markup(facts.get('children'))}</{name}>"


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = RENAMED.get(key, key if key in KEPT or "-" in key else key.lower())
    if value is True:
        return f" {name}"
    text = _style(value) if isinstance(value, dict) else str(value)
    return f' {name}="{escape(text)}"'


def _style(rules: dict[str, Any]) -> str:
    return ";".join(f"{_kebab(key)}:{value}" for key, value in rules.items())


def _kebab(name: str) -> str:
    if name.startswith("--"):
        return name
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
