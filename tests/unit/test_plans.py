"""Plans: that those shipped keep to the format, and which one fits."""

from __future__ import annotations

import pytest

from etl.demo.catalogue import read
from geodata import plans
from geodata.plans import Plan
from geodata.store.schema.response import TEAM_KINDS
from geodata.store.schema.rules import RULES
from geodata.types import LEVELS, Bilingual

HEAD = """
kind = "crowd"
title = { zh = "甲", en = "A" }
about = { zh = "甲。", en = "A." }
roles = [{ key = "lead", zh = "总", en = "Lead" }]
checklist = [{ key = "look", zh = "看", en = "Look", role = "lead", within_min = 2 }]
"""


def test_what_is_shipped_names_rules_and_teams_that_exist() -> None:
    shipped = plans.load_plans()
    assert shipped["crowd_street"].title == Bilingual("商业街人群聚集处置", "Crowd in a shopping street")
    for plan in shipped.values():
        assert set(plan.rules) <= set(RULES), plan.key
        assert {role.team_kind for role in plan.roles} - {None} <= set(TEAM_KINDS), plan.key
        assert all(item.within_min is None or item.within_min > 0 for item in plan.checklist), plan.key


def test_a_street_at_warning_has_its_plan() -> None:
    found = plans.fitting("crowd_density", "street", "warning")
    assert found is not None
    assert found.key == "crowd_street"


PLAN_OF_PLACE = {
    "street": "crowd_street", "garden": "crowd_garden_gate", "station": "crowd_station", "temple": "crowd_temple",
    "square": "crowd_temple", "market": "crowd_temple",
}  # fmt: skip


@pytest.mark.parametrize("row", read("crowd_places")["place"], ids=lambda row: row["code"])
def test_each_crowd_place_of_the_demo_has_the_plan_of_its_kind_at_every_level(row: dict[str, str]) -> None:
    for rule in ("crowd_density", "crowd_rise"):
        for level in LEVELS:
            found = plans.fitting(rule, row["kind"], level)
            assert (found and found.key) == PLAN_OF_PLACE[row["kind"]], (rule, level)


def test_a_crowd_where_no_place_is_listed_has_the_open_plan() -> None:
    assert {found.key for level in LEVELS if (found := plans.fitting("crowd_density", None, level))} == {
        "crowd_open"
    }


def plan(key: str, **told: object) -> Plan:
    empty = Bilingual("", "")
    return Plan(key=key, title=empty, kind="crowd", about=empty, rules=("crowd_density",), **told)  # type: ignore[arg-type]


def test_the_most_specific_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [plan("any"), plan("streets", place_kinds=("street", "square")), plan("street", place_kinds=("street",)),
              plan("street_danger", place_kinds=("street",), levels=("danger",))]  # fmt: skip
    monkeypatch.setattr(plans, "load_plans", lambda: {p.key: p for p in reversed(listed)})

    def key(kind: str | None, level: str) -> str | None:
        found = plans.fitting("crowd_density", kind, level)  # type: ignore[arg-type]
        return found and found.key

    assert key("street", "danger") == "street_danger"
    assert key("street", "watch") == "street"
    assert key("square", "danger") == "streets"
    assert key("garden", "danger") == "any"
    assert key(None, "notice") == "any"
    assert plans.fitting("sensor_level", "street", "danger") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace('role = "lead"', 'role = "nobody"'), "names a role that is none"),
        (HEAD.replace('kind = "crowd"', 'kind = "party"'), "kind must be one of"),
        (HEAD.replace("title", "name"), "cannot be read"),
        (HEAD + "[drill]\nlasts_s = 5\nsteps = [{at_s = 6, feed = 'readings', value = 1}]", "ends after"),
        (HEAD + "[drill]\nlasts_s = 5\nsteps = [{at_s = 1, feed = 'crowd', value = 1}]", "lacks"),
        ("x", "cannot be read"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(plans.PlanFault, match=r"mine\.toml.*" + said):
        plans.read_plan("mine", text)


def test_a_script_tells_what_is_played_when() -> None:
    told = plans.read_plan("mine", HEAD + "[drill]\nlasts_s = 9\nsteps = [{at_s = 1, over_s = 5, feed = 'crowd', place = 'p', people = 9}]")  # fmt: skip
    assert (told.lasts_s, told.script[0].told) == (9.0, {"place": "p", "people": 9})
