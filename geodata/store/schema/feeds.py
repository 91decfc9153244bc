"""Feeds: what sends measurements, its tokens, what it sent, and the queue of what is still to be judged."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text as sql,
)

from geodata.store.schema.base import identity, metadata, moment, one_of, text

FEED_KINDS = ("readings", "crowd", "tickets")
FEED_STATES = ("never", "live", "silent", "retired")
INTAKE_KINDS = ("readings", "crowd", "tickets")

feeds = Table(
    "feeds",
    metadata,
    identity(),
    text("key", "Short stable key; the source in (source, key, time)", unique=True),
    text("kind", ", ".join(FEED_KINDS)),
    text("title", "Name as pages print it"),
    text("title_en", "Name for an English reader", nullable=True),
    Column("interval_s", Float, nullable=False, comment="Seconds between batches when healthy"),
    text("state", "never, live, silent or retired", server_default="never"),
    moment("last_batch_at", "When its last batch was accepted", nullable=True),
    moment("last_at", "Newest moment it told about", nullable=True),
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"),
           comment="Drill it plays in; null for a real feed"),
    moment("created_at", "When it was made", nullable=False, server_default=sql("now()")),
    one_of("kind", FEED_KINDS),
    one_of("state", FEED_STATES),
    CheckConstraint("interval_s > 0", name="interval_positive"),
    CheckConstraint("key ~ '^[a-z][a-z0-9_-]{1,59}$'", name="key_plain"),
    comment="What sends measurements, and how it stands; a feed that stops is an alert of its own",
)  # fmt: skip

feed_tokens = Table(
    "feed_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the bearer token"),
    Column("feed_id", BigInteger, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="The only feed it may write"),
    moment("created_at", "When made", nullable=False, server_default=sql("now()")),
    comment="Bearer tokens of feeds; only hashes are kept",
)  # fmt: skip

feed_counts = Table(
    "feed_counts",
    metadata,
    Column("feed_id", BigInteger, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True,
           comment="Which feed"),
    Column("day", Date, primary_key=True, comment="Day of the profile's zone on which it was received"),
    Column("verdict", Text, primary_key=True,
           comment="accepted, repeated, late, out_of_order, impossible, unknown, jump, malformed"),
    Column("rows", BigInteger, nullable=False, comment="How many rows were judged so"),
    comment="What became of the rows of each feed, a row a day and verdict",
)  # fmt: skip

intake = Table(
    "intake",
    metadata,
    identity(),
    Column("feed_id", BigInteger, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False, comment="Which feed"),
    text("kind", ", ".join(INTAKE_KINDS)),
    moment("accepted_at", "When the batch was accepted", nullable=False, server_default=sql("clock_timestamp()")),
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), comment="Drill it belongs to"),
    Column("body", LargeBinary, nullable=False, comment="What the rules need of it, packed (geodata/commands/intake.py)"),
    text("fault", "Why it was set aside because it could not be judged; null while it waits", nullable=True),
    one_of("kind", INTAKE_KINDS),
    comment="Accepted batches that the rules have not judged yet; a row leaves in the transaction that judged it",
)  # fmt: skip

retention_policies = Table(
    "retention_policies",
    metadata,
    Column(
        "subject", Text, primary_key=True, comment="readings, readings_hourly, crowd_ticks, crowd_series …"
    ),
    Column("keep_days", Integer, nullable=False, comment="Days after which rows are dropped"),
    Column("thin_after_days", Integer, comment="Days after which rows are thinned out; null for never"),
    Column("thin_to_s", Integer, comment="Seconds between rows once thinned out"),
    text("author", "Who set it"),
    moment("set_at", "When it was set", nullable=False, server_default=sql("now()")),
    CheckConstraint("keep_days > 0", name="keep_positive"),
    comment="How long measurements are kept and how they are thinned out",
)

readings_hourly = Table(
    "readings_hourly",
    metadata,
    Column("sensor_id", BigInteger, ForeignKey("sensors.id", ondelete="CASCADE"), primary_key=True,
           comment="Which sensor"),
    moment("hour", "Beginning of the hour", primary_key=True),
    Column("readings", Integer, nullable=False, comment="How many readings it had"),
    Column("lowest", Float(53), nullable=False, comment="Lowest, in the sensor's unit"),
    Column("mean", Float(53), nullable=False, comment="Mean, in the sensor's unit"),
    Column("highest", Float(53), nullable=False, comment="Highest, in the sensor's unit"),
    comment="Readings thinned out to hours",
)  # fmt: skip

drill_readings = Table(
    "drill_readings",
    metadata,
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True,
           comment="Which drill"),
    Column("sensor_id", BigInteger, ForeignKey("sensors.id", ondelete="CASCADE"), primary_key=True,
           comment="Which sensor plays"),
    moment("at", "When it is played to have been measured", primary_key=True),
    Column("value", Float(53), nullable=False, comment="Played reading, in the sensor's unit"),
    comment="Readings of drills 演练; apart from the true ones, so that no statistic can hold them",
)  # fmt: skip

drill_tickets = Table(
    "drill_tickets",
    metadata,
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True,
           comment="Which drill"),
    Column("number", Text, primary_key=True, comment="Number within the drill"),
    Column("category_id", BigInteger, ForeignKey("categories.id"), comment="What it is about"),
    Column("area_id", BigInteger, ForeignKey("areas.id"), comment="Finest area known"),
    text("title", "One line that says what is wrong", nullable=True),
    text("address", "Where, in words", nullable=True),
    moment("received_at", "When it is played to have been received", nullable=False),
    moment("due_at", "Deadline", nullable=True),
    Column("lon", Float(53), comment="Longitude, degrees, EPSG:4326"),
    Column("lat", Float(53), comment="Latitude, degrees, EPSG:4326"),
    comment="Tickets of drills 演练; apart from the true ones, so that no statistic can hold them",
)  # fmt: skip
Index("ix_feeds_drill_id", feeds.c.drill_id)
