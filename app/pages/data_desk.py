"""What every step of the data page is shown with: the reader's words, the file, its name above the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import html

from app.components.icons import icon
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.uploads import Upload


@dataclass(frozen=True, slots=True)
class Desk:
    """What a step is shown with: the reader's words, the district, mappings saved by name for this kind."""

    terms: Terms
    profile: Profile
    it: Upload
    saved: Sequence[str] = ()


def head_of(desk: Desk, question: str, why: str | None = None) -> html.Div:
    """The name of the file, then the one question."""
    name = html.P([icon("file"), html.Span(desk.it.name, title=desk.it.name)], className="data-name")
    return html.Div(
        [name, html.H2(question), html.P(why, className="quiet") if why else None], className="data-head"
    )
