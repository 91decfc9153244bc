"""Keys that stood in earlier batches are known again, and only those."""

from __future__ import annotations

import pandas as pd

from etl.seen import Seen


def test_keys_of_earlier_batches_are_known_again() -> None:
    seen = Seen()
    assert not seen.which(pd.Series(["a"], dtype=object)).any()
    for begin in range(0, 5_000, 250):
        fresh = pd.Series([f"№{n}" for n in range(begin, begin + 250)], dtype=object)
        assert not seen.which(fresh).any()
        seen.add(fresh)
    seen.add(pd.Series([], dtype=object))
    asked = pd.Series([f"№{n}" for n in range(4_990, 5_010)], dtype=object)
    assert seen.which(asked).tolist() == [True] * 10 + [False] * 10
    assert "№17" in seen
    assert "17" not in seen
