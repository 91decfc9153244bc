"""CAP 1.2: every element in the schema's order, of the schema's words, with points as latitude and longitude."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from app.cap import NAMESPACE, document
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard, AreaName
from geodata.store.schema.rules import RULES
from geodata.types import LEVELS, Level
from tests.unit.test_alert_words import CROWD

# The order of the OASIS schema (CAP-v1.2.xsd); a plus may stand more than once.
ALERT = ["identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code+", "note",
         "references", "incidents", "info+"]  # fmt: skip
INFO = ["language", "category+", "event", "responseType+", "urgency", "severity", "certainty", "audience", "eventCode+",
        "effective", "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
        "parameter+", "resource+", "area+"]  # fmt: skip
AREA = ["areaDesc", "polygon+", "circle+", "geocode+", "altitude", "ceiling"]
NEEDED = {"alert": {"identifier", "sender", "sent", "status", "msgType", "scope"},
          "info": {"category", "event", "urgency", "severity", "certainty"}, "area": {"areaDesc"}}  # fmt: skip
WORDS = {
    "status": {"Actual", "Exercise"}, "msgType": {"Alert", "Update", "Cancel"}, "scope": {"Restricted"},
    "category": {"Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"},
    "responseType": {"Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"},
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
RING = {"type": "Polygon", "coordinates": [[[120.6, 31.3], [120.61, 31.3], [120.61, 31.31], [120.6, 31.3]]]}
CHAIN = (
    AreaName("320508", "district", "姑苏区", "Gusu District"),
    AreaName("1", "subdistrict", "观前街道", None),
)
CARD = replace(CROWD, area_chain=CHAIN, area_code="1", outline=RING)
CLOSED = replace(CARD, revision=4, state="dealt_with", closed_at=datetime(2026, 11, 22, 5, tzinfo=UTC))
CARDS = {
    "new": CARD, "grown": replace(CARD, revision=2, level="danger"), "closed": CLOSED,
    "drill": replace(CARD, drill_id=4), "incident": replace(CARD, incident_number="20261122-001", revision=3),
    "no outline": replace(CARD, outline=None),
    "no place": replace(CARD, outline=None, lon=None, lat=None, area_chain=(), area_code=None, rule="feed_silence"),
    "many": replace(CARD, outline={"type": "MultiPolygon", "coordinates": [RING["coordinates"], RING["coordinates"]]}),
    "odd name": replace(CARD, subject_name="观前\x0b街 <&>\x00", subject_name_en="Street \ufffe"),
    "says nothing": replace(CARD, value=None, threshold=None, facts={}),
    "a line": replace(CARD, outline={"type": "Polygon", "coordinates": [RING["coordinates"][0][:3]]}),
    "rise": replace(CARD, rule="crowd_rise", level="notice"), "tickets": replace(CARD, rule="ticket_burst", level="watch"),
}  # fmt: skip


def told(card: AlertCard, gusu: Profile) -> ET.Element:
    return ET.fromstring(document(card, gusu))


def names(element: ET.Element) -> list[str]:
    assert all(child.tag.startswith(f"{{{NAMESPACE}}}") for child in element)
    return [child.tag.partition("}")[2] for child in element]


def find(element: ET.Element, name: str) -> str:
    return element.findtext(f"{{{NAMESPACE}}}{name}") or ""


@pytest.mark.parametrize("kind", CARDS)
def test_elements_stand_in_the_order_of_the_schema(kind: str, gusu: Profile) -> None:
    root = told(CARDS[kind], gusu)
    assert root.tag == f"{{{NAMESPACE}}}alert"
    every = [("alert", root, ALERT)]
    every += [("info", info, INFO) for info in root.iter(f"{{{NAMESPACE}}}info")]
    every += [("area", area, AREA) for area in root.iter(f"{{{NAMESPACE}}}area")]
    assert len(every) == 5
    for what, element, order in every:
        listed = names(element)
        plain = [name.rstrip("+") for name in order]
        assert NEEDED[what] <= set(listed)
        assert [plain.index(name) for name in listed] == sorted(plain.index(name) for name in listed)
        once = {name for name in order if not name.endswith("+")}
        assert all(listed.count(name) == 1 for name in once & set(listed))


@pytest.mark.parametrize("kind", CARDS)
def test_every_word_is_one_of_the_schema(kind: str, gusu: Profile) -> None:
    root = told(CARDS[kind], gusu)
    for name, words in WORDS.items():
        found = {e.text for e in root.iter(f"{{{NAMESPACE}}}{name}")}
        assert found
        assert found <= words
    for name in ("sent", "effective", "onset"):
        assert all(MOMENT.fullmatch(e.text or "") for e in root.iter(f"{{{NAMESPACE}}}{name}"))
    for name in ("identifier", "sender"):
        assert not re.search(r"[\s,<&]", find(root, name))


def test_both_languages_and_the_district_s_time(gusu: Profile) -> None:
    root = told(CARD, gusu)
    infos = list(root.iter(f"{{{NAMESPACE}}}info"))
    assert [find(info, "language") for info in infos] == ["zh-CN", "en-US"]
    assert [find(info, "headline") for info in infos] == [
        "观前街：人群过密（预警）",
        "Guanqian Street: crowd too dense (warning)",
    ]
    assert find(root, "sent") == "2026-11-22T12:00:00+08:00"
    utc = replace(gusu, time_zone="UTC")
    assert find(told(CARD, utc), "sent") == "2026-11-22T04:00:00-00:00"


def test_points_are_latitude_first_and_rings_closed(gusu: Profile) -> None:
    ring = next(told(CARD, gusu).iter(f"{{{NAMESPACE}}}polygon")).text or ""
    points = [tuple(map(float, pair.split(","))) for pair in ring.split(" ")]
    assert points[0] == (31.3, 120.6) == points[-1]
    assert len(points) == 4
    circle = next(told(CARDS["no outline"], gusu).iter(f"{{{NAMESPACE}}}circle")).text
    assert circle == "31.300000,120.600000 0.2"
    assert len(list(told(CARDS["many"], gusu).iter(f"{{{NAMESPACE}}}polygon"))) == 4
    nowhere = told(CARDS["no place"], gusu)
    assert not list(nowhere.iter(f"{{{NAMESPACE}}}circle"))


def test_what_kind_of_message_it_is(gusu: Profile) -> None:
    assert find(told(CARD, gusu), "msgType") == "Alert"
    grown = told(CARDS["grown"], gusu)
    assert (find(grown, "msgType"), find(grown, "identifier")) == ("Update", "yiping.320508.1.2")
    assert find(grown, "references") == "yiping.320508,yiping.320508.1.1,2026-11-22T12:00:00+08:00"
    closed = told(CLOSED, gusu)
    assert find(closed, "msgType") == "Cancel"
    assert {find(info, "urgency") for info in closed.iter(f"{{{NAMESPACE}}}info")} == {"Past"}


def test_a_drill_is_an_exercise_in_every_message(gusu: Profile) -> None:
    root = told(CARDS["drill"], gusu)
    assert (find(root, "status"), find(root, "note")) == ("Exercise", "演练 DRILL")
    assert [find(info, "headline")[:4] for info in root.iter(f"{{{NAMESPACE}}}info")] == ["【演练】", "[DRI"]


PAIR = re.compile(r"-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?")


@pytest.mark.parametrize("kind", CARDS)
def test_nothing_is_empty_and_what_is_nested_is_as_the_schema_has_it(kind: str, gusu: Profile) -> None:
    root = told(CARDS[kind], gusu)
    for element in root.iter():
        assert len(element) or (element.text or "").strip(), element.tag
    for name in ("eventCode", "parameter", "geocode"):
        assert all(names(pair) == ["valueName", "value"] for pair in root.iter(f"{{{NAMESPACE}}}{name}"))
    for ring in root.iter(f"{{{NAMESPACE}}}polygon"):
        pairs = (ring.text or "").split(" ")
        assert len(pairs) >= 4
        assert pairs[0] == pairs[-1]
        assert all(PAIR.fullmatch(pair) for pair in pairs)
    for circle in root.iter(f"{{{NAMESPACE}}}circle"):
        at, radius_km = (circle.text or "").split(" ")
        assert PAIR.fullmatch(at)
        assert float(radius_km) > 0


@pytest.mark.parametrize("kind", CARDS)
def test_what_depends_on_another_element_is_there(kind: str, gusu: Profile) -> None:
    root = told(CARDS[kind], gusu)
    if find(root, "scope") == "Restricted":
        assert find(root, "restriction")
    if find(root, "msgType") != "Alert":
        sender, identifier, sent = find(root, "references").split(",")
        assert (sender, bool(identifier)) == (find(root, "sender"), True)
        assert MOMENT.fullmatch(sent)
        assert identifier != find(root, "identifier")
    assert not re.search(r"\s", find(root, "incidents"))  # several would stand apart by spaces


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_at_every_level_has_words_of_the_schema(rule: str, level: Level, gusu: Profile) -> None:
    root = told(replace(CARD, rule=rule, level=level), gusu)
    for name, words in WORDS.items():
        assert {e.text for e in root.iter(f"{{{NAMESPACE}}}{name}")} <= words
    assert all(find(info, "event") for info in root.iter(f"{{{NAMESPACE}}}info"))
