"""The five steps of a file on its way in, each one question: file, columns, place, check, load."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria
from app.components.field import field
from app.components.icons import icon
from app.components.numbers import count, percent
from app.pages import data_parts as parts
from app.pages.data_columns import columns
from app.pages.data_desk import Desk, head_of
from app.pages.data_state import STEPS, Standing
from app.terms import Terms
from geodata.queries.uploads import Upload

Fields = dict[str, Any]
COMMON_CRS = ("EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:4528", "GCJ-02", "BD-09")


def nav(terms: Terms, at: Standing) -> html.Nav:
    """The list of steps: those done can be gone back to."""
    here, items = STEPS.index(at.at), []
    for number, step in enumerate(STEPS):
        state = "done" if number < at.reached or at.run else "open" if number == at.reached else "later"
        may = at.it is not None and number <= at.reached and number != here and not at.it.busy
        body = [
            html.I(icon("check") if state == "done" else str(number + 1)),
            html.Span(terms(f"data_step.{step}")),
        ]
        current: Fields = {"aria-current": "step"} if number == here and not at.run else {}
        button = html.Button(body, type="button", disabled=not may, **act("data-step", step=step), **current)
        items.append(html.Li(button, className=f"data-step-{state}"))
    return html.Nav(html.Ol(items), className="data-steps", **aria(label=terms("data.steps")))


def step(desk: Desk, at: Standing) -> list[Component | None]:
    """The question of the step at hand, or how far the worker is with it."""
    it = desk.it
    if it.got_bytes < it.size_bytes:
        return [_unfinished(desk)]
    if it.busy:
        return [_working(desk.terms, it)]
    if it.job_state in ("failed", "cancelled") and at.at == STEPS[at.reached]:
        return _broken(desk)
    return STEP[at.at](desk)


def _unfinished(desk: Desk) -> html.Div:
    it, terms = desk.it, desk.terms
    said = terms(
        "data.unfinished", name=it.name, got=parts.size(it.got_bytes), size=parts.size(it.size_bytes)
    )
    return html.Div([parts.trouble(desk.terms, said), _other_file(desk)], className="data-step-body")


def _working(terms: Terms, it: Upload) -> html.Div:
    what = "looking" if it.job_kind == "look_at_upload" else "trying" if it.tried is None else "loading"
    said = ""
    if it.job_state == "waiting":
        said = terms("data.step_waiting")
    elif it.progress is not None and it.progress >= 0.95:
        said = terms("data.step_settling")
    elif it.progress:
        said = terms("data.step_rows", share=percent(it.progress, 0))
    stop = html.Button(
        terms("data.stop"), type="button", className="plain", **act("data-stop", job=str(it.job_id))
    )
    return parts.progress(terms, what, it.progress, said, stop)


def _broken(desk: Desk) -> list[Component | None]:
    terms, it = desk.terms, desk.it
    stopped = it.job_state == "cancelled"
    reason = it.reason or terms("data.stopped" if stopped else "data.failed")
    again = it.job_kind == "load_upload"
    button = (
        html.Button(terms("data.again"), className="button primary", **act("data-try")) if again else None
    )
    title = "data.halted" if stopped else "data.refused" if again else "data.failed"
    head = head_of(desk, terms(title))
    return [
        head,
        parts.trouble(terms, reason),
        html.Div([button, _other_file(desk)], className="data-does"),
    ]


def _other_file(desk: Desk) -> html.Button:
    return html.Button(desk.terms("data.another"), type="button", className="plain", **act("data-another"))


# ---- file ----


def _file(desk: Desk) -> list[Component | None]:
    terms, looked, choice = desk.terms, desk.it.looked or {}, desk.it.choice
    kinds = looked.get("kinds") or []
    options = [
        parts.option(
            "kind", kind["key"], parts.both(terms, kind["title"]), chosen=kind["key"] == choice.get("kind")
        )
        for kind in kinds
    ]
    body: list[Component | None] = [
        head_of(desk, terms("data.what_question")),
        html.P(_facts(terms, looked), className="data-facts"),
        _part_of_file(terms, looked, choice),
        html.Div(
            options, className="data-options data-kinds", role="radiogroup", **aria(label=terms("data.kind"))
        ),
        *_options(desk),
        html.Div(
            [parts.does(terms, terms("data.next"), None, back=False), _other_file(desk)],
            className="data-foot",
        ),
    ]
    return [html.Form(body, className="data-step-body", **act("data-file"), **parts.keyed(f"file-{choice}"))]


def _facts(terms: Terms, looked: Fields) -> str:
    rows = "facts_more" if looked.get("more") else "facts_rows"
    said = [
        parts.FORMATS.get(looked.get("format", ""), looked.get("format", "")), parts.size(looked.get("size") or 0), (looked.get("encoding") or "").removesuffix("-sig").upper(),
        terms(f"data.{rows}", n=count(looked.get("rows") or 0)),
        terms("data.facts_columns", n=count(len(looked.get("columns") or []))),
    ]  # fmt: skip
    return " · ".join(one for one in said if one)


def _part_of_file(terms: Terms, looked: Fields, choice: Fields) -> Component | None:
    layers, found = looked.get("layers") or [], []
    if len(layers) > 1:
        listed = [(one, one) for one in layers]
        found.append(parts.labelled(terms("data.layer"), parts.select("layer", listed, choice.get("layer"))))
    if looked.get("header_row"):
        row = field(
            "header_row", "number", value=str(looked["header_row"]), min="1", max="1000", required=False
        )
        found.append(parts.labelled(terms("data.header_row"), row))
    return html.Div(found, className="data-two") if found else None


def _options(desk: Desk) -> list[Component | None]:
    terms, choice = desk.terms, desk.it.choice
    options, kind = choice.get("options") or {}, choice.get("kind")
    told = next((one for one in (desk.it.looked or {}).get("kinds") or [] if one["key"] == kind), None)
    names = {one["name"]: one for one in (told or {}).get("options") or []}
    found: list[Component | None] = []
    if "level" in names:
        levels = [
            ("", terms("data.choose")),
            *((one.key, one.title.in_(terms.language)) for one in desk.profile.levels),
        ]
        found.append(
            parts.labelled(
                terms("data.level"), parts.select("option-level", levels, options.get("level"), required=True)
            )
        )
    rest = [
        _option(terms, one, options)
        for name, one in names.items()
        if name not in ("level", "name_field", "code_field")
    ]
    if rest:
        found.append(html.Details([html.Summary(terms("data.more")), html.Div(rest, className="data-more")]))
    return found


TICKED = ("partial", "as_drawn", "new_codes")


def _option(terms: Terms, told: Fields, options: Fields) -> Component:
    name, word = told["name"], parts.both(terms, told["title"])
    if name in TICKED:
        box = field(
            f"option-{name}", "checkbox", value="yes", required=False, checked=bool(options.get(name))
        )
        return html.Label([box, html.Span(terms(f"data.{name}"))], className="data-tick")
    kind = "date" if name.endswith(("_from", "_on", "day")) else "text"
    box = field(f"option-{name}", kind, value=str(options.get(name) or ""), required=bool(told["required"]))
    return parts.labelled(word, box)


# ---- place ----


def _place(desk: Desk) -> list[Component | None]:
    terms, looked, choice = desk.terms, desk.it.looked or {}, desk.it.choice
    told, columns = looked.get("crs") or {}, choice.get("columns") or {}
    if not looked.get("has_shapes") and not (columns.get("lon") and columns.get("lat")):
        bare = [
            head_of(desk, terms("data.place_question"), terms("data.place_none")),
            parts.does(terms, terms("data.next"), None),
        ]
        return [html.Form(bare, className="data-step-body", **act("data-place"))]
    read, probable = (
        told.get("read") or ("EPSG:4326" if not looked.get("has_shapes") else None),
        told.get("probable"),
    )
    chosen = choice.get("crs") or read
    doubt = bool(probable and read and probable != read)
    note = "data.place_unsaid" if read is None else "data.place_doubt" if doubt else None
    why = "place_why" if looked.get("has_shapes") else "place_why_points"
    body: list[Component | None] = [
        head_of(desk, terms("data.place_question"), terms(f"data.{why}")),
        parts.trouble(terms, terms(note), told.get("why") or None) if note else None,
        html.Div(_systems(terms, told, read, chosen), className="data-options", role="radiogroup"),
        _other(terms, chosen, {read, probable}),
        parts.does(terms, terms("data.next"), None),
    ]
    return [
        html.Form(body, className="data-step-body", **act("data-place"), **parts.keyed(f"place-{chosen}"))
    ]


def _systems(terms: Terms, told: Fields, read: str | None, chosen: str | None) -> list[Component]:
    found: list[Component] = []
    probable = told.get("probable")
    if read:
        note = terms("data.place_declared") if told.get("declared") else terms("data.place_default")
        if probable == read:
            note += " · " + terms("data.place_probable", share=percent(told.get("confidence"), 0))
        found.append(parts.option("crs", read, read, chosen=chosen == read, note=note))
    if probable and probable != read:
        note = terms("data.place_probable", share=percent(told.get("confidence"), 0))
        found.append(parts.option("crs", probable, probable, chosen=chosen == probable, note=note))
    return found


def _other(terms: Terms, chosen: str | None, shown: set[Any]) -> html.Details:
    rest = [one for one in COMMON_CRS if one not in shown]
    if chosen and chosen not in shown and chosen not in rest:
        rest.insert(0, chosen)
    listed = [parts.option("crs", one, one, chosen=one == chosen) for one in rest]
    own = html.Div(
        [
            field("crs-own", "text", placeholder=terms("data.place_other_hint"), required=False, maxLength=100,
                  **aria(label=terms("data.place_other"))),
            html.Button(terms("data.place_show"), type="button", className="button", **act("data-crs-own")),
        ],
        className="data-own",
    )  # fmt: skip
    return html.Details(
        [html.Summary(terms("data.place_other")), html.Div([*listed, own], className="data-options")],
        open=not shown - {None} or (chosen is not None and chosen not in shown),
    )


# ---- check and load ----


def _check(desk: Desk) -> list[Component | None]:
    terms, tried = desk.terms, desk.it.tried or {}
    if not tried:
        return [
            head_of(desk, terms("data.check_question")),
            parts.does(terms, terms("data.again"), act("data-try")),
        ]
    if tried.get("state") != "dry_run":
        sheet = _correction(desk) if tried.get("correction") else None
        foot = html.Div([sheet, _back(terms), _other_file(desk)], className="data-does")
        return [
            head_of(desk, terms("data.refused")),
            parts.trouble(terms, tried.get("message") or "", terms("data.refused_hint")),
            foot,
        ]
    rows, findings = tried.get("rows") or {}, tried.get("findings") or []
    writes = (rows.get("new") or 0) + (rows.get("changed") or 0)
    idle = not writes and not (tried.get("figures") or {}).get("gone")
    said = terms("data.check_findings", n=count(len(findings))) if findings else terms("data.check_clean")
    label = (
        terms("data.do_load_none")
        if idle
        else terms("data.do_load", n=count(rows.get("read", 0) - rows.get("rejected", 0)))
    )
    return [
        head_of(desk, terms("data.check_question"), terms("data.check_nothing") if idle else None),
        parts.figures(terms, rows, tried.get("figures") or {}),
        html.P(said, className="quiet"),
        _correction(desk) if tried.get("correction") else None,
        parts.does(terms, label, act("data-load")),
    ]


def _back(terms: Terms) -> html.Button:
    return html.Button(terms("data.back"), type="button", className="plain", **act("data-back"))


def _correction(desk: Desk) -> html.A:
    terms = desk.terms
    words = html.Span([html.Strong(terms("data.correction")), html.Small(terms("data.correction_why"))])
    return html.A(
        [icon("download"), words],
        href=f"/api/uploads/{desk.it.id}/correction",
        download="",
        className="data-sheet",
    )


def _load(desk: Desk) -> list[Component | None]:
    terms, it = desk.terms, desk.it
    state = it.load_state or "failed"
    word = "loaded" if state == "done" else "undone" if state == "rolled_back" else "refused"
    see = html.Button(
        terms("data.see_run"), type="button", className="button primary", **act("data-run", load=it.load_id)
    )
    again = (
        html.Button(terms("data.again"), type="button", className="button", **act("data-try"))
        if state != "done"
        else None
    )
    tried = it.tried or {}
    return [
        head_of(desk, terms(f"data.{word}")),
        parts.figures(terms, tried.get("rows") or {}, tried.get("figures") or {})
        if state == "done"
        else None,
        html.Div([see, again, _other_file(desk)], className="data-does"),
    ]


STEP = {"file": _file, "columns": columns, "place": _place, "check": _check, "load": _load}
