"""An uploaded file read as an area, in any format that loads take; in a process that may break without harm."""

from __future__ import annotations

import base64
from pathlib import Path
from tempfile import TemporaryDirectory

from shapely.geometry import mapping

from app.jobs.base import Doing, Fields, Kind
from app.jobs.uploaded import the_loading
from geodata.commands import shapes
from geodata.store.db import transaction
from geodata.types import Bilingual


def do(doing: Doing) -> Fields:
    """Keep the union of all polygons of the file; gives the number of the new area."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "upload"
        file.write_bytes(base64.b64decode(doing.asked["content"]))
        doing.say(0.1, None)
        found = the_loading(doing).outline(file)
    doing.say(0.6, None)
    with transaction(doing.engine) as c:
        number = shapes.draw(
            c, doing.profile, doing.account, doing.asked["name"], mapping(found), origin="upload"
        )
        return {"data": {"shape": number}}


KIND = Kind("upload_shape", Bilingual("读取上传的范围", "Read an uploaded area"), do, askable=False)
