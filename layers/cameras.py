"""Video cameras 视频监控: where they stand and look, and whether they answer."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Tiles, named

LAYER = Layer(
    key="cameras",
    title=Bilingual("视频监控", "Cameras"),
    source=Tiles(
        table="cameras",
        columns=named(
            "id",
            "code",
            "name",
            "kind",
            "state",
            heading="heading_deg",
            fov="field_of_view_deg",
            range="range_m",
        ),
        cluster_below_zoom=16,
        counted=("online", "state", "online"),
    ),
    unit=Bilingual("路", "cameras"),
    palette=("--jade", "--quiet", "--warning"),
    roles=("screen", "commander", "operator", "admin"),
    refresh_s=300,
    order=70,
)
