"""Plain fields of forms that scripts send: Dash keeps its own fields for its callbacks."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component


class Input(Component):
    """A plain <input>; only for markup()."""

    _namespace, _type = "dash_html_components", "Input"
    _prop_names = [  # noqa: RUF012 - as the base class has it
        "id",
        "name",
        "placeholder",
        "autoComplete",
        "title",
        "required",
        "maxLength",
        "type",
        "accept",
        "multiple",
        "className",
        "value",
        "checked",
        "min",
        "max",
        "step",
        "disabled",
    ]
    _valid_wildcard_attributes = ["data-", "aria-"]  # noqa: RUF012
    _children_props = []  # noqa: RUF012


def field(name: str, kind: str = "text", **about: Any) -> Component:
    """A field by its name and kind; `required` unless said otherwise."""
    return Input(name=name, type=kind, **({"required": True} | about))  # type: ignore[no-untyped-call]
