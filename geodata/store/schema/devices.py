"""Cameras and sensors, and what sensors measured."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Double, Float, ForeignKey, Index, Table

from geodata.store.schema.base import geometry, identity, metadata, moment, one_of, text, tile_geometry

CAMERA_KINDS = ("dome", "bullet", "ptz", "panorama", "ai")
CAMERA_STATES = ("online", "offline", "fault", "silent")
SENSOR_KINDS = ("fire", "tilt", "water_quality", "settlement", "water_level", "ai_event")
SENSOR_STATES = ("normal", "notice", "watch", "warning", "danger", "silent", "fault")

cameras = Table(
    "cameras",
    metadata,
    identity(),
    text("code", "Key within its source", unique=True),
    text("name", "Where it stands, in words"),
    text("kind", ", ".join(CAMERA_KINDS)),
    text("state", ", ".join(CAMERA_STATES)),
    Column(
        "heading_deg", Float, comment="Direction of view, degrees clockwise from north; null when all round"
    ),
    Column("field_of_view_deg", Float, comment="Width of view, degrees"),
    Column("range_m", Float, comment="How far it sees, m"),
    Column("installed_on", Date, comment="First day in service"),
    moment("last_seen_at", "When it last answered", nullable=True),
    Column("area_id", BigInteger, ForeignKey("areas.id"), comment="Grid cell it stands in"),
    Column("load_id", BigInteger, ForeignKey("loads.id"), comment="Load that brought it; null for the demo"),
    geometry("POINT", "Where it stands, EPSG:4326"),
    tile_geometry("POINT"),
    one_of("kind", CAMERA_KINDS),
    one_of("state", CAMERA_STATES),
    CheckConstraint("heading_deg >= 0 AND heading_deg < 360", name="heading_on_compass"),
    CheckConstraint("field_of_view_deg > 0 AND field_of_view_deg <= 360", name="field_of_view_possible"),
    CheckConstraint("range_m > 0", name="range_positive"),
    comment="Video cameras: position, heading, state; places only, no recordings",
)
Index("ix_cameras_geom", cameras.c.geom, postgresql_using="gist")
Index("ix_cameras_geom_3857", cameras.c.geom_3857, postgresql_using="gist")
Index("ix_cameras_area_id", cameras.c.area_id)

sensors = Table(
    "sensors",
    metadata,
    identity(),
    text("code", "Key within its source", unique=True),
    text("name", "Where it stands, in words"),
    text("kind", ", ".join(SENSOR_KINDS)),
    text("unit", "Unit of its readings, as printed"),
    text("state", ", ".join(SENSOR_STATES)),
    Column("notice_at", Double, comment="Reading from which it is a notice, in unit"),
    Column("watch_at", Double, comment="Reading from which it is to be watched, in unit"),
    Column("warning_at", Double, comment="Reading from which it is a warning, in unit"),
    Column("danger_at", Double, comment="Reading from which it is danger, in unit"),
    Column("interval_s", Float, nullable=False, comment="Seconds between readings when healthy"),
    Column("area_id", BigInteger, ForeignKey("areas.id"), comment="Grid cell it stands in"),
    Column("load_id", BigInteger, ForeignKey("loads.id"), comment="Load that brought it; null for the demo"),
    geometry("POINT", "Where it stands, EPSG:4326"),
    tile_geometry("POINT"),
    one_of("kind", SENSOR_KINDS),
    one_of("state", SENSOR_STATES),
    CheckConstraint("interval_s > 0", name="interval_positive"),
    CheckConstraint(
        "(notice_at <= watch_at AND watch_at <= warning_at AND warning_at <= danger_at)"
        " OR (notice_at >= watch_at AND watch_at >= warning_at AND warning_at >= danger_at)",
        name="thresholds_one_way",
    ),
    comment="Sensors with unit and thresholds; falling thresholds mean that low is bad",
)
Index("ix_sensors_geom_3857", sensors.c.geom_3857, postgresql_using="gist")
Index("ix_sensors_area_id", sensors.c.area_id)

readings = Table(
    "readings",
    metadata,
    Column("sensor_id", BigInteger, ForeignKey("sensors.id", ondelete="CASCADE"), primary_key=True,
           comment="Which sensor"),
    moment("at", "When it was measured", primary_key=True),
    Column("value", Double, nullable=False, comment="Reading in the sensor's unit"),
    CheckConstraint("value <> 'NaN' AND value <> 'Infinity' AND value <> '-Infinity'", name="value_finite"),
    comment="What sensors measured; a partition a month",
    postgresql_partition_by="RANGE (at)",
)  # fmt: skip

sensor_latest = Table(
    "sensor_latest",
    metadata,
    Column("sensor_id", BigInteger, ForeignKey("sensors.id", ondelete="CASCADE"), primary_key=True,
           comment="Which sensor"),
    moment("at", "When its last reading was measured", nullable=False),
    Column("value", Double, nullable=False, comment="That reading, in the sensor's unit"),
    comment="The last reading of each sensor, beside the history",
)  # fmt: skip
