"""An uploaded file loaded as a person chose, or tried without keeping anything.

A worker may die at any moment: a load that was kept is found again by the stored name of its file and not repeated, one
that was not kept is done anew; the load itself is one transaction.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.jobs.base import Doing, Fields, Kind
from app.jobs.uploaded import folder_of, named, renamed, the_loading
from geodata.commands import uploads as commands
from geodata.queries import loads, uploads as queries
from geodata.queries.uploads import Upload
from geodata.store.db import transaction
from geodata.types import Bilingual

TELL_EVERY = 0.02  # of the whole: each telling is a write


def do(doing: Doing) -> Fields:
    """The report of the dry run, or the number of the load."""
    dry = bool(doing.asked.get("dry"))
    with transaction(doing.engine) as c:
        it = queries.upload(c, doing.asked["upload"])
        kept = None if dry else commands.adopt(c, it.id, it.stored)
        before = loads.load(c, kept) if kept else None
    if before and before.state == "done":
        return {"data": {"load": before.id}}
    doing.say(0.0, "read")
    report = _carried(doing, it, dry=dry)
    with transaction(doing.engine) as c:
        if dry:
            commands.tried(c, it.id, report)
            return {"data": {"state": report["state"]}}
        number = commands.adopt(c, it.id, it.stored)
    if report["state"] == "done" and (it.looked or {}).get("personal"):
        _file(doing, it).unlink(missing_ok=True)  # what was not read is not kept either
    return {"data": {"load": number, "state": report["state"]}}


def _file(doing: Doing, it: Upload) -> Path:
    return folder_of(doing.settings, it.id) / it.stored


def _carried(doing: Doing, it: Upload, *, dry: bool) -> Fields:
    file = _file(doing, it)
    try:
        with named(it):
            made = the_loading(doing).load(
                doing.engine, doing.profile, file, it.choice, dry_run=dry, heard=_heard(doing, it)
            )
    except Exception:
        if not dry:  # the book has it: refused or failed
            with transaction(doing.engine) as c:
                commands.adopt(c, it.id, it.stored)
        raise
    return renamed(made, it)


def _heard(doing: Doing, it: Upload) -> Any:
    total, last = (it.looked or {}).get("rows") or 0, [0.0]

    def heard(rows: int) -> None:
        share = min(rows / total, 1.0) * 0.95 if total else None
        if share is None or share - last[0] >= TELL_EVERY:
            last[0] = share or 0.0
            doing.say(share, "rows")

    return heard


KIND = Kind("load_upload", Bilingual("导入文件", "Load a file"), do, askable=False)
