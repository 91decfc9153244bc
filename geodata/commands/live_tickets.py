"""Accepting tickets as they come: judged row by row, scrubbed of persons, located, written like those of a load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from geodata.commands import intake
from geodata.commands.categories import sources_by_name
from geodata.commands.facts import bump_data_version
from geodata.commands.feeds import Feed, count_verdicts, mark_heard
from geodata.commands.intake import pack_wholes
from geodata.commands.locating import Ground, read_ground
from geodata.commands.tickets import TicketRow, open_desk, write_tickets
from geodata.profile import Profile
from geodata.rules.reading_checks import AHEAD, is_word, moment_of, no_moment
from geodata.rules.scrub import scrub, scrub_numbers
from geodata.rules.verdicts import Verdicts
from geodata.space.hexes import cells_at_all
from geodata.store.notices import changed
from geodata.types import CLOSED_STATES, OPEN_STATES

OLDEST = timedelta(days=3_660)
NEAR_DEGREES = 1e-5  # a default point is written with five decimals
FAMILIES = ("service", "city")
LONGEST_NUMBER, LONGEST_TEXT = 80, 20_000
LATE = timedelta(days=1)
LIFE = {state: step for step, state in enumerate((*OPEN_STATES, *CLOSED_STATES))}
KEPT = ("title", "description", "address", "due_at", "lon", "lat")


@dataclass(frozen=True, slots=True)
class Told:
    """A ticket as its sender tells it, checked."""

    row: int
    number: str
    category: tuple[str, str]  # scheme and code
    category_id: int
    source: str
    family: str
    title: str | None
    description: str | None
    address: str | None
    received_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    state: str
    lon: float | None
    lat: float | None


class Wrong(Exception):
    """Why a row is no ticket: the verdict and one sentence."""

    def __init__(self, verdict: str, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict


def accept(c: Connection, profile: Profile, feed: Feed, rows: Sequence[Any], *, now: datetime) -> Verdicts:
    """Write those of the rows that are tickets; a number that is known is changed where the row says something new."""
    verdicts, told = Verdicts(feed.key), dict[str, Told]()
    categories = _categories(c, rows)
    for row, one in enumerate(rows):
        try:
            ticket = _checked(row, one, feed, categories, now)
        except Wrong as wrong:
            verdicts.add(row, wrong.verdict, str(wrong))
            continue
        if told.setdefault(ticket.number, ticket) is not ticket:
            verdicts.add(row, "repeated", "The batch tells this number twice; the first one stands.")
    if told and feed.drill_id is not None:
        _write_drill(c, feed, told, verdicts, profile)
    elif told:
        _write(c, profile, feed, told, now=now, verdicts=verdicts)
    count_verdicts(c, feed, now.astimezone(profile.zone).date(), verdicts.counts)
    if told or not rows:  # a batch without rows says that nothing was received: the feed lives
        mark_heard(c, feed, now, max((one.received_at for one in told.values()), default=None))
    return verdicts


def _categories(c: Connection, rows: Iterable[Any]) -> dict[str, list[tuple[str, int]]]:
    told = (row.get("category") for row in rows if isinstance(row, Mapping))
    codes = {str(code) for code in told if is_word(code)}
    found: dict[str, list[tuple[str, int]]] = {}
    statement = "select code, scheme, id from categories where code = any(:codes) order by scheme desc, id"
    for code, scheme, key in c.execute(text(statement), {"codes": sorted(codes)}):
        found.setdefault(code, []).append((scheme, key))
    return found


def _checked(
    row: int, told: Any, feed: Feed, categories: Mapping[str, list[tuple[str, int]]], now: datetime
) -> Told:
    if not isinstance(told, Mapping):
        raise Wrong("malformed", "The row is no object.")
    number = told.get("number")
    if not is_word(number, LONGEST_NUMBER) or not str(number).strip():
        raise Wrong("malformed", f"“number” is missing or longer than {LONGEST_NUMBER} letters.")
    received = _moment(told, "received_at")
    if received is None:
        raise Wrong("malformed", "“received_at” is missing.")
    if not now - OLDEST <= received <= now + AHEAD:
        raise Wrong("impossible", f"It cannot have been received at {received.isoformat()}.")
    scheme, category = _category(told, categories)
    if not is_word(told.get("source") or feed.key):
        raise Wrong("malformed", "“source” is no name.")
    closed = _moment(told, "closed_at")
    if closed is not None and closed < received:
        raise Wrong("impossible", "It cannot have been closed before it was received.")
    lon, lat = _place(told)
    return Told(
        row, str(number).strip(), (scheme, str(told["category"])), category, str(told.get("source") or feed.key),
        _one_of(told, "family", FAMILIES, "city" if scheme == "city" else "service"),
        _text(told, "title", scrub), _text(told, "description", scrub), _text(told, "address", scrub_numbers),
        received, _moment(told, "due_at"), closed, _state(told, closed), lon, lat,
    )  # fmt: skip


def _category(told: Mapping[str, Any], categories: Mapping[str, list[tuple[str, int]]]) -> tuple[str, int]:
    code, scheme = told.get("category"), told.get("scheme")
    if not is_word(code):
        raise Wrong("malformed", "“category” is missing or no code.")
    code = str(code)
    for found in categories.get(code, []):
        if scheme is None or found[0] == scheme:
            return found
    raise Wrong("unknown", f"There is no category “{code[:60]}”.")


def _state(told: Mapping[str, Any], closed: datetime | None) -> str:
    state = _one_of(told, "state", (*OPEN_STATES, *CLOSED_STATES), "received" if closed is None else "closed")
    if (state in CLOSED_STATES) != (closed is not None):
        raise Wrong(
            "impossible", f"A ticket that is {state} {'has no' if closed else 'needs a'} “closed_at”."
        )
    return state


def _one_of(told: Mapping[str, Any], name: str, words: Sequence[str], otherwise: str) -> str:
    word = told.get(name)
    if word is None:
        return otherwise
    if word not in words:
        raise Wrong("malformed", f"“{name}” is one of {', '.join(words)}.")
    return str(word)


def _text(told: Mapping[str, Any], name: str, clean: Any) -> str | None:
    value = told.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Wrong("malformed", f"“{name}” is no text.")
    if len(value) > LONGEST_TEXT:
        raise Wrong("malformed", f"“{name}” is longer than {LONGEST_TEXT} letters.")
    whole = value.replace("\0", "").encode(errors="replace").decode()
    return str(clean(whole.strip())) or None


def _moment(told: Mapping[str, Any], name: str) -> datetime | None:
    if told.get(name) is None:
        return None
    at = moment_of(told[name])
    if at is None:
        raise Wrong("malformed", no_moment(name))
    return at


def _place(told: Mapping[str, Any]) -> tuple[float | None, float | None]:
    lon, lat = told.get("lon"), told.get("lat")
    if lon is None or lat is None:
        return None, None
    numbers = all(isinstance(x, (int, float)) and not isinstance(x, bool) for x in (lon, lat))
    if not numbers or not (abs(lon) <= 180 and abs(lat) <= 90):  # NaN is neither
        raise Wrong("impossible", "“lon” and “lat” are degrees, EPSG:4326.")
    return float(lon), float(lat)


def _write(
    c: Connection,
    profile: Profile,
    feed: Feed,
    told: Mapping[str, Told],
    *,
    now: datetime,
    verdicts: Verdicts,
) -> None:
    """Write what is new or says something new, and leave it for the rules."""
    told = _with_known(c, feed, told, verdicts)
    if not told:
        return
    open_desk(c, hold=False)
    sources = sources_by_name(c, {one.source for one in told.values()}, create=True)
    # In the order of their numbers, so that two batches never wait for each other.
    in_order = [replace(told[number], row=place) for place, number in enumerate(sorted(told))]
    write_tickets(c, _rows(c, profile, in_order, sources), origin=feed.key, load_id=None, held=False)
    written = c.execute(
        text("select t.number, t.id from written_tickets w join tickets t on t.id = w.id order by t.id")
    ).all()  # fmt: skip
    fresh = {number for number, _ in written}
    for number, one in told.items():
        if number not in fresh:
            verdicts.add(one.row, "repeated", "The ticket is known and says nothing new.")
        elif now - max(one.received_at, one.closed_at or one.received_at) > LATE:
            verdicts.add(one.row, "late", "It came more than a day after it was received.")
        else:
            verdicts.add(one.row, "accepted")
    if written:
        bump_data_version(c)
        changed(c, "tickets", [feed.key])
        intake.put(c, feed, "tickets", pack_wholes(key for _, key in written))


def _with_known(c: Connection, feed: Feed, told: Mapping[str, Told], verdicts: Verdicts) -> dict[str, Told]:
    """The tickets with what is known of them where a row says nothing; a ticket never goes back in its life."""
    known = c.execute(
        text("""select number, state::text, title, description, address, due_at, closed_at,
                       st_x(geom) as lon, st_y(geom) as lat
                from tickets where origin = :origin and number = any(:numbers)"""),
        {"origin": feed.key, "numbers": sorted(told)},
    ).mappings()
    found = dict(told)
    for row in known:
        one = found[row["number"]]
        if LIFE[one.state] < LIFE[row["state"]]:
            verdicts.add(
                one.row, "out_of_order", f"The ticket is {row['state']} already; nothing was changed."
            )
            del found[row["number"]]
            continue
        kept = {name: row[name] for name in KEPT if getattr(one, name) is None}
        found[row["number"]] = replace(one, **kept)
    return found


def _rows(
    c: Connection, profile: Profile, told: Sequence[Told], sources: Mapping[str, int]
) -> list[TicketRow]:
    lon = np.array([np.nan if one.lon is None else one.lon for one in told], float)
    lat = np.array([np.nan if one.lat is None else one.lat for one in told], float)
    days = np.array([one.received_at.astimezone(profile.zone).date() for one in told], "datetime64[D]")
    ground = _GROUNDS.of(c, profile)
    areas = ground.area_of(lon, lat, days)
    roads, offsets = ground.road_of(lon, lat)
    at = np.flatnonzero(np.isfinite(lon))
    cells = np.zeros((3, len(told)), np.int64)
    cells[:, at] = np.array(cells_at_all(lon[at], lat[at]), np.int64) if len(at) else 0
    return [
        _row(
            one,
            sources[one.source],
            profile,
            [int(areas[n]), int(roads[n])],
            float(offsets[n]),
            [int(x) for x in cells[:, n]],
        )
        for n, one in enumerate(told)
    ]


def _row(  # noqa: PLR0917 - a ticket and where it lies
    one: Told, source: int, profile: Profile, lies: Sequence[int], offset_m: float, cells: Sequence[int]
) -> TicketRow:
    here, default = one.lon is not None, _is_default(one, profile)
    area, road = (
        None if default else key or None for key in lies
    )  # what stands on the default point is nowhere
    return TicketRow(
        number=one.number, source_id=source, family=one.family, category_id=one.category_id, unit_id=None, title=one.title,
        description=one.description, address=one.address, received_at=one.received_at, due_at=one.due_at,
        closed_at=one.closed_at, state=one.state, outcome=None, lon=one.lon, lat=one.lat,
        location_quality="given" if here else "none", is_default_point=default, area_id=area,
        road_id=road, road_offset_m=offset_m if road else None, hex_r9=cells[0] if here else None,
        hex_r10=cells[1] if here else None, hex_r11=cells[2] if here else None, row_number=one.row, repaired=False,
    )  # fmt: skip


def _is_default(one: Told, profile: Profile) -> bool:
    if one.lon is None or one.lat is None:
        return False
    return any(
        abs(one.lon - x) < NEAR_DEGREES and abs(one.lat - y) < NEAR_DEGREES for x, y in profile.default_points
    )


def _write_drill(
    c: Connection, feed: Feed, told: Mapping[str, Told], verdicts: Verdicts, profile: Profile
) -> None:
    """Tickets of a drill 演练, apart from the true ones."""
    lon = np.array([np.nan if one.lon is None else one.lon for one in told.values()], float)
    lat = np.array([np.nan if one.lat is None else one.lat for one in told.values()], float)
    days = np.array(
        [one.received_at.astimezone(profile.zone).date() for one in told.values()], "datetime64[D]"
    )
    areas = _GROUNDS.of(c, profile).area_of(lon, lat, days)
    fresh: list[str] = []
    for one, area in zip(told.values(), areas.tolist(), strict=True):
        made = c.execute(
            text("""insert into drill_tickets (drill_id, number, category_id, area_id, title, address, received_at, due_at, lon, lat)
                    values (:drill, :number, :category, :area, :title, :address, :received, :due, :lon, :lat)
                    on conflict do nothing"""),
            {"drill": feed.drill_id, "number": one.number, "category": one.category_id, "area": area or None,
             "title": one.title, "address": one.address, "received": one.received_at, "due": one.due_at,
             "lon": one.lon, "lat": one.lat},
        ).rowcount  # fmt: skip
        verdicts.add(
            one.row, "accepted" if made else "repeated", "" if made else "The ticket is known already."
        )
        fresh += [one.number] if made else []
    intake.put(c, feed, "tickets", "\n".join(fresh).encode())


class _Grounds:
    """The ground that tickets are located on, read once a process and again when areas or roads changed."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, Ground]] = {}
        self._lock = Lock()

    def of(self, c: Connection, profile: Profile) -> Ground:
        """The ground as the database has it now."""
        where = f"{c.engine.url.render_as_string()} {profile.key}"
        version = tuple(c.execute(text("""
            select (select max(id) from areas), (select count(*) from areas where valid_to is null),
                   (select max(id) from roads), (select count(*) from roads)""")).one())  # fmt: skip
        with self._lock:
            known = self._kept.get(where)
            if known is None or known[0] != version:
                known = self._kept[where] = (version, read_ground(c, profile))
            return known[1]


_GROUNDS = _Grounds()
