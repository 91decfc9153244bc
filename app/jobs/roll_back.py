"""A load taken back: exactly what was there before."""

from __future__ import annotations

from app.jobs.base import Doing, Fields, Kind
from app.jobs.uploaded import the_loading
from geodata.types import Bilingual


def do(doing: Doing) -> Fields:
    """How many rows were put back or removed."""
    doing.say(None, "undo")
    return {
        "data": the_loading(doing).roll_back(
            doing.engine, doing.profile, doing.asked["load"], doing.account.name, doing.settings.rasters
        )
    }


KIND = Kind("roll_back", Bilingual("撤回导入", "Take a load back"), do, askable=False)
