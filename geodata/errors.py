"""What can go wrong that a person must be told, each with one calm sentence.

`Refused` and its kinds end a command with exit status 1 and a request with a problem document; anything else is a
defect: the person gets a number to quote and the log gets the trace.
"""

from __future__ import annotations

from datetime import datetime


class Refused(Exception):
    """Something asked for cannot be done; the message says why and what to do, in one sentence."""

    code = "refused"


class NotFound(Refused):
    """What was named does not exist here."""

    code = "not_found"


class BadArgument(Refused):
    """An argument does not mean anything; `name` says which."""

    code = "bad_argument"

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class FileRefused(Refused):
    """A file cannot be taken in at all; nothing of it was loaded."""

    code = "file_refused"


class FileTooLarge(FileRefused):
    """A file is larger than is kept."""

    code = "file_too_large"


class Unavailable(Refused):
    """A part the product needs (the database, the disk, a port) does not answer."""

    code = "unavailable"


class Denied(Refused):
    """The account may not do or see this."""

    code = "denied"


class Conflict(Refused):
    """Somebody was first: `by` (None: the system) made `move` at `at`, told as `clock` in the district's time."""

    code = "conflict"

    def __init__(
        self,
        message: str,
        *,
        by: str | None,
        move: str,
        at: datetime,
        clock: str,
        state: str,
        revision: int | None,
    ) -> None:
        super().__init__(message)
        self.by, self.move, self.clock = by, move, clock
        self.facts = {"by": by, "move": move, "at": at.isoformat(), "state": state, "revision": revision}
