"""The start of the data page and the book of loads: what may be dropped, what waits, what was loaded and how to undo it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.field import field
from app.components.icons import icon
from app.components.numbers import count
from app.components.times import ago, clock
from app.pages import data_parts as parts
from app.terms import Terms, all_terms
from geodata.commands.uploads import MOST_BYTES
from geodata.profile import Profile
from geodata.queries.jobs import Job
from geodata.queries.loads import Load
from geodata.queries.uploads import Upload

COLUMNS = ("file_name", "kind", "state", "new", "changed", "rejected", "who", "when")
NUMBERS = ("new", "changed", "rejected")


def start(
    terms: Terms, profile: Profile, waiting: Sequence[Upload], runs: Sequence[Load], now: datetime
) -> list[Component | None]:
    """Where a file is dropped, then what waits to be loaded, then what was loaded."""
    return [
        html.Div([html.H2(terms("data.drop_question"))], className="data-head"),
        _drop(terms),
        _templates(terms),
        _waiting(terms, profile, waiting, now) if waiting else None,
        _history(terms, profile, runs, now),
    ]


def _drop(terms: Terms) -> html.Div:
    pick = html.Label(
        [terms("data.drop_choose"), field("file", "file", id="data-file", required=False)],
        className="button primary",
    )
    sending = html.Div(
        [html.P("", className="data-sending-name"), html.Div(html.I(), className="data-bar", role="progressbar")],
        className="data-sending", hidden=True, role="status",
    )  # fmt: skip
    return html.Div(
        [
            html.Div([icon("up"), html.Strong(terms("data.drop")), pick, html.P(terms("data.drop_hint", most=parts.size(MOST_BYTES)), className="quiet")],
                     className="data-drop-words"),
            sending,
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        id="data-drop", className="data-drop", **parts.keyed("drop"), **data(own="yes"),
    )  # fmt: skip


def _templates(terms: Terms) -> html.Details:
    keys = [key.removeprefix("data_kind.") for key in all_terms() if key.startswith("data_kind.")]
    listed = [
        html.Button([icon("download"), terms(f"data_kind.{key}")], type="button", className="button", **act("data-template", kind=key))
        for key in keys if key != "raster"
    ]  # fmt: skip
    body = [html.P(terms("data.templates_why"), className="quiet"), html.Div(listed, className="data-template-list"),
            html.P("", className="said-note", hidden=True, role="status")]  # fmt: skip
    return html.Details(
        [html.Summary(terms("data.templates")), *body],
        className="data-templates",
        **parts.keyed("templates"),
    )


def _waiting(terms: Terms, profile: Profile, waiting: Sequence[Upload], now: datetime) -> html.Div:
    rows = [
        html.Li([
            html.Button([icon("file"), html.Span(one.name)], type="button", className="data-open", **act("data-open", id=one.id)),
            html.Span([one.account, " · ", ago(one.begun_at, now, profile.zone, terms)], className="quiet"),
            html.Button(icon("close"), type="button", className="plain", title=terms("data.forget"),
                        **act("data-forget", id=one.id), **aria(label=terms("data.forget"))),
        ])
        for one in waiting
    ]  # fmt: skip
    return html.Div([html.H3(terms("data.waiting")), html.Ul(rows, className="data-waiting")])


def _history(terms: Terms, profile: Profile, runs: Sequence[Load], now: datetime) -> html.Div:
    title = html.H3(terms("data.history"))
    if not runs:
        return html.Div([title, html.P(terms("data.history_none"), className="quiet")])
    heads = html.Tr([
        html.Th(terms(f"data_figure.{name}") if name in NUMBERS else terms(f"data.{name}"),
                className="number" if name in NUMBERS else None)
        for name in COLUMNS
    ])  # fmt: skip
    body = html.Tbody([_row(terms, profile, run, now) for run in runs])
    return html.Div(
        [title, html.Table([html.Thead(heads), body], className="data-runs")], className="data-history"
    )


def _row(terms: Terms, profile: Profile, run: Load, now: datetime) -> html.Tr:
    cells = [
        html.Td(run.file_name, title=run.file_name, className="data-file-name"),
        html.Td(terms.either("data_kind", run.kind)),
        html.Td(state_mark(terms, run.state)),
        *(
            html.Td(count(n), className="number" + (" zero" if not n else ""))
            for n in (run.rows_new, run.rows_changed, run.rows_rejected)
        ),
        html.Td(run.account or terms("data.command_line"), className="quiet"),
        html.Td(ago(run.started_at, now, profile.zone, terms), className="quiet"),
    ]
    return html.Tr(
        cells,
        tabIndex=0,
        **act("data-run", load=run.id),
        **aria(label=terms("data.run", n=run.id)),
        **parts.keyed(f"run-{run.id}"),
    )


def state_mark(terms: Terms, state: str) -> html.Span:
    """A state as a shape and a word."""
    return html.Span(
        [html.I(), terms.either("data_state", state)], className=f"data-state data-state-{state}"
    )


def one_run(
    terms: Terms, profile: Profile, run: Load, found: int, undoing: Job | None
) -> list[Component | None]:
    """One load: what became of its rows, what was found, and the way back."""
    if undoing and undoing.state in ("waiting", "running"):
        return [parts.progress(terms, "undoing", None, "")]
    said = f"{run.account or terms('data.command_line')} · {clock(run.started_at, profile.zone)}"
    rows = {
        key: getattr(run, f"rows_{key}") for key in ("new", "changed", "unchanged", "rejected", "repaired")
    }
    body: list[Component | None] = [
        html.Div(
            [
                html.P([icon("file"), html.Span(run.file_name, title=run.file_name)], className="data-name"),
                html.H2([terms("data.run", n=run.id), state_mark(terms, run.state)]),
                html.P(said, className="quiet"),
            ],
            className="data-head",
        ),
        parts.trouble(terms, undoing.reason or terms("data.failed"))
        if undoing and undoing.state == "failed"
        else None,
        parts.trouble(terms, run.message) if run.message and run.state in ("refused", "failed") else None,
        parts.figures(terms, rows, {}),
        html.P(
            terms("data.check_findings", n=count(found)) if found else terms("data.check_clean"),
            className="quiet",
        ),
        _downloads(terms, run),
        _undo(terms, run) if run.state == "done" else None,
        _undone(terms, profile, run) if run.state == "rolled_back" else None,
        html.Div(
            html.Button(terms("data.all_runs"), type="button", className="plain", **act("data-another")),
            className="data-does",
        ),
    ]
    return body


def _undone(terms: Terms, profile: Profile, run: Load) -> html.P:
    who = run.rolled_back_by or terms("data.command_line")
    said = f" {who} · {clock(run.rolled_back_at, profile.zone)}"
    return html.P([terms("data.undone"), html.Span(said, className="quiet")], className="data-undone")


def _downloads(terms: Terms, run: Load) -> html.Div:
    links = [
        html.A(
            [icon("download"), terms("data.findings_csv")],
            href=f"/api/loads/{run.id}/findings.csv?lang={terms.language}",
            download="",
            className="button",
        ),
        html.A(
            [icon("download"), terms("data.report")],
            href=f"/api/loads/{run.id}?lang={terms.language}",
            download="",
            className="button",
        ),
    ]
    if run.upload_id and run.rows_rejected:
        links.insert(
            0,
            html.A(
                [icon("download"), terms("data.correction")],
                href=f"/api/uploads/{run.upload_id}/correction",
                download="",
                className="button",
            ),
        )
    return html.Div(links, className="data-links")


def _undo(terms: Terms, run: Load) -> html.Details:
    what = terms("data.undo_what", new=count(run.rows_new), changed=count(run.rows_changed))
    sure = html.Button(
        terms("data.undo_sure", n=run.id),
        type="button",
        className="button data-danger",
        **act("data-undo", load=run.id),
    )
    keep = html.Button(terms("data.undo_keep"), type="button", className="plain", **act("data-keep"))
    body = html.Div(
        [
            html.P(what),
            html.P("", className="said-note", hidden=True, role="alert"),
            html.Div([sure, keep], className="data-does"),
        ],
        className="data-undo-sure",
    )
    return html.Details(
        [html.Summary([icon("back"), terms("data.undo")]), body],
        className="data-undo",
        **parts.keyed(f"undo-{run.id}"),
    )
