"""An empty workbook for a kind of file, with its columns explained."""

from __future__ import annotations

from app.jobs.base import Doing, Fields, Kind
from app.jobs.uploaded import the_loading
from geodata.types import Bilingual

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def do(doing: Doing) -> Fields:
    """The workbook as a file."""
    body = the_loading(doing).template(doing.asked["kind"], doing.asked["language"])
    file = doing.file("xlsx")
    file.write_bytes(body)
    return {
        "file": str(file.relative_to(doing.settings.home)), "name": f"{doing.asked['kind']}.xlsx", "media_type": XLSX,
    }  # fmt: skip


KIND = Kind("load_template", Bilingual("空白模板", "An empty template"), do, askable=False)
