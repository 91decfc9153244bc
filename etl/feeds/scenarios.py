"""The scenarios that can be simulated: one made to be watched, and the scripts of the plans."""

from __future__ import annotations

from etl.feeds.script import Script, script_of
from geodata.errors import Refused
from geodata.plans import Play, load_plans

GUANQIAN = "guanqian"
# Shares of what 观前街 holds, by the second: within three minutes past each of the four levels (of walking: 0.2, 0.33,
# 0.5 and 1 of danger), then it stays, so that each level's hold time runs out, and eases until the alert clears.
SHARES = ((0, 5, 0.36), (15, 100, 0.80), (115, 60, 1.15), (480, 180, 0.12))
LASTS_S = 1080.0


def names() -> list[str]:
    """Every scenario by name."""
    return [GUANQIAN, *sorted(plan.key for plan in load_plans().values() if plan.script)]


def scenario(name: str, capacity_of: dict[str, int]) -> Script:
    """A scenario by name; `capacity_of` tells what each crowd place holds."""
    if name == GUANQIAN:
        return _guanqian(capacity_of)
    plan = load_plans().get(name)
    if plan is None or not plan.script:
        raise Refused(f"There is no scenario “{name}”; there are {', '.join(names())}.")
    return script_of(plan)


def _guanqian(capacity_of: dict[str, int]) -> Script:
    if GUANQIAN not in capacity_of:
        raise Refused("This home has no crowd place “guanqian” 观前街; ./yiping up with the demo makes it.")
    people = [(at_s, over_s, share * capacity_of[GUANQIAN]) for at_s, over_s, share in SHARES]
    plays = [
        Play(at_s, "crowd", over_s, {"place": GUANQIAN, "people": told}) for at_s, over_s, told in people
    ]
    return Script(GUANQIAN, LASTS_S, tuple(plays))
