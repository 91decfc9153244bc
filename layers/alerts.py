"""Open alerts 告警 with their outline, level and state."""

from __future__ import annotations

from layers.base import Bilingual, Layer, OpenAlerts

LAYER = Layer(
    key="alerts",
    title=Bilingual("告警", "Alerts"),
    source=OpenAlerts(),
    unit=Bilingual("起", "alerts"),
    palette=("--notice", "--watch", "--warning", "--danger"),
    refresh_s=5,
    order=90,
)
