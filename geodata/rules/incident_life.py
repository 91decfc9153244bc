"""The life of an incident, and of a dispatch in it: which move leads from which state to which, and who may make it."""

from __future__ import annotations

from typing import Final

from geodata.rules.alert_life import IllegalMove

# from state, move, to state; `dispatch` and `handle` also follow from the first team sent and the first that arrives
LIFE: Final[tuple[tuple[str, str, str], ...]] = (
    ("opened", "verify", "verified"),
    ("opened", "dispatch", "dispatched"),  # when there is no time to verify
    ("opened", "resolve", "resolved"),  # when there was nothing
    ("verified", "dispatch", "dispatched"),
    ("verified", "handle", "handling"),
    ("verified", "resolve", "resolved"),
    ("dispatched", "handle", "handling"),
    ("dispatched", "resolve", "resolved"),
    ("handling", "resolve", "resolved"),
    ("resolved", "review", "reviewed"),
)
STATES: Final = ("opened", "verified", "dispatched", "handling", "resolved", "reviewed")
ENDED: Final = ("resolved", "reviewed")
MOVES: Final = {state: {move: after for before, move, after in LIFE if before == state} for state in STATES}

# The life of a dispatch. The team's own account makes these moves; a commander may, for a team that has none.
DISPATCH_LIFE: Final[tuple[tuple[str, str, str], ...]] = (
    ("sent", "deliver", "delivered"),  # by the team's own inbox page alone
    ("sent", "accept", "accepted"),
    ("sent", "refuse", "refused"),
    ("delivered", "accept", "accepted"),
    ("delivered", "refuse", "refused"),
    ("accepted", "arrive", "arrived"),
    ("accepted", "refuse", "refused"),  # called away on the road
    ("arrived", "done", "done"),
)
DISPATCH_STATES: Final = ("sent", "delivered", "accepted", "refused", "arrived", "done")
DISPATCH_ENDED: Final = ("refused", "done")


def may(state: str, move: str) -> str:
    """The state of an incident after a move; IllegalMove where there is none."""
    return _after(LIFE, "An incident", state, move)


def may_dispatch(state: str, move: str) -> str:
    """The state of a dispatch after a move; IllegalMove where there is none."""
    return _after(DISPATCH_LIFE, "A dispatch", state, move)


def open_moves(state: str) -> tuple[str, ...]:
    """The moves that can be made from a state: what a page offers as buttons."""
    return tuple(move for before, move, _ in LIFE if before == state)


def open_dispatch_moves(state: str) -> tuple[str, ...]:
    """The moves of a dispatch that people can make from a state."""
    return tuple(move for before, move, _ in DISPATCH_LIFE if before == state and move != "deliver")


def _after(life: tuple[tuple[str, str, str], ...], what: str, state: str, move: str) -> str:
    for before, name, after in life:
        if (before, name) == (state, move):
            return after
    raise IllegalMove(f"{what} that is {state} cannot {move}.")
