"""What a vendor's MQTT messages mean, told by a TOML file: which topics, where sensor, time and value stand.

    feed = "vendor_a"                      # key of the feed the rows belong to
    topics = ["plant/+/telemetry"]         # MQTT filters, + and # allowed
    rows = "json:data"                     # where the list of rows stands; left out: the message is one row
    at = { from = "row:ts", form = "epoch_ms" }   # form: iso, epoch_s, epoch_ms; from = "arrival": the moment it came
    zone = "Asia/Shanghai"                 # for iso times without an offset
    [[reading]]                            # one or more readings a row
    sensor = ["topic:1", "const:-T"]       # pieces put together
    value = "row:temperature"
    factor = 0.1                           # value × factor + offset, in the sensor's unit
    optional = true                        # a row without it has no such reading

A place is `topic:N` (level N of the topic, from 0), `json:a.b.0` (in the message), `row:a.b` (in the row), `const:text`,
or `payload` (the whole message as text). A reading without a value is no reading; it is never zero.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geodata.errors import FileRefused

NOTHING = object()


class NotUnderstood(Exception):
    """A message that the mapping cannot read; says why."""


class _When(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    place: str = Field("arrival", alias="from")
    form: Literal["iso", "epoch_s", "epoch_ms"] = "iso"


class _Reading(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    sensor: list[str]
    value: str
    factor: float = 1.0
    offset: float = 0.0
    optional: bool = False


class Mapping(BaseModel):
    """One mapping file; see the module's words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    feed: str
    topics: list[str] = Field(min_length=1)
    rows: str | None = None
    at: _When = _When(**{"from": "arrival"})  # type: ignore[arg-type]
    zone: str = "UTC"
    interval_s: float = 60.0
    title: str | None = None
    reading: list[_Reading] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Message:
    levels: list[str]
    text: str
    whole: Any
    arrived: datetime


def read_mappings(folder: Path) -> list[Mapping]:
    """All mappings of a folder, by name of file; a file that means nothing is refused with its name."""
    return [read_mapping(file) for file in sorted(folder.glob("*.toml"))]


def read_mapping(file: Path) -> Mapping:
    """One mapping file."""
    try:
        mapping = Mapping(**tomllib.loads(file.read_text("utf-8")))
        ZoneInfo(mapping.zone)
    except (tomllib.TOMLDecodeError, ValidationError, ZoneInfoNotFoundError) as fault:
        first = fault.errors()[0] if isinstance(fault, ValidationError) else None
        why = f"{'.'.join(str(x) for x in first['loc'])}: {first['msg']}" if first else str(fault)
        raise FileRefused(f"The MQTT mapping {file.name} cannot be used ({why}).") from None
    return mapping


def matches(topic_filter: str, topic: str) -> bool:
    """Whether an MQTT filter takes a topic (MQTT 5, 4.7: + is one level, # the rest, neither takes $ topics)."""
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in {"+", "#"}:
        return False
    for at, word in enumerate(wanted):
        if word == "#":
            return True
        if at >= len(levels) or word not in {"+", levels[at]}:
            return False
    return len(wanted) == len(levels)


def rows_of(mapping: Mapping, topic: str, payload: bytes, arrived: datetime) -> list[dict[str, Any]]:
    """The readings of one message as the door takes them: sensor, at, value; NotUnderstood when it has another form."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        raise NotUnderstood("the message is not UTF-8") from None
    message = _Message(topic.split("/"), text, _parsed(mapping, text), arrived)
    return [told for row in _rows(mapping, message) for told in _readings(mapping, message, row)]


def _parsed(mapping: Mapping, text: str) -> Any:
    places = [
        mapping.at.place,
        mapping.rows or "",
        *(x for r in mapping.reading for x in (*r.sensor, r.value)),
    ]
    if not any(place.startswith(("json:", "row:")) for place in places):
        return NOTHING
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise NotUnderstood("the message is no JSON") from None


def _rows(mapping: Mapping, message: _Message) -> list[Any]:
    if mapping.rows is None:
        return [message.whole]
    found = _find(mapping.rows, message, message.whole)
    if not isinstance(found, list):
        raise NotUnderstood(f"there is no list at {mapping.rows}")
    return found


def _readings(mapping: Mapping, message: _Message, row: Any) -> Iterator[dict[str, Any]]:
    at = _moment(mapping, message, row)
    for reading in mapping.reading:
        value = _find(reading.value, message, row)
        if value is NOTHING or value is None:
            if reading.optional:
                continue
            raise NotUnderstood(f"there is no value at {reading.value}")
        pieces = [_find(place, message, row) for place in reading.sensor]
        if NOTHING in pieces:
            raise NotUnderstood(f"there is no sensor at {reading.sensor}")
        yield {"sensor": "".join(map(str, pieces)), "at": at.isoformat(), "value": _scaled(reading, value)}


def _scaled(reading: _Reading, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotUnderstood(f"{value!r:.60} at {reading.value} is no number") from None
    return number * reading.factor + reading.offset


def _moment(mapping: Mapping, message: _Message, row: Any) -> datetime:
    if mapping.at.place == "arrival":
        return message.arrived
    told = _find(mapping.at.place, message, row)
    try:
        if mapping.at.form == "iso":
            at = datetime.fromisoformat(str(told))
            return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(mapping.zone))
        return datetime.fromtimestamp(float(told) / (1000 if mapping.at.form == "epoch_ms" else 1), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise NotUnderstood(f"there is no time at {mapping.at.place}") from None


def _find(place: str, message: _Message, row: Any) -> Any:
    kind, _, path = place.partition(":")
    if kind == "const":
        return path
    if kind == "payload":
        return message.text.strip()
    if kind == "topic":
        return message.levels[int(path)] if path.isdecimal() and int(path) < len(message.levels) else NOTHING
    if kind in {"json", "row"}:
        return _inside(message.whole if kind == "json" else row, path)
    raise NotUnderstood(f"“{place}” names no place in a message")


def _inside(found: Any, path: str) -> Any:
    for step in filter(None, path.split(".")):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return NOTHING
    return found
