"""What a panel of the planner's page is asked: the question, the window beside it, the level and the reader's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from sqlalchemy import Connection

from app.http import arguments
from app.http.house import House
from app.pages.panel import Asker
from app.pages.planning_state import AGAINST, days_of, levels, read_versus, versus_window
from app.terms import Terms
from geodata.profile import Profile
from geodata.rules.hotspots.reading import Exposure
from geodata.types import Question, Role, Window


@dataclass(frozen=True, slots=True)
class Ask:
    """One asking of one panel; `words` is the question as the doors below /fragments/planning read it."""

    house: House
    c: Connection
    terms: Terms
    role: Role
    question: Question
    before: Window
    level: str
    now: datetime
    against: Exposure
    words: str

    @property
    def profile(self) -> Profile:
        """The district."""
        return self.house.profile

    @property
    def key(self) -> tuple[object, ...]:
        """What an answer may be remembered under while the data stay the same."""
        minute = self.now.replace(second=0, microsecond=0)
        said = (self.terms.language, self.role)
        return (self.question, self.before, self.level, *said, self.house.version(), minute)

    @property
    def earlier(self) -> Question:
        """The same question about the window beside it."""
        return replace(self.question, window=self.before)


def ask_of(house: House, c: Connection, asker: Asker, asked: dict[str, Any]) -> Ask:
    """Read the browser's `plan-asked` store, or a list's copy of it; refused when it names what is not there."""
    question = question_of(house, asked)
    before = versus_window(read_versus(asked.get("vs")), question.window)
    level = asked.get("level") or ""
    known, against = levels(house.profile), asked.get("against")
    return Ask(
        house, c, asker.terms, asker.account.role, question, before, level if level in known else known[0], asker.now,
        against if against in AGAINST else "none", _words(asked),
    )  # fmt: skip


def _words(asked: dict[str, Any]) -> str:
    told = {
        key: asked.get(key) for key in ("areas", "shape", "from", "to", "vs", "categories", "band", "level")
    }
    return urlencode({key: ",".join(it) if isinstance(it, list) else it for key, it in told.items() if it})


def asked_in(words: str) -> dict[str, Any]:
    """The question of an address, as the browser's store has it."""
    found: dict[str, Any] = {key: values[-1] for key, values in parse_qs(words).items()}
    for name, key in (("areas", "areas"), ("categories", "categories"), ("category", "categories")):
        if name in found:
            found[key] = [code for code in str(found[name]).split(",") if code]
    return found


def question_of(house: House, asked: dict[str, Any]) -> Question:
    """The question itself, narrowed to what the account may see."""
    first, last = days_of(asked.get("from"), asked.get("to"), house.profile.today())
    return arguments.question(
        house=house,
        first=first.isoformat(),
        last=last.isoformat(),
        category=list(asked.get("categories") or ()),
        areas=list(asked.get("areas") or ()),
        shape=asked.get("shape"),
        band=asked.get("band"),
    )
