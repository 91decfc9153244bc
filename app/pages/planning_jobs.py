"""What the worker found, laid over the planner's map as if it had been asked just now."""

from __future__ import annotations

from typing import Any

from dash import html

from app.components.markup import markup
from app.components.numbers import count
from app.pages.planning_data import Ask
from app.pages.planning_shapes import Drawn, cell_drawn
from app.pages.planning_tones import TONES
from app.terms import Terms
from geodata.errors import NotFound
from geodata.queries.jobs import Job
from geodata.space.hexes import from_text


def picture(ask: Ask, job: Job) -> Drawn:
    """The result of a job as an overlay: {cells, lines, html}."""
    found = (job.result or {}).get("data")
    if job.state != "done" or not found or job.kind not in PICTURES:
        raise NotFound("This task has nothing to show on the map.")
    return PICTURES[job.kind](ask.terms, found)


def _word(terms: Terms, both: dict[str, str] | list[str]) -> str:
    return both[terms.language] if isinstance(both, dict) else both[1 if terms.language == "en" else 0]


def _emerging(terms: Terms, found: dict[str, Any]) -> Drawn:
    names = [_word(terms, one["label"]) for one in found["classes"]]
    keys = [one["key"] for one in found["classes"]]
    cells = [
        cell_drawn(from_text(one["cell"]), TONES[keys[one["class"]]], names[one["class"]])
        for one in found["cells"]
    ]
    rows = [
        html.Li([
            html.I(className="plan-mark", style={"--mark": f"var(--{TONES[key].token})", "--strength": TONES[key].strength}),
            html.Strong(name), html.Span(count(number), className="plan-class-n"),
        ])
        for at, (key, name) in enumerate(zip(keys, names, strict=True))
        if (number := sum(one["class"] == at for one in found["cells"]))
    ]  # fmt: skip
    body = [html.H2(terms("plan_map.emerging")), html.P(_word(terms, found["reading"]))]
    return {"cells": cells, "lines": [], "html": markup([*body, html.Ul(rows, className="plan-classes")])}


def _hotspots_all(terms: Terms, found: dict[str, Any]) -> Drawn:
    title = html.H2(terms("plan.job_hotspots_all"))
    said = html.P(terms("plan.job_report", n=count(len(found["categories"]))))
    text = html.P(found["paragraph"], className="plan-paragraph")
    return {"cells": [], "lines": [], "html": markup([title, said, text])}


PICTURES = {"emerging": _emerging, "hotspots_all": _hotspots_all}
