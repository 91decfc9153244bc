"""A folder of our own where a file, or what an archive holds, lies under a name that we chose.

What opens a file by its path never sees the sender's name, which could be read as an address or as an archive.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


class Workroom:
    """A temporary folder; it goes when nobody holds it any more."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yiping-"))
        self._end = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def show(self, file: Path, name: str) -> Path:
        """Let a file appear here under another name; it is not copied."""
        here = self.folder / name
        here.symlink_to(file.resolve())
        return here
