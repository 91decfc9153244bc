"""A first mapping for a file that nobody described: from its headers by synonyms, and from its values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from etl.columns import clean
from etl.formats.base import Source
from etl.headers import Hit, find_columns, meaning
from etl.kinds.base import Field, KindOf
from etl.lookalikes import forms_of, words_in
from etl.personal import personal_columns
from geodata.profile import Profile
from geodata.types import CLOSED_STATES

Body = dict[str, Any]
USUAL_FORMS = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
TIMES = ("received", "due", "closed")
PLAIN = (*TIMES, "number", "lon", "lat", "description", "address", "outcome", "area")
AT_HOME = 0.5  # of the words of a column must be known categories of a scheme, for it to be of that scheme


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A mapping with how each column was found, the required fields that were not, and columns that hold persons."""

    body: Body
    hits: Sequence[Hit]
    missing: Sequence[str]
    personal: Sequence[str]
    unknown: dict[str, list[str]]
    notes: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "mapping": self.body, "hits": [asdict(hit) for hit in self.hits], "missing": list(self.missing),
            "personal": list(self.personal), "unknown_words": self.unknown,
            "notes": list(self.notes),
        }  # fmt: skip


def suggest(
    profile: Profile,
    kind: KindOf,
    source: Source,
    head: pd.DataFrame,
    *,
    file_name: str,
    schemes: dict[str, set[str]] | None = None,
) -> Suggestion:
    """Write a first mapping; `head` are the first rows with all columns, `schemes` names of known categories."""
    table = head.loc[:, ~head.columns.duplicated()]
    table = pd.DataFrame({column: clean(table[column]) for column in table.columns}, index=table.index)
    personal = list(personal_columns(table))
    hits = find_columns(kind, table.drop(columns=personal))
    if source.has_shapes:
        hits = {field: hit for field, hit in hits.items() if field not in ("lon", "lat")}
    if ("lon" in hits) != ("lat" in hits):
        hits = {field: hit for field, hit in hits.items() if field not in ("lon", "lat")}
    made = _Made(profile, kind, table, hits, _origin(file_name), personal)
    body, unknown = made.tickets(schemes or {}) if kind.key == "tickets" else made.plain()
    missing = [one.name for one in kind.fields if one.required and one.name not in hits]
    if kind.key == "tickets" and "closed" not in hits and _closes(body):
        missing.append("closed")
    given = {"tickets": ("state", "source", "family", "category")}.get(kind.key, ("code",))
    return Suggestion(
        body, list(hits.values()), [name for name in missing if name not in given], personal, unknown
    )


def _closes(body: Body) -> bool:
    """Whether some word means a closed state, which is loaded with the time of closing only."""
    return bool(set(CLOSED_STATES) & {body["state"].get("value"), *body["state"].get("values", {}).values()})


@dataclass(frozen=True, slots=True)
class _Made:
    profile: Profile
    kind: KindOf
    table: pd.DataFrame
    hits: dict[str, Hit]
    origin: str
    personal: list[str]

    def plain(self) -> tuple[Body, dict[str, list[str]]]:
        words: dict[str, dict[str, str]] = {}
        unknown: dict[str, list[str]] = {}
        for field in self.kind.fields:
            if field.form == "word" and field.name in self.hits:
                known, strange = self._meaning(field)
                words |= {field.name: known} if known else {}
                unknown |= {field.name: strange} if strange else {}
        dates = [
            form for field in self.kind.fields if field.form == "date" for form in self._forms(field.name)
        ]
        body: Body = {"kind": self.kind.key, "name": self.origin}
        body |= {"dates": list(dict.fromkeys(dates))} if dates else {}
        body |= {"columns": {field: [hit.column] for field, hit in self.hits.items()}}
        body |= {"words": words} if words else {}
        return body | ({"drop": self.personal} if self.personal else {}), unknown

    def tickets(self, schemes: dict[str, set[str]]) -> tuple[Body, dict[str, list[str]]]:
        forms = [form for field in TIMES for form in self._forms(field)]
        columns: Body = {field: self.hits[field].column for field in PLAIN if field in self.hits}
        if "title" in self.hits:
            columns["title"] = [self.hits["title"].column]
        state, unknown = self._state()
        body: Body = {
            "kind": "tickets", "origin": self.origin, "time_zone": self.profile.time_zone,
            "dates": list(dict.fromkeys(forms)) or USUAL_FORMS, "columns": columns, "state": state,
            "source": self._open("source", self.origin), "category": self._category(schemes),
            "family": self._family(),
        }  # fmt: skip
        if "unit" in self.hits:
            body["unit"] = {"column": self.hits["unit"].column, "create": True}
        return body | ({"drop": self.personal} if self.personal else {}), unknown

    def _forms(self, field: str) -> list[str]:
        if field not in self.hits:
            return []
        return forms_of(self.table[self.hits[field].column].dropna().astype(str))

    def _meaning(self, field: Field) -> tuple[dict[str, str], list[str]]:
        return meaning(self.kind.key, field, words_in(self.table[self.hits[field.name].column]))

    def _state(self) -> tuple[Body, dict[str, list[str]]]:
        if "state" not in self.hits:
            return {"value": "received"}, {}
        known, strange = self._meaning(self.kind.field("state"))
        choice: Body = {"column": self.hits["state"].column, "values": known}
        if strange:
            choice["other"] = "handling"
        return choice, {"state": strange} if strange else {}

    def _open(self, field: str, otherwise: str) -> Body:
        if field in self.hits:
            return {"column": self.hits[field].column, "create": True}
        return {"value": otherwise, "create": True}

    def _family(self) -> Body:
        if "family" in self.hits:
            known, _ = self._meaning(self.kind.field("family"))
            if known:
                return {"column": self.hits["family"].column, "values": known, "other": "service"}
        city = re.search("城管|案件", " ".join(map(str, self.table.columns)))
        return {"value": "city" if city else "service"}

    def _category(self, schemes: dict[str, set[str]]) -> Body:
        levels = [
            self.hits[name].column for name in ("category", "category_2", "category_3") if name in self.hits
        ]
        if not levels:
            levels = [self.hits[name].column for name in ("title", "source") if name in self.hits][:1]
        words = set(words_in(self.table[levels[0]], 2_000)) if levels else set()
        shares = {scheme: len(words & names) / len(words) for scheme, names in schemes.items() if words}
        best = max(shares, key=lambda scheme: shares[scheme], default=None)
        if best and shares[best] >= AT_HOME:
            return {"scheme": best, "columns": levels, "create": True}
        return {"scheme": self.origin, "columns": levels or ["?"], "create": True}


def _origin(file_name: str) -> str:
    """A short name for the source out of the name of its file, without the dates and numbers that change."""
    stem = re.sub(r"[\d\-年月日.]+", "_", unicodedata.normalize("NFKC", Path(file_name).stem))
    return re.sub(r"[\W_]+", "_", stem).strip("_").casefold() or "source"
