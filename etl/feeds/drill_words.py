"""The report of a drill as text for a terminal, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

STEP_WORDS = {
    "first_reading": "首条数据 first reading", "alert": "报警 alert", "acknowledged": "接警 acknowledged",
    "incident": "立案 incident", "dispatched": "派遣 dispatched", "accepted": "受领 accepted", "arrived": "到场 arrived",
    "resolved": "办结 resolved",
}  # fmt: skip


def as_text(drill_id: int, told: Mapping[str, Any]) -> str:
    """The report, a line a fact."""
    return "\n".join(_lines(drill_id, told))


def _lines(drill_id: int, told: Mapping[str, Any]) -> Iterator[str]:
    title = told.get("title") or {"zh": "", "en": ""}
    yield f"演练报告 Drill {drill_id} · {title['zh']} {title['en']}"
    for step in told["steps"]:
        yield f"  {STEP_WORDS[step['step']]:<24} {_when(step)}"
    yield f"报警 Alerts: {len(told['alerts'])}"
    for alert in told["alerts"]:
        yield f"  {alert['level']:<8} {alert['subject']['zh']} ({alert['rule']}) {_seconds(alert['after_s'])}"
    yield f"超时 Late: {len(told['late'])}"
    for item in told["late"]:
        yield f"  {_item(item)}"
    yield f"无人处理 Nobody did: {len(told['undone'])}"
    for item in told["undone"]:
        yield f"  {_item(item)}"


def _when(step: Mapping[str, Any]) -> str:
    if step["at"] is None:
        return "—"
    took = "" if step["took_s"] is None else f" (+{step['took_s']:.0f} s)"
    return f"{step['at'][11:19]} UTC{took}"


def _seconds(after_s: float | None) -> str:
    return "" if after_s is None else f"+{after_s:.0f} s"


def _item(item: Mapping[str, Any]) -> str:
    if "check" not in item:
        where = f" {item['subject']['zh']}" if "subject" in item else ""
        return f"{STEP_WORDS[item['step']]}{where}"
    took = "" if item["took_min"] is None else f" {item['took_min']:.1f} min"
    within = "" if item["within_min"] is None else f" / {item['within_min']:g} min"
    return f"{item['zh']} {item['en']}{took}{within}"
