"""Thresholds as a table: a rule after the other, each subject with its four levels, unit, author and a way to change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components import running_time
from app.components.actions import act, data
from app.components.levels import mark
from app.components.numbers import MISSING
from app.terms import Terms
from geodata.queries.thresholds import ThresholdRow
from geodata.types import LEVELS

PLAIN = (*LEVELS, "unit")


def threshold_table(
    terms: Terms,
    zone: ZoneInfo,
    now: datetime,
    rows: Sequence[ThresholdRow],
    names: Mapping[tuple[str, str], str],
    *,
    may: bool,
) -> html.Table:
    """All that hold; `names` are the subjects' by rule and key."""
    heads = [
        html.Th(terms("admin.subject")),
        *(html.Th(mark(terms, level), className="number") for level in LEVELS),
    ]
    heads += [html.Th(terms(f"admin.{key}")) for key in ("unit", "author")] + [html.Th("")]
    groups: dict[str, list[ThresholdRow]] = {}
    for row in rows:
        groups.setdefault(row.rule, []).append(row)
    bodies = [
        html.Tbody(
            [
                html.Tr(html.Th(terms(f"rule.{rule}"), colSpan="8", scope="rowgroup"), className="rule-head"),
                *(_row(terms, zone, now, row, names.get((rule, row.subject)), may=may) for row in held),
            ]
        )
        for rule, held in groups.items()
    ]
    return html.Table([html.Thead(html.Tr(heads)), *bodies], className="grid-table thresholds")


def _row(
    terms: Terms, zone: ZoneInfo, now: datetime, row: ThresholdRow, name: str | None, *, may: bool
) -> html.Tr:
    by_system = row.author == "system"
    who: list[Component | str] = [terms("admin.shipped") if by_system else row.author]
    if not by_system:
        who += [" · ", running_time.at(row.valid_from, zone, now)]
    cells = [html.Td(subject_name(terms, row.subject, name), className="subject")]
    cells += [html.Td(figure(row.limits.get(level)), className="number") for level in LEVELS]
    cells += [html.Td(unit(terms, row.limits)), html.Td(who, className="quiet", title=row.why or "")]
    about = act("threshold", rule=row.rule, subject=row.subject)
    word = terms("admin.edit") if may else terms("admin.history")
    cells.append(html.Td(html.Button(word, className="button", **about), className="does"))
    return html.Tr(cells, **data(key=f"{row.rule}:{row.subject}", rule=row.rule, subject=row.subject))


def subject_name(terms: Terms, key: str, name: str | None) -> str:
    """The subject's name; a kind's word; everything."""
    if key == "*":
        return terms("admin.all_subjects")
    return name or terms.either("sensor_kind", terms.either("admin_kind", key))


def unit(terms: Terms, limits: Mapping[str, object]) -> str:
    """The unit of the four levels."""
    return terms.either("alert_unit", str(limits["unit"])) if limits.get("unit") else MISSING


def figure(value: object) -> str:
    """A number as it was set."""
    return f"{value:g}" if isinstance(value, int | float) else MISSING
