"""Plans 预案: what is done when, by whom, for each kind of place and level, and the script a drill of it plays.

A plan is one TOML file here; its key is the name of the file. docs/how-to/write-a-plan.md describes the format.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from geodata.types import LEVELS, Bilingual, Level

FOLDER = Path(__file__).parent
KINDS = ("crowd", "fire", "water", "structure", "traffic", "medical", "facility", "ticket", "other")
NEEDED = {"crowd": {"place", "people"}, "readings": {"value"}, "tickets": {"category", "count"}}


class PlanFault(ValueError):
    """A plan's file does not keep to the format; the message names file and field."""


@dataclass(frozen=True, slots=True)
class RoleOf:
    """A part somebody plays in a plan; `team_kind` says which teams can play it, None for a person of the centre."""

    key: str
    title: Bilingual
    team_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One item of a check-list; `within_min` counts minutes from the incident's opening, None for no limit."""

    key: str
    title: Bilingual
    role: str
    within_min: float | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """One step of a drill's script: from `at_s` on a feed tells `told`, reached evenly over `over_s` seconds."""

    at_s: float
    feed: str
    over_s: float
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan; empty `place_kinds` or `levels` fit all, empty `rules` are for incidents opened by hand only."""

    key: str
    title: Bilingual
    kind: str
    about: Bilingual
    rules: tuple[str, ...] = ()
    place_kinds: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    roles: tuple[RoleOf, ...] = ()
    checklist: tuple[Check, ...] = ()
    lasts_s: float = 0
    script: tuple[Play, ...] = field(default=())

    def check(self, key: str) -> Check | None:
        """The item of the check-list with this key."""
        return next((item for item in self.checklist if item.key == key), None)

    def role(self, key: str) -> RoleOf | None:
        """The role with this key."""
        return next((role for role in self.roles if role.key == key), None)


@cache
def load_plans() -> dict[str, Plan]:
    """All plans by key; read once, when first asked."""
    return read_plans(sorted(FOLDER.glob("*.toml")))


def fitting(rule: str, place_kind: str | None, level: Level) -> Plan | None:
    """The most specific plan for an alert; `place_kind` is the kind of its subject (place, sensor, category).

    The plan made for a kind of place is its plan at every level, also below those it names: one for any other place
    would be wrong there, and what begins small grows.
    """
    served = [plan for plan in load_plans().values() if rule in plan.rules]
    its_own = [plan for plan in served if place_kind in plan.place_kinds]
    others = [plan for plan in served if not plan.place_kinds]
    return _most_specific(_of_level(its_own, level) or its_own or _of_level(others, level))


def _of_level(plans: Iterable[Plan], level: Level) -> list[Plan]:
    return [plan for plan in plans if not plan.levels or level in plan.levels]


def fitting_kind(kind: str, level: Level) -> Plan | None:
    """The plan for an incident of a kind that was opened by hand: the least bound to a kind of place."""
    found = [
        plan
        for plan in load_plans().values()
        if plan.kind == kind and (not plan.levels or level in plan.levels)
    ]
    return min(found, key=lambda plan: (bool(plan.place_kinds), bool(plan.rules), plan.key), default=None)


def _most_specific(plans: Iterable[Plan]) -> Plan | None:
    def width(plan: Plan) -> tuple[int, int, int, str]:
        return (
            len(plan.place_kinds) or 1000,
            len(plan.levels) or len(LEVELS) + 1,
            len(plan.rules),
            plan.key,
        )

    return min(plans, key=width, default=None)


def read_plans(files: Iterable[Path]) -> dict[str, Plan]:
    """Plans of files by key; a PlanFault names what does not keep to the format."""
    return {file.stem: read_plan(file.stem, file.read_text("utf-8")) for file in files}


def read_plan(key: str, text: str) -> Plan:
    """One plan from its TOML text."""
    try:
        plan = _plan(key, tomllib.loads(text))
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as fault:
        raise PlanFault(f"{key}.toml cannot be read as a plan: {type(fault).__name__} {fault}") from None
    _complain(plan)
    return plan


def _plan(key: str, told: dict[str, Any]) -> Plan:
    return Plan(
        key=key,
        title=Bilingual(**told["title"]),
        kind=told["kind"],
        about=Bilingual(**told["about"]),
        rules=tuple(told.get("rules", ())),
        place_kinds=tuple(told.get("place_kinds", ())),
        levels=cast("tuple[Level, ...]", tuple(told.get("levels", ()))),
        roles=tuple(RoleOf(r["key"], Bilingual(r["zh"], r["en"]), r.get("team_kind")) for r in told["roles"]),
        checklist=tuple(
            Check(x["key"], Bilingual(x["zh"], x["en"]), x["role"], x.get("within_min"))
            for x in told["checklist"]
        ),
        lasts_s=float(told.get("drill", {}).get("lasts_s", 0)),
        script=tuple(_play(step) for step in told.get("drill", {}).get("steps", ())),
    )


def _play(step: dict[str, Any]) -> Play:
    rest = {name: value for name, value in step.items() if name not in ("at_s", "feed", "over_s")}
    return Play(float(step["at_s"]), step["feed"], float(step.get("over_s", 0)), rest)


def _complain(plan: Plan) -> None:
    faults = [
        (plan.kind not in KINDS, f"kind must be one of {', '.join(KINDS)}, not {plan.kind}"),
        (bool(set(plan.levels) - set(LEVELS)), f"levels must be of {', '.join(LEVELS)}"),
        (_twice(role.key for role in plan.roles), "a role's key stands twice"),
        (_twice(item.key for item in plan.checklist), "a check's key stands twice"),
        (not plan.checklist, "the check-list is empty"),
        (any(plan.role(item.role) is None for item in plan.checklist), "a check names a role that is none"),
        (any(step.feed not in NEEDED for step in plan.script), f"feed must be one of {', '.join(NEEDED)}"),
        (any(NEEDED.get(step.feed, set()) - step.told.keys() for step in plan.script),
         "a step of the drill lacks what its feed must tell"),
        (any(step.at_s + step.over_s > plan.lasts_s for step in plan.script), "a step ends after the drill"),
    ]  # fmt: skip
    for wrong, word in faults:
        if wrong:
            raise PlanFault(f"{plan.key}.toml: {word}.")


def _twice(keys: Iterable[str]) -> bool:
    listed = list(keys)
    return len(set(listed)) < len(listed)
