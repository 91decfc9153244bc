"""Who has an alert: five steps from its raising to its end with their times, and the teams that were sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dash import html
from dash.development.base_component import Component

from app.pages.wall_data import Focus
from app.pages.wall_times import hour, left, running
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.handling import Handling, Sent, TakenBy

MOST_TEAMS = 3
WENT = ("accepted", "arrived", "done")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when it was done (None: not yet) and what else is known of it."""

    key: Literal["raise", "take", "send", "accept", "done"]
    at: datetime | None
    note: str = ""


def steps(terms: Terms, profile: Profile, it: Focus) -> html.Div:
    """The five steps, and in a sentence who has it."""
    told = _steps(terms, it)
    done = max((i for i, step in enumerate(told) if step.at), default=0)
    items = [_item(terms, profile, step, i, done) for i, step in enumerate(told)]
    return html.Div([_who(terms, it), html.Ol(items, className="wall-steps")], className="wall-handling")


def _steps(terms: Terms, it: Focus) -> list[Step]:
    about, sent = it.handling, it.handling.sent
    went = [one for one in sent if one.state in WENT]
    return [
        Step("raise", it.card.raised_at),
        Step("take", it.card.acknowledged_at or (about.taken.at if about.taken else None)),
        Step("send", sent[0].sent_at if sent else None, terms("wall.teams", n=len(sent)) if sent else ""),
        Step(
            "accept",
            min((one.answered_at for one in went if one.answered_at), default=None),
            f"{len(went)}/{len(sent)}" if sent else "",
        ),
        Step("done", about.resolved_at or it.card.closed_at),
    ]


def _item(terms: Terms, profile: Profile, step: Step, at: int, done: int) -> html.Li:
    state = "done" if step.at else "skipped" if at < done else "next" if at == done + 1 else "todo"
    time = hour(step.at, profile.zone) if step.at else "—"
    return html.Li(
        [
            html.I(),
            html.Span(terms(f"wall_step.{step.key}"), className="wall-step-word"),
            html.Span(f"{time} {step.note}".strip(), className="wall-step-time"),
        ],
        className=f"wall-step wall-step-{state}",
    )


def _who(terms: Terms, it: Focus) -> html.P:
    if it.card.closed_at is not None:
        return html.P(terms("wall.ended"), className="wall-who wall-who-done")
    if it.handling.taken is not None:
        return html.P([terms("wall.taken"), html.B(post(terms, it.handling.taken))], className="wall-who")
    if it.card.state != "raised":
        return html.P(terms("wall.taken_by_nobody"), className="wall-who")
    waiting: list[Component | str] = [terms("wall.nobody"), running(it.card.raised_at)]
    if it.card.escalates_at is not None:
        waiting += [
            html.Span(
                [terms("wall.escalates_before"), left(it.card.escalates_at), terms("wall.escalates_after")],
                className="wall-escalates",
            )
        ]
    return html.P(waiting, className="wall-who wall-who-nobody")


def post(terms: Terms, taken: TakenBy) -> str:
    """The post that took an alert: 指挥长 · 平江街道; never a person's name."""
    role = terms.either("role", taken.role)
    if taken.area_name is None:
        return role
    return f"{role} · {terms.pick(taken.area_name, taken.area_name_en)}"


def teams(terms: Terms, profile: Profile, about: Handling) -> html.Ul | None:
    """The teams that were sent, those that move first; refusals stay, because somebody else must go."""
    if not about.sent:
        return None
    ordered = sorted(about.sent, key=lambda one: one.state in {"done", "refused"})
    rows = [_team(terms, profile, one) for one in ordered[:MOST_TEAMS]]
    return html.Ul([*rows, *_more(terms, ordered)], className="wall-teams")


def _more(terms: Terms, ordered: Sequence[Sent]) -> list[html.Li]:
    rest = len(ordered) - MOST_TEAMS
    return [html.Li(terms("wall.more_teams", n=rest), className="wall-team-more")] if rest > 0 else []


def _team(terms: Terms, profile: Profile, one: Sent) -> html.Li:
    at = one.done_at or one.arrived_at or one.answered_at or one.sent_at
    return html.Li(
        [
            html.I(),
            html.Span(terms.pick(one.team, one.team_en), className="wall-team-name"),
            html.Span(terms(f"wall_dispatch.{one.state}"), className="wall-team-state"),
            html.Span(hour(at, profile.zone), className="wall-team-time"),
        ],
        className=f"wall-team wall-team-{one.state}",
    )
