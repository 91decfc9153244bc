"""The lists of categories, channels and units."""

from __future__ import annotations

import pytest

from etl.demo.catalogue import ALL_A_MONTH, Catalogue, read_catalogue
from etl.demo.lives import LEADS_TO, STEPS
from geodata.store.schema.tickets import EVENT_KINDS, TICKET_STATES


@pytest.fixture(scope="module")
def lists() -> Catalogue:
    return read_catalogue([("320508002", "双塔街道", "Shuangta")])


def test_two_trees_of_three_levels_whose_codes_grow_from_their_parents(lists: Catalogue) -> None:
    by_id = {row["id"]: row for row in lists.rows}
    assert {row["level"] for row in lists.rows} == {1, 2, 3}
    assert len(lists.leaves) >= 150
    for row in lists.rows:
        if row["parent_id"]:
            parent = by_id[row["parent_id"]]
            assert row["code"].startswith(parent["code"])
            assert (row["level"], row["scheme"]) == (parent["level"] + 1, parent["scheme"])
    leaves = [row for row in lists.rows if row["level"] == 3]
    assert all(
        row["deadline_h"] > 0 and row["kind"] and row["filing_standard"] and row["name_en"] for row in leaves
    )
    assert len({(row["scheme"], row["code"]) for row in lists.rows}) == len(lists.rows)


def test_figures_of_the_report_stand(lists: Catalogue) -> None:
    a_month = {(leaf.family, leaf.name): leaf.a_month for leaf in lists.leaves}
    for name, count in (
        ("违规宣传广告", 1790),
        ("机动车乱停放", 1330),
        ("暴露垃圾", 1151),
        ("井盖破损、沉陷", 117),
    ):
        assert a_month[1, name] == pytest.approx(count)
    tops = {row["id"]: row["name"] for row in lists.rows if row["level"] == 1}
    parents = {row["id"]: row["parent_id"] for row in lists.rows}
    total: dict[tuple[int, str], float] = {}
    for leaf in lists.leaves:
        top = tops[parents[parents[leaf.id]]]
        total[leaf.family, top] = total.get((leaf.family, top), 0) + leaf.a_month
    assert total[0, "市容管理"] / total[0, "物业管理"] == pytest.approx(8542 / 3126)
    assert total[1, "市容环境"] == pytest.approx(8300)
    assert sum(total.values()) == pytest.approx(ALL_A_MONTH)


def test_the_crosswalk_leads_from_the_hotline_to_the_city_tree(lists: Catalogue) -> None:
    scheme = {row["id"]: row["scheme"] for row in lists.rows}
    assert len(lists.pairs) == len(set(lists.pairs)) >= 30
    assert {(scheme[a], scheme[b]) for a, b in lists.pairs} == {("hotline", "city")}


def test_every_department_is_a_unit_and_shares_are_shares(lists: Catalogue) -> None:
    ids = lists.unit_ids
    for leaf in lists.leaves:
        assert leaf.department in ids
    for unit in lists.units:
        assert set(unit.also) <= set(ids)
        assert sum(unit.also.values()) < 1
    for family in (0, 1):
        assert sum(s.share for s in lists.sources if s.family == family) == pytest.approx(1.0)
    assert len({s.mark for s in lists.sources}) == len(lists.sources)


def test_steps_and_states_are_those_of_the_database() -> None:
    assert set(STEPS) <= set(EVENT_KINDS)
    assert set(LEADS_TO.values()) <= set(TICKET_STATES)
