"""Which alerts are told, to whom, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from geodata.errors import BadArgument, Denied, NotFound
from geodata.profile import Profile
from geodata.queries import alerts
from geodata.store.cluster import Cluster
from tests.db.response_town import ELSEWHERE, INSIDE, drill, raised, response_town


@pytest.fixture(scope="module")
def some(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    """Five alerts: three of this district, one closed, one of no place and one of a drill."""
    for engine in response_town(cluster, gusu, "alerts_queries"):
        with engine.begin() as c:
            raised(c, "crowd_density:old")
            c.execute(text("update alerts set state = 'false_alarm', closed_at = now()"))
            for cause, told in {
                "crowd_density:a": {"level": "watch"},
                "crowd_density:b": {"level": "danger"},
                "feed_silence:heat": {"area_code": None, "rule": "feed_silence"},
                "crowd_density:far": {"area_code": ELSEWHERE},
                "crowd_density:d": {"drill_id": drill(c), "level": "danger"},
            }.items():
                raised(c, cause, **told)
        yield engine


@pytest.fixture
def here(some: Engine) -> Iterator[Connection]:
    with some.connect() as c:
        yield c


def causes(cards: list[alerts.AlertCard]) -> list[str]:
    return [card.cause.partition(":")[2] for card in cards]


def test_open_ones_come_by_weight_and_then_the_newest_first(here: Connection, gusu: Profile) -> None:
    found = alerts.open_alerts(here, gusu, None)
    assert causes(found) == ["d", "b", "far", "heat", "a"]
    assert causes(alerts.open_alerts(here, gusu, None, limit=2)) == ["d", "b"]
    assert causes(alerts.open_alerts(here, gusu, gusu.code)) == causes(found)


def test_an_area_sees_its_own_and_what_is_of_no_place(here: Connection, gusu: Profile) -> None:
    assert causes(alerts.open_alerts(here, gusu, INSIDE)) == ["d", "b", "heat", "a"]
    assert causes(alerts.open_alerts(here, gusu, "1-0-0")) == ["far", "heat"]


def test_closed_ones_and_since(here: Connection, gusu: Profile) -> None:
    assert causes(alerts.list_alerts(here, gusu, None, state="closed")) == ["old"]
    assert len(alerts.list_alerts(here, gusu, None, state="all")) == 6
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert alerts.list_alerts(here, gusu, None, state="all", since=later) == []
    with pytest.raises(BadArgument):
        alerts.list_alerts(here, gusu, None, limit=0)


def test_a_card_tells_the_chain_from_the_district_down(here: Connection, gusu: Profile) -> None:
    first = alerts.open_alerts(here, gusu, INSIDE)[1]
    assert [step.level for step in first.area_chain] == [level.key for level in gusu.levels]
    assert first.area_chain[1].code == INSIDE
    silent = alerts.open_alerts(here, gusu, None)[3]
    assert (silent.area_chain, silent.lon) == ((), None)


def test_one_alert_has_outline_and_moves_and_scope(here: Connection, gusu: Profile) -> None:
    card = alerts.open_alerts(here, gusu, None)[1]
    whole = alerts.alert(here, gusu, card.id, INSIDE)
    assert whole.outline is not None
    assert whole.outline["type"] == "Polygon"
    assert [(m.move, m.from_state, m.to_state, m.by) for m in whole.moves] == [
        ("raise", None, "raised", None)
    ]
    with pytest.raises(Denied):
        alerts.alert(here, gusu, card.id, "1-0-0")
    with pytest.raises(NotFound):
        alerts.alert(here, gusu, 10**9)


def test_drills_say_so_and_are_no_precedent(here: Connection, gusu: Profile) -> None:
    drilled, true = alerts.open_alerts(here, gusu, None)[:2]
    assert drilled.drill_id is not None
    assert true.drill_id is None
    assert alerts.similar(here, true) == []
