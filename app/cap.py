"""An alert as a message of the Common Alerting Protocol 1.2 (OASIS, July 2010), elements in the order of its schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from app import alert_words
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.alerts import AlertCard
from geodata.types import Level

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LANGUAGES = (("zh", "zh-CN"), ("en", "en-US"))
SEVERITY: dict[Level, str] = {
    "notice": "Minor",
    "watch": "Moderate",
    "warning": "Severe",
    "danger": "Extreme",
}
URGENCY: dict[Level, str] = {
    "notice": "Future",
    "watch": "Expected",
    "warning": "Immediate",
    "danger": "Immediate",
}
CATEGORY = {"crowd_density": "Safety", "crowd_rise": "Safety", "sensor_level": "Infra", "sensor_rate": "Infra",
            "sensor_datum": "Infra", "sensor_silence": "Infra", "feed_silence": "Infra"}  # fmt: skip
CERTAINTY = {
    "crowd_rise": "Likely",
    "ticket_burst": "Likely",
    "sensor_silence": "Unknown",
    "feed_silence": "Unknown",
}
POINT_RADIUS_KM = 0.2  # around an alert that has a point and no outline
LEAST_POINTS = 4  # of a polygon, the first repeated as the last
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2
RESTRICTION = "For the command centre of this district and those it tells; not for the public."


def document(card: AlertCard, profile: Profile) -> bytes:
    """The message that tells how an alert stands now."""
    message = Element("alert", xmlns=NAMESPACE)
    for name, value in _head(card, profile):
        _said(message, name, value)
    for language, tag in LANGUAGES:
        _info(message, card, profile, Terms(language), tag)  # type: ignore[arg-type]
    told: bytes = tostring(message, encoding="utf-8", xml_declaration=True)
    return told


def identifier(card: AlertCard, profile: Profile, revision: int) -> str:
    """The number of a message: of which district, alert and revision."""
    return f"yiping.{profile.code}.{card.id}.{revision}"


def _head(card: AlertCard, profile: Profile) -> Iterator[tuple[str, str]]:
    kind = "Cancel" if card.closed_at else "Alert" if card.revision == 1 else "Update"
    sender = f"yiping.{profile.code}"
    yield "identifier", identifier(card, profile, card.revision)
    yield "sender", sender
    yield "sent", _moment(card.changed_at if card.revision > 1 else card.raised_at, profile)
    yield "status", "Actual" if card.drill_id is None else "Exercise"
    yield "msgType", kind
    yield "scope", "Restricted"
    yield "restriction", RESTRICTION
    if card.drill_id is not None:
        yield "note", "演练 DRILL"
    if kind != "Alert":
        yield "references", f"{sender},{identifier(card, profile, 1)},{_moment(card.raised_at, profile)}"
    if card.incident_number:
        yield "incidents", card.incident_number


def _info(message: Element, card: AlertCard, profile: Profile, terms: Terms, tag: str) -> None:
    info = SubElement(message, "info")
    closed = card.closed_at is not None
    told = (
        ("language", tag),
        ("category", CATEGORY.get(card.rule, "Other")),
        ("event", alert_words.title(terms, card)),
        ("responseType", "AllClear" if closed else "Monitor"),
        ("urgency", "Past" if closed else URGENCY[card.level]),
        ("severity", SEVERITY[card.level]),
        ("certainty", CERTAINTY.get(card.rule, "Observed")),
    )
    for name, value in told:
        _said(info, name, value)
    _valued(info, "eventCode", "yiping:rule", card.rule)
    for name, text in (
        ("effective", _moment(card.raised_at, profile)),
        ("onset", _moment(card.observed_at, profile)),
        ("senderName", profile.title.in_(terms.language)),
        ("headline", alert_words.headline(terms, card)),
        ("description", alert_words.sentence(terms, card)),
    ):
        _said(info, name, text)
    for name, figure in (("value", card.value), ("threshold", card.threshold)):
        if figure is not None:
            _valued(info, "parameter", f"yiping:{name}", f"{figure:g} {card.unit or ''}".strip())
    _valued(info, "parameter", "yiping:level", card.level)
    _valued(info, "parameter", "yiping:state", card.state)
    _area(info, card, profile, terms)


def _area(info: Element, card: AlertCard, profile: Profile, terms: Terms) -> None:
    area = SubElement(info, "area")
    names = [terms.pick(step.name, step.name_en) for step in card.area_chain]
    place = terms.pick(card.subject_name, card.subject_name_en)
    _said(area, "areaDesc", " › ".join([*(names or [profile.title.in_(terms.language)]), place]))
    rings = [ring for ring in _rings(card.outline) if len(ring) >= LEAST_POINTS] if card.outline else []
    for ring in rings:
        _said(area, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in ring))
    if not rings and card.lon is not None and card.lat is not None:
        _said(area, "circle", f"{card.lat:.6f},{card.lon:.6f} {POINT_RADIUS_KM}")
    if card.area_code:
        _valued(area, "geocode", "yiping:area", card.area_code)


def _valued(parent: Element, name: str, key: str, value: str) -> None:
    pair = SubElement(parent, name)
    _said(pair, "valueName", key)
    _said(pair, "value", value)


def _said(parent: Element, name: str, value: str) -> None:
    """An element with its text; one that would say nothing is left out, and XML cannot hold control characters."""
    clean = UNWRITABLE.sub("", value).strip()
    if clean:
        SubElement(parent, name).text = clean


def _rings(shape: Any) -> Iterable[Sequence[tuple[float, float]]]:
    """Outer rings of a GeoJSON geometry, first point repeated as the last; CAP knows no holes."""
    if shape["type"] == "Polygon":
        yield shape["coordinates"][0]
    elif shape["type"] == "MultiPolygon":
        for polygon in shape["coordinates"]:
            yield polygon[0]


def _moment(at: datetime, profile: Profile) -> str:
    """An instant of the district with its offset; CAP knows no Z and no fractions, and writes UTC as -00:00."""
    told = at.astimezone(profile.zone).isoformat(timespec="seconds")
    return told[:-6] + "-00:00" if told.endswith("+00:00") else told
