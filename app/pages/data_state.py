"""Where the data page stands: which file or which load, and at which of its five steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geodata.queries.loads import Load
from geodata.queries.uploads import Upload

Step = Literal["file", "columns", "place", "check", "load"]
STEPS: tuple[Step, ...] = ("file", "columns", "place", "check", "load")
Stage = Literal["none", "rows", "map", "check"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is shown: `at` is the step, `reached` how many may be gone to, `found` how much a load found."""

    it: Upload | None = None
    run: Load | None = None
    at: Step = "file"
    reached: int = 0
    found: int = 0

    @property
    def stage(self) -> Stage:
        """What the right of the page shows."""
        if self.run:
            return "check" if self.found else "map"
        if not self.it or not self.it.looked or (self.it.busy and self.it.job_kind == "look_at_upload"):
            return "none"
        if self.at in ("file", "columns"):
            return "rows"
        told = (self.it.tried or {}).get("findings") or self.it.load_state in ("refused", "failed")
        return "check" if self.at != "place" and told else "map"

    @property
    def busy(self) -> bool:
        """Whether the worker is at it, so that the page must ask again."""
        return bool(self.it and (self.it.busy or self.it.got_bytes < self.it.size_bytes))


def standing(it: Upload | None, run: Load | None, wanted: str | None, found: int = 0) -> Standing:
    """The step asked for where it may be gone to, else the farthest one reached."""
    if run or not it:
        return Standing(run=run, found=found)
    reached = _reached(it)
    at = STEPS.index(wanted) if wanted in STEPS else reached
    return Standing(it, None, STEPS[min(at, reached)], reached)


def _reached(it: Upload) -> int:
    if it.load_state in ("done", "running") or (it.load_id and it.tried):
        return 4
    if it.job_kind == "load_upload" and it.job_state != "done":  # a try forgets what the one before told
        return 3 if it.tried is None else 4
    if it.looked is None:
        return 0
    confirmed = it.choice.get("confirmed")
    return 3 if it.tried else min(STEPS.index(confirmed) + 1, 2) if confirmed in STEPS else 0
