"""Who is called: teams, duty, contacts, dispatches, webhooks, the shift's log; and drills 演练."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from geodata.store.schema.base import geometry, identity, metadata, moment, one_of, text

TEAM_KINDS = (
    "grid",
    "city_management",
    "police",
    "fire",
    "medical",
    "volunteer",
    "drone",
    "facility",
    "water",
)
DISPATCH_STATES = ("sent", "delivered", "accepted", "refused", "arrived", "done")

drills = Table(
    "drills",
    metadata,
    identity(),
    text("plan_key", "Scenario that is played"),
    text("state", "running, ended or broken", server_default="running"),
    moment("started_at", "When it began", nullable=False, server_default=sql("clock_timestamp()")),
    moment("ended_at", "When it ended", nullable=True),
    Column(
        "account_id", BigInteger, ForeignKey("accounts.id"), comment="Who began it; null for the command line"
    ),
    Column("report", JSONB, comment="The after-action report"),
    one_of("state", ("running", "ended", "broken")),
    comment="Drills: scripts played through the real path, marked 演练 and kept out of every statistic",
)

teams = Table(
    "teams",
    metadata,
    identity(),
    text("code", "Short stable key", unique=True),
    text("name", "Name as pages print it"),
    text("name_en", "Name for an English reader", nullable=True),
    text("kind", ", ".join(TEAM_KINDS)),
    Column(
        "skills",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="What it can do: first_aid, drone …",
    ),
    Column("people", SmallInteger, nullable=False, comment="How many come"),
    text("area_code", "Area it belongs to; null for the whole district", nullable=True),
    Column(
        "account_id", BigInteger, ForeignKey("accounts.id"), comment="Account whose inbox it reads, if any"
    ),
    Column("active", Boolean, nullable=False, server_default=sql("true"), comment="May be dispatched"),
    geometry("POINT", "Its base, EPSG:4326"),
    one_of("kind", TEAM_KINDS),
    CheckConstraint("people > 0", name="people_positive"),
    comment="Teams that can be sent, with skills and base",
)
Index("ix_teams_geom", teams.c.geom, postgresql_using="gist")

duty_shifts = Table(
    "duty_shifts",
    metadata,
    identity(),
    text("role", "commander, deputy, watch, team"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who is on duty, as an account"),
    Column("team_id", BigInteger, ForeignKey("teams.id"), comment="Who is on duty, as a team"),
    text("area_code", "Area it is responsible for; null for the whole district", nullable=True),
    moment("starts_at", "From when", nullable=False),
    moment("ends_at", "Until when", nullable=False),
    CheckConstraint("num_nonnulls(account_id, team_id) = 1", name="one_or_the_other"),
    CheckConstraint("ends_at > starts_at", name="span_forward"),
    comment="Duty roster 值班表",
)
Index("ix_duty_shifts_starts_at", duty_shifts.c.starts_at)

duty_changes = Table(
    "duty_changes",
    metadata,
    identity(),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    text("move", "add or remove"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who changed it"),
    text("role", "Duty that was given or taken"),
    text("who", "Account or team that it was given to or taken from"),
    text("area_code", "Area of the duty; null for the whole district", nullable=True),
    moment("starts_at", "From when the duty was to last", nullable=False),
    moment("ends_at", "Until when", nullable=False),
    one_of("move", ("add", "remove")),
    comment="Every change of the duty roster by hand; rows are added, never changed",
)

contacts = Table(
    "contacts",
    metadata,
    identity(),
    text("area_code", "Area it answers for"),
    text("role", "subdistrict_lead, station_duty, grid_chief …"),
    text("title", "Post as pages print it; a post, never a person's name"),
    text("title_en", "Post for an English reader", nullable=True),
    text("extension", "Internal extension of the post; never a personal number", nullable=True),
    Column("team_id", BigInteger, ForeignKey("teams.id"), comment="Team that is called for it, if any"),
    comment="Which post answers for which area",
)
Index("ix_contacts_area_code", contacts.c.area_code)

dispatches = Table(
    "dispatches",
    metadata,
    identity(),
    Column("incident_id", BigInteger, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="For which incident"),
    Column("team_id", BigInteger, ForeignKey("teams.id"), nullable=False, index=True, comment="Which team"),
    text("task", "What it is to do"),
    text("state", ", ".join(DISPATCH_STATES), server_default="sent"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who sent it"),
    moment("sent_at", "When it was sent", nullable=False, server_default=sql("clock_timestamp()")),
    moment("delivered_at", "When the team's page showed it", nullable=True),
    moment("answered_at", "When it was accepted or refused", nullable=True),
    moment("arrived_at", "When the team was there", nullable=True),
    moment("done_at", "When it had done its task", nullable=True),
    text("why", "Why it was refused", nullable=True),
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), comment="Drill it belongs to"),
    one_of("state", DISPATCH_STATES),
    comment="Who was sent where, and each step with its time",
)  # fmt: skip

dispatch_moves = Table(
    "dispatch_moves",
    metadata,
    identity(),
    Column("dispatch_id", BigInteger, ForeignKey("dispatches.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which dispatch"),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    text("move", "send, deliver, accept, refuse, arrive, done"),
    text("from_state", "State before; null for the first", nullable=True),
    text("to_state", "State after"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who"),
    text("why", "Why, in a word", nullable=True),
    comment="Every step of every dispatch; rows are added, never changed",
)  # fmt: skip

webhooks = Table(
    "webhooks",
    metadata,
    identity(),
    text("name", "What listens there", unique=True),
    text("url", "Where it is posted to"),
    text("secret", "Key of the signature (HMAC-SHA-256)"),
    Column(
        "kinds",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="Kinds of happenings; empty for all",
    ),
    Column("active", Boolean, nullable=False, server_default=sql("true"), comment="Whether it is called"),
    Column(
        "queued_until",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="Number of the last happening that was looked at for it",
    ),
    comment="Other systems that are told; drills never reach them",
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    identity(),
    Column("webhook_id", BigInteger, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False,
           comment="To whom"),
    Column("happening_id", BigInteger, nullable=False, comment="What is told"),
    Column("tries", Integer, nullable=False, server_default="0", comment="How often it was tried"),
    moment("next_try_at", "When it is tried next; null when done or given up", nullable=True),
    moment("delivered_at", "When it was taken", nullable=True),
    text("said", "What the other side answered last", nullable=True),
    comment="What is still to be told to other systems, and what was",
)  # fmt: skip
Index("ix_webhook_deliveries_next", webhook_deliveries.c.next_try_at,
      postgresql_where=webhook_deliveries.c.next_try_at.is_not(None))  # fmt: skip

shift_log = Table(
    "shift_log",
    metadata,
    identity(),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who hands over"),
    Column("to_account_id", BigInteger, ForeignKey("accounts.id"), comment="Who takes over, if named"),
    text("body", "What the next shift must know"),
    Column("standing", JSONB, nullable=False, server_default=sql("'{}'"),
           comment="What was open at that moment: alerts, incidents, feeds that stand still"),
    comment="Hand-over from shift to shift; rows are added, never changed",
)  # fmt: skip

happenings = Table(
    "happenings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True,
           comment="Place in the one order that everybody sees: given under a lock that is held until commit"),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    text("kind", "alert, incident, dispatch, feed, threshold, drill"),
    text("move", "What happened to it: raise, grow, acknowledge …"),
    Column("subject_id", BigInteger, comment="Key of the alert, incident, dispatch, feed …"),
    text("area_code", "Where; null for what concerns everybody", nullable=True),
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), comment="Drill it belongs to"),
    Column("body", JSONB, nullable=False, server_default=sql("'{}'"), comment="Few facts that save a question"),
    comment="What screens are told, in commit order and without gaps; nothing here is coalesced or dropped",
)  # fmt: skip
Index("ix_happenings_at", happenings.c.at)
