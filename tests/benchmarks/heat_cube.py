"""Our heat cube, timed by the same runner as its peers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from geodata.cube.store import Cube, CubeQuestion
from geodata.types import BBox
from tests.benchmarks.heat_runner import Answer, Ask, serve


class OurCube:
    """The files that the web processes map; clients are processes, as web workers are."""

    clients: Literal["processes"] = "processes"

    def load(self, *, folder: str, first: str) -> dict[str, float]:
        """Open the cube that stands in a folder."""
        self.cube, self.first = Cube.open(Path(folder)), date.fromisoformat(first)
        return {}

    def client(self) -> Ask:
        """The cube itself."""
        counts, first, day = self.cube.counts, self.first, timedelta(days=1)

        def ask(q: dict[str, Any]) -> Answer:
            found = counts(CubeQuestion(
                resolution=q["resolution"], first=first + q["first"] * day, last=first + q["last"] * day,
                categories=None if q["category"] is None else frozenset({q["category"]}), areas=None,
                bbox=BBox(*q["box"]) if q["box"] else None, band=None,
            ))  # fmt: skip
            return found.cells, found.counts

        return ask


if __name__ == "__main__":
    serve(OurCube())
