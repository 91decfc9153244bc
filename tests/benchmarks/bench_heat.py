"""Heat of the whole district and of a street, over a month and a year, through the door."""

from __future__ import annotations

from datetime import timedelta

from tests.benchmarks.served import Served, spread, timed_ms

STREET = "120.615,31.310,120.630,31.318"


def run(served: Served) -> dict[str, float]:
    """Each question twenty times after one warm-up."""
    box = ",".join(str(x) for x in served.profile.bbox)
    month = {"from_": served.last - timedelta(days=29), "to": served.last}
    year = {"from_": served.last - timedelta(days=364), "to": served.last}
    figures: dict[str, float] = {}
    for name, query in {
        "district_month_r9": {"bbox": box, "resolution": 9, **month},
        "district_year_r10": {"bbox": box, "resolution": 10, **year},
        "street_month_r11": {"bbox": STREET, "resolution": 11, **month},
        "street_year_r11": {"bbox": STREET, "resolution": 11, **year},
    }.items():
        served.json("/api/heat", **query)
        figures |= spread(name, timed_ms(lambda q=query: served.json("/api/heat", **q), 20))
    return figures
