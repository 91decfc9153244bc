"""The words outside the code agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

from app.cli import parser
from geodata.store import settings
from geodata.store.schema.tickets import QUALITIES, TICKET_STATES

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands() -> set[str]:
    """Every word that may follow ./yiping."""
    choices = parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    return set(choices or {})


def test_every_command_in_the_docs_exists() -> None:
    said = {word for page in PAGES for word in re.findall(r"\./yiping ([a-z]+)", page.read_text("utf-8"))}
    assert said - commands() == set()


def test_every_setting_is_described() -> None:
    described = settings.__doc__ or ""
    silent = [name for name in settings.Settings.model_fields if f"YIPING_{name.upper()}" not in described]
    assert silent == []


def test_the_glossary_knows_every_state_and_quality() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    assert [word for word in (*TICKET_STATES, *QUALITIES) if word not in glossary] == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(file.name[:4]) for file in (ROOT / "docs" / "adr").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
