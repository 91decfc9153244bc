"""What rejects a row is said in a refusal in the same words as in its finding, in both languages."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import etl
from etl.quality import Fault
from geodata.refusals import known

APART = ("etl.demo", "etl.feeds")


def all_faults() -> set[Fault]:
    modules = [
        one.name for one in pkgutil.walk_packages(etl.__path__, "etl.") if not one.name.startswith(APART)
    ]
    found: set[Fault] = set()
    for name in modules:
        for value in vars(import_module(name)).values():
            many = (
                value.values()
                if isinstance(value, dict)
                else value
                if isinstance(value, (tuple, list))
                else (value,)
            )
            found.update(one for one in many if isinstance(one, Fault))
    return found


def test_what_rejects_a_row_reads_alike() -> None:
    rejecting = {fault.says.en: fault.says.zh for fault in all_faults() if fault.severity == "rejected"}
    assert len(rejecting) > 40
    assert {english: known().get(english) for english in rejecting} == rejecting
