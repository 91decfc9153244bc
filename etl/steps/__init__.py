"""Repairs and checks, one module each with a `STEP`; a new step is one new file here."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from etl.steps.base import Step


def discover(kind: str, phase: str) -> list[Step]:
    """The steps of a kind and a phase, in their order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    steps: list[Step] = [import_module(f"{__name__}.{name}").STEP for name in names]
    for name, step in zip(names, steps, strict=True):
        if step.key != name:
            raise LookupError(f"the step in {name}.py calls itself {step.key}")
    chosen = [step for step in steps if step.kind == kind and step.phase == phase]
    return sorted(chosen, key=lambda step: (step.order, step.key))
