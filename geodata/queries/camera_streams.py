"""Where the pictures of cameras come from, for the proxy alone, and which cameras the open alerts call up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.queries.cameras_near import seeing
from geodata.queries.hand_incidents import where_open
from geodata.store.schema.alerts import ALERT_OPEN

MOST_ALERTS = 60  # the newest; a wall shows fewer
SHOWN = "(state = any(:open) or closed_at > now() - cast(:stays as interval))"
STAYS = timedelta(minutes=1)  # the wall shows how something ended for a while


@dataclass(frozen=True, slots=True)
class Streams:
    """A camera's sources by kind (hls, snapshot, drawn); addresses hold credentials and are never printed."""

    code: str
    state: str
    area_code: str | None
    urls: dict[str, str | None] = field(repr=False)


def streams(c: Connection, code: str) -> Streams:
    """The sources of a camera."""
    rows = c.execute(
        text("""select t.code, t.state, a.code, s.kind, s.url from cameras t
                left join areas a on a.id = t.area_id
                left join camera_streams s on s.camera_id = t.id where t.code = :code"""),
        {"code": code},
    ).all()
    if not rows:
        raise NotFound(f"There is no camera with the code “{code[:60]}”.")
    code, state, area_code = rows[0][:3]
    return Streams(code, state, area_code, {row[3]: row[4] for row in rows if row[3]})


def called_up(c: Connection, profile: Profile, *, each: int = 4) -> frozenset[str]:
    """Codes of the cameras that open alerts and incidents call up, or did a minute ago: all that a wall may show."""
    rows = c.execute(
        text(f"""select ST_X(geom), ST_Y(geom) from alerts where {SHOWN} and geom is not null
                 order by id desc limit :most"""),
        {"open": list(ALERT_OPEN), "stays": STAYS, "most": MOST_ALERTS},
    ).all()
    spots = {(lon, lat) for lon, lat in rows} | set(where_open(c, STAYS, limit=MOST_ALERTS))
    return frozenset(one.code for lon, lat in spots for one in seeing(c, profile, lon, lat, limit=each))


def calls_up(c: Connection, alert_id: int) -> bool:
    """Whether an alert is open, or was a moment ago, so that its cameras may be shown."""
    known = {"id": alert_id, "open": list(ALERT_OPEN), "stays": STAYS}
    return bool(
        c.execute(text(f"select exists (select from alerts where id = :id and {SHOWN})"), known).scalar()
    )


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked through a camera, for an alert or of their own accord."""

    at: datetime
    account: str
    alert_id: int | None


def looks(c: Connection, code: str, *, limit: int = 50) -> list[Look]:
    """Who looked through a camera, the last first."""
    rows = c.execute(
        text("""select o.at, a.name, o.alert_id from camera_openings o join accounts a on a.id = o.account_id
                where o.camera_id = (select id from cameras where code = :code) order by o.at desc, o.id desc limit :limit"""),
        {"code": code, "limit": limit},
    )
    return [Look(*row) for row in rows]
