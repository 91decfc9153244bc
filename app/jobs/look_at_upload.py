"""A look at a file that was sent: what it is, which column may be what, where it may lie; nothing is loaded."""

from __future__ import annotations

import json

from app.jobs.base import Doing, Fields, Kind
from app.jobs.uploaded import SAMPLE, folder_of, named, the_loading
from geodata.commands import uploads as commands
from geodata.queries import uploads as queries
from geodata.store.db import transaction
from geodata.types import Bilingual


def do(doing: Doing) -> Fields:
    """Keep what was found with the upload, and a sample of rows beside the file for the map."""
    with doing.engine.connect() as c:
        it = queries.upload(c, doing.asked["upload"])
    doing.say(None, "look")
    folder = folder_of(doing.settings, it.id)
    with named(it):
        seen = the_loading(doing).look(
            doing.engine, doing.profile, folder / it.stored, it.choice | {"file_name": it.name}
        )
    (folder / SAMPLE).write_text(json.dumps(seen["sample"], ensure_ascii=False), "utf-8")
    with transaction(doing.engine) as c:
        commands.looked(c, it.id, seen["found"], seen["choice"])
    return {"data": {"upload": it.id}}


KIND = Kind("look_at_upload", Bilingual("识别上传的文件", "Look at a file"), do, askable=False)
