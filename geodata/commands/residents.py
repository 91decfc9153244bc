"""Writing how many people live in areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from geodata.commands.registers import Register, Written, write_register

RESIDENTS = Register("area_residents", ("residents",), key=("scheme", "area_code", "counted_on"))


def write_residents(
    c: Connection, scheme: str, counted_on: date, counts: Sequence[tuple[str, int]], *, load_id: int | None
) -> Written:
    """Write residents by area code, counted for a day."""
    rows = [(scheme, code, counted_on, residents) for code, residents in counts]
    return write_register(c, RESIDENTS, rows, told={"residents"}, load_id=load_id)
