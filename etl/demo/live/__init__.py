"""What makes the demo live: crowd places, teams, posts, the duty roster and its three feeds."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from etl.demo.live import places, roster
from geodata.commands import demo_live
from geodata.commands.facts import get_fact
from geodata.commands.feeds import add_feed
from geodata.profile import Profile
from geodata.queries.demo import area_names, named_ground
from geodata.store.db import transaction

__all__ = ["FEEDS", "ensure_live_rows", "write_live"]

# key: (kind, title, title for an English reader, seconds between batches)
FEEDS = {
    "demo-readings": ("readings", "演示物联感知", "Demo sensors", 30.0),
    "demo-crowd": ("crowd", "演示人群热力", "Demo crowd heat", 5.0),
    "demo-tickets": ("tickets", "演示工单", "Demo tickets", 900.0),
}


def ensure_live_rows(engine: Engine, profile: Profile) -> None:
    """Give a demo what it lacks of these rows, and the roster its coming days; does nothing where no demo stands."""
    with transaction(engine) as connection:
        if get_fact(connection, "demo") is not None:
            write_live(connection, profile)


def write_live(connection: Connection, profile: Profile) -> None:
    """Write what is missing; rows that are there stay as they are, whoever changed them."""
    demo_live.one_at_a_time(connection)
    wanted = places.wanted()
    wanted["place"] |= roster.wanted()
    ground = named_ground(connection, wanted)
    demo_live.add_crowd_places(connection, profile.scheme, places.crowd_places(ground))
    demo_live.add_teams(connection, profile.scheme, roster.teams(ground))
    demo_live.add_contacts(connection, roster.contacts(area_names(connection, profile.scheme)))
    today = profile.today()
    demo_live.add_team_shifts(connection, roster.shifts(today, profile.zone))
    demo_live.add_account_shifts(connection, roster.slots(today, profile.zone))
    for key in demo_live.missing_feeds(connection, FEEDS):
        kind, title, title_en, interval_s = FEEDS[key]
        add_feed(connection, key, kind, title=title, title_en=title_en, interval_s=interval_s)
