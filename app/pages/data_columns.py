"""The step of the data page that asks which column is what."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria
from app.components.field import field
from app.pages import data_parts as parts
from app.pages.data_desk import Desk, head_of

Fields = dict[str, Any]
MOST_COLUMNS = 3


def columns(desk: Desk) -> list[Component | None]:
    """Each field of the kind with the column that holds it, and a few of its values."""
    terms, looked, choice = desk.terms, desk.it.looked or {}, desk.it.choice
    kind: Fields = next(
        (one for one in looked.get("kinds") or [] if one["key"] == choice.get("kind")), {"fields": []}
    )
    chosen = choice.get("columns") or {}
    missing = [
        parts.both(terms, one["title"])
        for one in kind["fields"]
        if one["required"] and not _covered(desk, one["name"])
    ]
    body: list[Component | None] = [
        head_of(
            desk,
            terms("data.columns_question"),
            terms("data.columns_why" if kind["fields"] else "data.columns_none"),
        ),
        _personal(desk),
        _saved(desk),
        html.Div([_field(desk, one) for one in kind["fields"]], className="data-fields"),
        html.P(terms("data.columns_missing", names="、".join(missing)), className="data-missing")
        if missing
        else None,
        parts.does(
            terms,
            terms("data.next"),
            None,
            ready=not missing and (not looked.get("personal") or bool(choice.get("drop"))),
        ),
    ]
    form = html.Form(
        body,
        className="data-step-body",
        **act("data-columns"),
        **parts.keyed(f"columns-{chosen}-{choice.get('drop')}"),
    )
    return [form, _save(desk) if kind.get("mapped") and isinstance(choice.get("mapping"), dict) else None]


def _always(desk: Desk, name: str) -> str | None:
    """What the mapping says for every row of a field that has no column."""
    mapping = desk.it.choice.get("mapping")
    if not isinstance(mapping, dict):
        return None
    own, always = mapping.get(name), mapping.get("always") or {}
    said = own.get("value") if isinstance(own, dict) else None
    return said or always.get(name)


def _covered(desk: Desk, name: str) -> bool:
    return bool((desk.it.choice.get("columns") or {}).get(name) or _always(desk, name))


def _personal(desk: Desk) -> Component | None:
    """Columns that hold persons: the file goes in only when somebody says that they are left out."""
    names = (desk.it.looked or {}).get("personal") or []
    if not names:
        return None
    box = field("drop", "checkbox", value="yes", required=False, checked=bool(desk.it.choice.get("drop")))
    tick = html.Label([box, html.Span(desk.terms("data.drop_columns"))], className="data-tick")
    return html.Div(
        [parts.trouble(desk.terms, desk.terms("data.personal", names="、".join(names))), tick],
        className="data-personal",
    )


def _field(desk: Desk, told: Fields) -> html.Div:
    terms, known = desk.terms, (desk.it.looked or {}).get("columns") or []
    names = list((desk.it.choice.get("columns") or {}).get(told["name"]) or [])
    title, what = parts.both(terms, told["title"]), parts.both(terms, told["what"])
    listed = [("", terms("data.not_there")), *((one["name"], one["name"]) for one in known)]
    slots = [*names, *([""] if (told["many"] and 0 < len(names) < MOST_COLUMNS) or not names else [])]
    picks = [parts.select(f"column-{told['name']}", listed, one, **aria(label=title)) for one in slots]
    examples: list[str] = next((one["examples"] for one in known if names and one["name"] == names[0]), [])
    always = None if names else _always(desk, told["name"])
    said = terms("data.always", value=always) if always else " · ".join(examples) or what
    must = html.Em(terms("data.required")) if told["required"] else None
    return html.Div(
        [html.Span([title, must], title=what), html.Div(picks, className="data-picks"), html.Small(said)],
        className="data-field" + ("" if names or always else " empty"),
    )


def _saved(desk: Desk) -> Component | None:
    if not desk.saved:
        return None
    listed = [("", desk.terms("data.choose")), *((one, one) for one in desk.saved)]
    pick = parts.select("mapping_name", listed, desk.it.choice.get("mapping_name"), **act("data-mapping"))
    return parts.labelled(desk.terms("data.saved_mapping"), pick)


def _save(desk: Desk) -> html.Details:
    terms = desk.terms
    form = html.Form(
        [
            field("name", "text", placeholder=terms("data.save_name"), maxLength=100, **aria(label=terms("data.save_mapping"))),
            html.Button(terms("data.save"), type="submit", className="button"),
            html.P("", className="said-note", hidden=True, role="status"),
        ],
        className="data-save", **act("data-save"),
    )  # fmt: skip
    return html.Details([html.Summary(terms("data.save_mapping")), form], className="data-saving")
