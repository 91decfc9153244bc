"""Two hundred breaches while whatever runs is killed: none is lost, none is raised twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.breaches import run


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_no_breach_is_lost_and_none_is_raised_twice(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("faults")
    for folder in (home, *home.parents):
        if folder == folder.parent or folder.name == "tmp":
            break
        folder.chmod(0o755)  # the account that runs PostgreSQL must reach it
    outcome = run(Path(home), 200, lasts_s=45, seed=20261122)
    assert (outcome.lost, outcome.raised_twice, outcome.announced_twice) == (0, 0, 0), outcome
    assert min(outcome.kills.values()) >= 2, outcome
    assert outcome.seconds < 180, outcome
