"""What a crowd feed may tell: counts per cell, gathered into ticks; a feed that tells of devices is refused whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from geodata.rules.reading_checks import LATE_AT_LEAST_S, LATE_INTERVALS, Wrong, moment_of, no_moment

# Names of what tells one device or person from another, without signs and in small letters.
DEVICES: Final = frozenset({
    "device", "devices", "deviceid", "deviceids", "imei", "imsi", "iccid", "mac", "macs", "macaddress", "macaddr", "bssid",
    "phone", "phones", "phonenumber", "mobile", "mobilenumber", "tel", "msisdn", "idfa", "idfv", "oaid", "gaid", "androidid",
    "openid", "unionid", "uuid", "udid", "user", "users", "userid", "userids", "person", "persons", "personid", "member",
    "idcard", "idnumber", "name", "names", "face", "faceid", "faces", "plate", "platenumber", "track", "tracks", "trajectory",
    "手机号", "身份证", "姓名", "车牌", "设备号", "轨迹", "人脸",
})  # fmt: skip
MAC = re.compile(r"(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")
KNOWN = frozenset({"at", "cell", "cells", "people", "grid", "resolution"})
SIGNS = re.compile(r"[\W_]+")
JUMP_TIMES, JUMP_FROM, JUMP_INTERVALS = 3.0, 500.0, 5.0


@dataclass(slots=True)
class Sent:
    """A tick as it was sent, whole or gathered from rows; `rows` are the numbers of the rows that it was sent in."""

    at: datetime
    grid: Any
    cells: Any
    people: Any
    rows: list[int] = field(default_factory=list)
    by_row: bool = False


def devices_told(rows: Iterable[Any]) -> str | None:
    """What names a device or a person in a batch, however deep; None when nothing does."""
    waiting: list[Any] = list(rows)
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            for name, value in one.items():
                if name not in seen and SIGNS.sub("", str(name)).lower() in DEVICES:
                    return str(name)
                seen.add(str(name))
                if name not in KNOWN or isinstance(value, Mapping):
                    waiting.append(value)
                elif isinstance(value, list) and {dict, list} & set(map(type, value)):
                    waiting += [x for x in value if isinstance(x, (dict, list))]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and MAC.fullmatch(one):
            return "mac"
    return None


def gathered(rows: Sequence[Any]) -> tuple[list[Sent], list[tuple[int, Wrong]]]:
    """The ticks of a batch, oldest first, and the rows that are none; rows {cell, at, people} of one moment are one tick."""
    ticks: list[Sent] = []
    by_moment: dict[str, Sent] = {}
    wrong: list[tuple[int, Wrong]] = []
    for number, row in enumerate(rows):
        told = row if isinstance(row, Mapping) else {}
        said = told.get("at")
        at = by_moment[said].at if isinstance(said, str) and said in by_moment else moment_of(said)
        if at is None:
            wrong.append((number, Wrong("malformed", no_moment("at"))))
        elif "cell" not in told:
            ticks.append(Sent(at, told.get("grid"), told.get("cells"), told.get("people"), [number]))
        else:
            tick = by_moment.setdefault(str(said), Sent(at, None, [], [], by_row=True))
            tick.cells.append(told["cell"])
            tick.people.append(told.get("people"))
            tick.rows.append(number)
    return sorted([*ticks, *by_moment.values()], key=lambda tick: tick.at), wrong


def standing(
    at: datetime, total: float, *, before: tuple[datetime, float] | None, interval_s: float, now: datetime
) -> Wrong | None:
    """How a tick stands to the clock and to the newest before it (its moment and all its people); None when in order."""
    age_s = (now - at).total_seconds()
    if before is not None and at < before[0]:
        return Wrong("out_of_order", f"Older than the newest known, {before[0].isoformat()}.")
    if age_s > max(LATE_INTERVALS * interval_s, LATE_AT_LEAST_S):
        return Wrong("late", f"It came {age_s:.0f} s after its moment.")
    if before is None or (at - before[0]).total_seconds() > JUMP_INTERVALS * interval_s:
        return None
    low, high = sorted((total, before[1]))
    if high > JUMP_FROM and high > JUMP_TIMES * low:
        return Wrong("jump", f"All people jumped from {before[1]:.0f} to {total:.0f}.")
    return None
