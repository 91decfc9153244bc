"""The ticker: what happened last, in words, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from app import alert_words
from app.components.actions import data
from app.components.levels import shape
from app.pages.wall_times import hour
from app.terms import Terms, all_terms
from geodata.plans import load_plans
from geodata.profile import Profile
from geodata.store.notices import Happening
from geodata.types import LEVELS


@dataclass(frozen=True, slots=True)
class _Subject:
    """The names of what an alert is about, as a happening tells them."""

    rule: str
    subject_name: str
    subject_name_en: str | None


def ticker(terms: Terms, profile: Profile, told: Sequence[Happening]) -> html.Ol:
    """One line a happening; what has no words is left out."""
    lines = [(one, sentence(terms, one)) for one in told]
    rows = [_row(terms, profile, one, said) for one, said in lines if said]
    if not rows:
        rows = [html.Li(terms("wall.nothing_yet"), className="wall-tick wall-tick-none")]
    return html.Ol(rows, className="wall-ticks")


def _row(terms: Terms, profile: Profile, it: Happening, said: str) -> html.Li:
    level = it.body.get("level")
    sign = shape(level) if level in LEVELS else None
    drill = html.Span(terms("wall.drill"), className="wall-tag") if it.drill_id is not None else None
    return html.Li(
        [html.Time(hour(it.at, profile.zone)), sign, drill, html.Span(said)],
        className="wall-tick" + (f" level-{level}" if level in LEVELS else ""),
        **data(key=f"tick-{it.id}"),
    )


def sentence(terms: Terms, it: Happening) -> str | None:
    """A happening in a few words; None for one that nobody would say aloud."""
    key = f"wall_happening.{it.kind}_{it.move}"
    if key not in all_terms():
        return None
    level = it.body.get("level")
    return terms(key, what=_what(terms, it), level=terms(f"alert_level.{level}") if level in LEVELS else "")


def _what(terms: Terms, it: Happening) -> str:
    body = it.body
    if it.kind == "alert" and body.get("rule") and body.get("subject_name"):
        return alert_words.title(
            terms, _Subject(body["rule"], body["subject_name"], body.get("subject_name_en"))
        )
    if it.kind == "dispatch":
        return terms.pick(body.get("team_name") or "", body.get("team_name_en"))
    if it.kind == "drill":
        plan = load_plans().get(body.get("plan_key") or "")
        return plan.title.in_(terms.language) if plan else str(body.get("plan_key") or "")
    return terms.pick(str(body.get("title") or body.get("key") or ""), body.get("title_en"))
