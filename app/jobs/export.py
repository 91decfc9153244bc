"""A file to take away that takes long: the same as at the door of exports."""

from __future__ import annotations

from datetime import UTC, datetime

from app.exports import discover
from app.exports.matter import Matter
from app.jobs.base import Doing, Fields, Kind
from app.terms import language_of
from geodata.errors import BadArgument
from geodata.queries.question_json import from_values, window_from
from geodata.types import Bilingual


def do(doing: Doing) -> Fields:
    """Make the file of the kind asked for, all from one moment of the data."""
    options = doing.asked["options"]
    export = discover().get(options.get("kind", "xlsx"))
    if export is None:
        raise BadArgument("kind", f"There is no such export; there are {', '.join(discover())}.")
    profile, before = doing.profile, doing.asked.get("before")
    q = from_values(doing.asked["question"], profile)
    doing.say(0.1, export.key)
    with doing.engine.connect() as plain:
        c = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        level = options.get("level") or profile.levels[min(1, len(profile.levels) - 1)].key
        profile.level(level)
        body = export.make(Matter(
            c, profile, q, window_from(before, profile) if before else None, level, int(options.get("resolution", 9)),
            language_of(options.get("lang")), datetime.now(UTC), doing.settings.rasters,
        ))  # fmt: skip
    doing.say(0.9, export.key)
    file = doing.file(export.suffix)
    file.write_bytes(body)
    name = f"{q.window.first}-{q.window.last}.{export.suffix}"
    return {"file": str(file.relative_to(doing.settings.home)), "name": name, "media_type": export.media_type}


KIND = Kind(
    "export", Bilingual("导出文件", "Make a file"), do, options=("kind", "level", "resolution", "lang")
)
