"""The life of an alert: which move leads from which state to which, and who may make it."""

from __future__ import annotations

from typing import Final, Literal

Who = Literal["system", "person", "incident"]

# from state, move, to state, who makes it (incident: it follows from what people do with the incident)
LIFE: Final[tuple[tuple[str, str, str, tuple[Who, ...]], ...]] = (
    ("raised", "grow", "raised", ("system",)),
    ("raised", "join", "raised", ("system",)),  # a second rule found what this alert already tells
    ("raised", "ease", "raised", ("system",)),
    ("raised", "escalate", "raised", ("system",)),
    ("raised", "acknowledge", "acknowledged", ("person",)),
    ("raised", "clear", "cleared", ("system",)),
    ("raised", "false_alarm", "false_alarm", ("person",)),
    ("raised", "deal", "dealt_with", ("person",)),
    ("raised", "open_incident", "incident", ("person",)),
    ("acknowledged", "grow", "acknowledged", ("system",)),
    ("acknowledged", "join", "acknowledged", ("system",)),
    ("acknowledged", "ease", "acknowledged", ("system",)),
    ("acknowledged", "clear", "cleared", ("system",)),
    ("acknowledged", "false_alarm", "false_alarm", ("person",)),
    ("acknowledged", "deal", "dealt_with", ("person",)),
    ("acknowledged", "open_incident", "incident", ("person",)),
    ("incident", "grow", "incident", ("system",)),
    ("incident", "join", "incident", ("system",)),
    ("incident", "ease", "incident", ("system",)),
    ("incident", "clear", "incident", ("system",)),  # back to normal, yet it stays with its incident
    ("incident", "deal", "dealt_with", ("incident",)),
    ("cleared", "reopen", "raised", ("system",)),
)
CLOSED: Final = ("cleared", "false_alarm", "dealt_with")
MOVERS: Final = ("commander", "admin")  # roles of accounts whose people may move alerts and incidents

MOVES: Final[dict[str, dict[str, str]]] = {
    state: {move: after for before, move, after, _ in LIFE if before == state}
    for state in ("raised", "acknowledged", "incident", "cleared", "false_alarm", "dealt_with")
}


class IllegalMove(ValueError):
    """A move that its state does not know, or that is not for whoever makes it."""


def may(state: str, move: str, who: Who | None = None) -> str:
    """The state after a move; IllegalMove where there is none, or none for `who` (None: anybody)."""
    for before, name, after, makers in LIFE:
        if (before, name) == (state, move) and (who is None or who in makers):
            return after
    raise IllegalMove(f"An alert that is {state} cannot {move}.")


def open_to_people(state: str) -> tuple[str, ...]:
    """The moves that people can make from a state: what a page offers as buttons."""
    return tuple(move for before, move, _, makers in LIFE if before == state and "person" in makers)
