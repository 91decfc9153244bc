"""What the base map is drawn from and addresses are found by: roads, water, greens, places, heritage."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table

from geodata.store.schema.base import geometry, identity, metadata, one_of, text, tile_geometry

ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "lane", "pedestrian")

roads = Table(
    "roads",
    metadata,
    identity(),
    text("code", "Key within its source", unique=True),
    text("name", "Street name", nullable=True),
    text("name_en", "Name for an English reader", nullable=True),
    text("class", f"Importance: {', '.join(ROAD_CLASSES)}", key="class_"),
    Column("door_first", Integer, comment="Lowest door number, at the start of the line"),
    Column("door_last", Integer, comment="Highest door number, at its end"),
    Column("load_id", ForeignKey("loads.id"), comment="Load that brought it; null for the demo"),
    geometry("MULTILINESTRING", "Centre line, EPSG:4326"),
    tile_geometry("MULTILINESTRING"),
    one_of("class", ROAD_CLASSES),
    CheckConstraint("door_first > 0 AND door_last >= door_first", name="doors_ascend"),
    CheckConstraint("NOT ST_IsEmpty(geom)", name="geom_there"),
    comment="Streets with class and door numbers",
)
Index("ix_roads_geom", roads.c.geom, postgresql_using="gist")
Index("ix_roads_geom_3857", roads.c.geom_3857, postgresql_using="gist")
Index("ix_roads_name", roads.c.name)

ground_features = Table(
    "ground_features",
    metadata,
    identity(),
    text("theme", "water or green"),
    text("kind", "water: river, canal, moat, lake; green: park, garden, wetland, hill"),
    text("name", "Name", nullable=True),
    text("name_en", "Name for an English reader", nullable=True),
    Column("load_id", ForeignKey("loads.id"), comment="Load that brought it; null for the demo"),
    geometry("MULTIPOLYGON", "Outline, EPSG:4326"),
    tile_geometry("MULTIPOLYGON"),
    one_of("theme", ("water", "green")),
    CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom_valid"),
    comment="Water and green of the base map",
)
Index("ix_ground_features_geom_3857", ground_features.c.geom_3857, postgresql_using="gist")

places = Table(
    "places",
    metadata,
    identity(),
    text("code", "Key within its source", unique=True),
    text(
        "kind",
        "landmark, estate, garden, temple, station, market, school, hospital, government, bridge, gate",
    ),
    text("name", "Name as people say it"),
    text("name_en", "Name for an English reader", nullable=True),
    text("address", "Street address", nullable=True),
    Column("load_id", ForeignKey("loads.id"), comment="Load that brought it; null for the demo"),
    geometry("POINT", "Where it is, EPSG:4326"),
    tile_geometry("POINT"),
    CheckConstraint("name <> ''", name="named"),
    comment="Landmarks, estates and other places that people name",
)
Index("ix_places_geom_3857", places.c.geom_3857, postgresql_using="gist")
Index("ix_places_name", places.c.name)

heritage_objects = Table(
    "heritage_objects",
    metadata,
    identity(),
    text("code", "Key within its source", unique=True),
    text("name", "Name"),
    text("name_en", "Name for an English reader", nullable=True),
    text("grade", "Protection: world, national, provincial, municipal, controlled"),
    text("condition", "good, fair, poor"),
    text("era", "Dynasty or period", nullable=True),
    text("address", "Street address", nullable=True),
    Column("load_id", ForeignKey("loads.id"), comment="Load that brought it; null for the demo"),
    geometry("POINT", "Where it is, EPSG:4326"),
    tile_geometry("POINT"),
    one_of("grade", ("world", "national", "provincial", "municipal", "controlled")),
    one_of("condition", ("good", "fair", "poor")),
    comment="Protected objects of the old town with grade and condition",
)
Index("ix_heritage_objects_geom_3857", heritage_objects.c.geom_3857, postgresql_using="gist")
