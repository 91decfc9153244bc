"""The figures beside the planner's map: one sentence that answers, then trend, week, categories, times."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.components import states
from app.components.bars import Bar, bars
from app.components.figures import Figure, figure
from app.components.numbers import MISSING, change, count, measure, percent
from app.components.sections import section
from app.components.times import span
from app.pages import planning_answers as answers
from app.pages.planning_charts import days_chart, gaps, week_chart
from app.pages.planning_data import Ask
from app.terms import Terms
from geodata.queries.planning import BreakdownRow
from geodata.types import Bilingual

TYPES_SHOWN, TOPS_SHOWN = 10, 8
DEEPEST = 3
Parts = list[Component | None]


def figures(ask: Ask) -> Parts:
    """The answer in one sentence, and the four figures one asks for first."""
    terms, found = ask.terms, answers.headline(ask)
    if not found.total and found.total is not None:
        return [_asked(ask), states.empty(terms("plan.nothing"), terms("plan.nothing_hint"))]
    moved = change(found.total, found.before)
    cells = [
        Figure("total", terms("plan.total"), _few(terms, found.total), terms("plan.unit"), moved, _count(found.before),
               filter="all" if found.total else None, note=terms("plan.total_why")),
        Figure("daily", terms("plan.daily"), measure(found.per_day), terms("plan.unit_day")),
        Figure("km2", terms("plan.per_km2"), measure(found.per_km2), terms("plan.unit_km2"), note=terms("plan.km2_why")),
        Figure("people", terms("plan.per_1000"), measure(found.per_1000, 2), terms("plan.unit_1000"),
               note=terms("plan.people_why")),
    ]  # fmt: skip
    said = html.P(_sentence(ask, found), className="plan-sentence")
    return [
        _asked(ask),
        said,
        html.Div([figure(terms, each) for each in cells], className="figures plan-figures"),
    ]


def _asked(ask: Ask) -> html.P:
    now, before = ask.question.window, ask.before
    text = ask.terms("plan.asked", now=span(now.first, now.last), before=span(before.first, before.last))
    return html.P(text, className="plan-asked quiet")


def _sentence(ask: Ask, found: answers.Headline) -> str:
    terms = ask.terms
    if found.total is None:
        return terms("plan.said_few")
    parts = [terms("plan.said_total", n=count(found.total), days=ask.question.window.days)]
    if found.before is None:
        parts.append(terms("plan.said_unknown"))
    elif found.before:
        ratio = (found.total - found.before) / found.before
        key = "same" if abs(ratio) < 0.005 else "more" if ratio > 0 else "fewer"
        parts.append(terms(f"plan.said_{key}", share=percent(abs(ratio))))
    if found.top and found.top_share:
        parts.append(
            terms("plan.said_top", name=found.top.in_(terms.language), share=percent(found.top_share))
        )
    return terms("plan.said_join").join(parts) + terms("plan.said_end")


def trend(ask: Ask) -> Component:
    """Tickets a day, beside the days compared with."""
    terms, found = ask.terms, answers.trend(ask)
    body: list[Component] = [
        days_chart(terms, found, terms("plan.trend_label", days=len(found.days)), unfinished=ask.now < ask.question.window.end),
        _key(ask),
    ]  # fmt: skip
    missing = gaps(found.counts), gaps(found.before_counts)
    if any(missing):
        body.append(
            html.P(terms("plan.trend_gaps", now=missing[0], before=missing[1]), className="plan-note")
        )
    return section("trend", terms("plan.trend"), body, terms("plan.unit_day"))


def _key(ask: Ask) -> html.Div:
    now, before = ask.question.window, ask.before
    return html.Div(
        [
            html.Span([html.I(className="line-now"), span(now.first, now.last)]),
            html.Span([html.I(className="line-before"), span(before.first, before.last)]),
        ],
        className="plan-key",
    )


def matrix(ask: Ask) -> Component:
    """When in the week tickets come."""
    terms, found = ask.terms, answers.matrix(ask)
    body: list[Component] = [week_chart(terms, found)]
    known = [(value, day, hour) for day, row in enumerate(found) for hour, value in enumerate(row) if value]
    if known:
        value, day, hour = max(known)
        name = terms("plan.weekdays").split(",")[day]
        at = f"{name} {hour:02d}:00–{hour + 1:02d}:00"
        body.insert(0, html.P(terms("plan.week_said", at=at, n=count(value)), className="plan-said"))
    if any(value is None for row in found for value in row):
        body.append(_small(terms))
    return section("matrix", terms("plan.week"), body, terms("plan.local_time"))


def breakdown(ask: Ask) -> Component:
    """What tickets are about: the tops of the tree, then the kinds most often met."""
    terms = ask.terms
    tops, kinds = answers.breakdown(ask, 1), answers.breakdown(ask, DEEPEST)
    body: list[Component] = [
        _bars(terms, tops, TOPS_SHOWN),
        html.H4([terms("plan.kinds"), html.Span(terms("plan.first", n=min(TYPES_SHOWN, len(kinds))))]),
        _bars(terms, kinds, TYPES_SHOWN),
    ]
    if any(row.count is None for row in (*tops, *kinds)):
        body.append(_small(terms))
    return section("breakdown", terms("plan.breakdown"), body, terms("plan.vs"))


def _bars(terms: Terms, rows: list[BreakdownRow], most: int) -> Component:
    shown = [row for row in rows if row.count][:most]
    return bars([
        Bar(_title(terms, row.title), row.count or 0, change(row.count, row.before), "list", (("filter", f"within={row.code}"),))
        for row in shown
    ])  # fmt: skip


def _title(terms: Terms, title: Bilingual) -> str:
    return terms.pick(title.zh, title.en)


def times(ask: Ask) -> Component:
    """How long tickets take and how many are late."""
    terms, found = ask.terms, answers.times(ask)
    late = terms("plan.due_of", n=count(found.due)) if found.due is not None else None
    cells = [
        Figure("median", terms("plan.median"), measure(found.response_median_h), terms("plan.unit_h"),
               note=terms("plan.median_why")),
        Figure("p90", terms("plan.p90"), measure(found.response_p90_h), terms("plan.unit_h"), note=terms("plan.p90_why")),
        Figure("on_time", terms("plan.on_time"), percent(found.on_time_rate), before=late, filter="due=on_time",
               note=terms("plan.on_time_why")),
        Figure("late", terms("plan.late"), _few(terms, answers.late(ask, found)), terms("plan.unit"),
               filter="due=late" if answers.late(ask, found) else None),
        Figure("open", terms("plan.open"), _few(terms, found.open), terms("plan.unit"),
               filter="open=1" if found.open else None),
        Figure("overdue", terms("plan.overdue"), _few(terms, found.overdue), terms("plan.unit"),
               filter="overdue=1" if found.overdue else None, alarm=bool(found.overdue), note=terms("plan.overdue_why")),
    ]  # fmt: skip
    body: list[Component] = [
        html.Div([figure(terms, each) for each in cells], className="figures plan-figures plan-times-figures")
    ]
    if None in (found.open, found.overdue, found.due):
        body.append(_small(terms))
    return section("times", terms("plan.times"), body, terms("plan.times_aside"))


def ranking_said(ask: Ask) -> Parts:
    """What stands above the grid: how much of the question the areas hold, and why some counts are not told."""
    terms, found = ask.terms, answers.ranking(ask)
    level = ask.profile.level(found.level).title.in_(terms.language)
    parts: Parts = [html.Span(terms("plan.ranked", n=len(found.rows), level=level))]
    if found.elsewhere:
        parts.append(
            html.Span(terms("plan.elsewhere", n=count(found.elsewhere)), title=terms("plan.elsewhere_why"))
        )
    if any(row.count is None for row in found.rows):
        parts.append(_small(terms))
    return parts


def _small(terms: Terms) -> html.P:
    return html.P([html.B("<5"), " ", terms("plan.small")], className="plan-note plan-small")


def _count(value: int | None) -> str:
    return MISSING if value is None else count(value)


def _few(terms: Terms, value: int | None) -> str:
    return terms("plan.few") if value is None else count(value)
