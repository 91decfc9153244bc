"""What every export says of itself: the question, how new the data is, what is hidden, and what the figures mean."""

from __future__ import annotations

from collections.abc import Iterator

from app.exports.matter import Matter
from geodata.types import Window

HIDDEN = "*"


def about(matter: Matter) -> list[tuple[str, str]]:
    """The question in words: a label and what is asked, line by line."""
    t = matter.terms
    return [(t(f"exports.{key}"), said) for key, said in _asked(matter)]


def notes(matter: Matter) -> list[str]:
    """What a reader must know: what is hidden or missing, and how each figure is made."""
    t = matter.terms
    plain = ("hidden", "missing", "on_time", "response", "per_km2", "per_1000", "cells")
    said = {key: t(f"exports.note_{key}") for key in plain}
    count = t("exports.note_count", zone=matter.profile.time_zone)
    return [said["hidden"], said["missing"], count, *(said[key] for key in plain[2:])]


def title(matter: Matter) -> str:
    """What is shown, in a line."""
    return matter.terms("exports.title", place=place(matter))


def place(matter: Matter) -> str:
    """Where the question asks."""
    t = matter.terms
    named = list(matter.area_names.values())
    if matter.q.shape:
        shape = matter.shape_name
        named.append(t("exports.drawn_shape", name=shape) if shape else t("exports.unnamed_shape"))
    return "、".join(named) if named else t.pick(*matter.profile.title)


def days(window: Window) -> str:
    """First and last day."""
    return f"{window.first} – {window.last}"


def _asked(matter: Matter) -> Iterator[tuple[str, str]]:
    t, q = matter.terms, matter.q
    yield "place", place(matter)
    yield "window", days(q.window)
    yield "before", days(matter.before) if matter.before else t("exports.nothing")
    yield "categories", "、".join(matter.category_names) or t("exports.all_categories")
    if q.band:
        yield "band", t("exports.band_text", first=q.band[0], last=q.band[1])
    yield "level", matter.profile.level(matter.level).title.in_(matter.language)
    yield "resolution", t("exports.resolution_text", n=matter.resolution)
    yield "as_of", f"{matter.local(matter.as_of):%Y-%m-%d %H:%M}" if matter.as_of else t("exports.unknown")
    yield "made_at", f"{matter.local(matter.now):%Y-%m-%d %H:%M}"
    yield "source", t("exports.source_text") + (f"　{t('exports.demo')}" if matter.is_demo else "")
