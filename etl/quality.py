"""What was found in a file and what became of each of its rows: read = new + changed + unchanged + rejected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely

from geodata.commands.loads import Counts, FindingRow
from geodata.errors import FileRefused
from geodata.refusals import in_language
from geodata.types import Bilingual

Severity = Literal["note", "repaired", "rejected", "refused"]
LONGEST_VALUE = 80
MOST_ALIKE = 10_000  # findings of one kind in one column that are kept one by one; all are counted
NOT_LOADED = Bilingual("该行未载入", "the row was not loaded")


def storable(text: str) -> str:
    """Text without what PostgreSQL cannot keep: the character 0 and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of finding: its code, how grave it is, what is wrong and what is done about it."""

    code: str
    severity: Severity
    says: Bilingual
    action: Bilingual = NOT_LOADED


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found; the first row of data is row 1. `sheet` is a sheet or layer, `where` a shape in EPSG:4326.

    One without a row can stand for `others` that are not listed one by one.
    """

    code: str
    severity: Severity
    row: int | None
    column: str | None
    value: str | None
    message: Bilingual
    action: Bilingual
    sheet: str | None = None
    where: shapely.Geometry | None = None
    others: int = 0

    def kept(self) -> FindingRow:
        """As the store keeps it."""
        shape = None if self.where is None else shapely.set_srid(self.where, 4326)
        return FindingRow(
            self.code, self.severity, self.row, self.column, self.value, *self.message, *self.action, self.sheet,
            None if shape is None else shapely.to_wkb(shape, hex=True, include_srid=True),
        )  # fmt: skip

    def as_dict(self, language: str | None) -> dict[str, Any]:
        """As plain values, its sentences in one language or, of None, in each; the shape as GeoJSON."""
        told = {name: getattr(self, name) for name in FINDING_FIELDS}
        for name in ("message", "action"):
            told[name] = told[name].in_(language) if language else told[name]._asdict()
        return told | ({} if self.where is None else {"where": json.loads(shapely.to_geojson(self.where))})


FINDING_FIELDS = ("code", "severity", "sheet", "row", "column", "value", "message", "action")


@dataclass(slots=True)
class Ledger:
    """Collects findings while a file passes; `sheet` is where it is read just now."""

    sheet: str | None = None
    findings: list[Finding] = field(default_factory=list)
    alike: Counter[tuple[Fault, str | None]] = field(default_factory=Counter)
    read: int = 0
    rejected: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    mended: set[int] = field(default_factory=set)

    def reject(self, table: pd.DataFrame, bad: pd.Series[bool], fault: Fault, **where: str) -> pd.DataFrame:
        """Take the bad rows out of a table, with a finding for each; see `mark` for the rest."""
        if not bad.any():
            return table
        self.mark(table, bad, fault, **where)
        self.rejected += int(bad.sum())
        return table[~bad]

    def repaired(self, table: pd.DataFrame, mended: pd.Series[bool], fault: Fault, **where: str) -> None:
        """Remember rows that were mended, with a finding for each."""
        self.mark(table, mended, fault, **where)
        self.mended.update(int(row) for row in table.index[mended])

    def mark(
        self, table: pd.DataFrame, rows: pd.Series[bool], fault: Fault, *, column: str = "", shown: str = ""
    ) -> None:
        """Add a finding for each of these rows; `column` is the file's name, `shown` the table's column of values."""
        known = self.alike[fault, column or None]
        listed = np.flatnonzero(rows)[: max(MOST_ALIKE - known, 0)]
        values = table[shown].iloc[listed] if shown else [None] * len(listed)
        for row, value in zip(table.index[listed], values, strict=True):
            self.add(fault, row=int(row), column=column or None, value=None if pd.isna(value) else str(value))
        self.alike[fault, column or None] = known + int(rows.sum())

    def add(
        self,
        fault: Fault,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        where: shapely.Geometry | None = None,
    ) -> None:
        """Add one finding; `where` is a shape to show on the map, EPSG:4326."""
        self.alike[fault, column] += 1
        if self.alike[fault, column] > MOST_ALIKE:
            return
        short = None if value is None else storable(value)
        if short and len(short) > LONGEST_VALUE:
            short = short[: LONGEST_VALUE - 1] + "…"
        told = (fault.code, fault.severity, row, column, short, fault.says, fault.action, self.sheet, where)
        self.findings.append(Finding(*told))

    def told(self) -> list[Finding]:
        """What was found, by row; of very much alike the first ones, and how many more there are."""
        more = [
            Finding(fault.code, fault.severity, None, column, None, _more(fault.says, n - MOST_ALIKE), fault.action,
                    others=n - MOST_ALIKE)
            for (fault, column), n in self.alike.items() if n > MOST_ALIKE
        ]  # fmt: skip
        return [*sorted(self.findings, key=lambda finding: finding.row or 0), *more]

    def counts(self) -> Counts:
        """What became of the rows so far."""
        return Counts(self.read, self.new, self.changed, self.unchanged, self.rejected, len(self.mended))

    def first_rejection(self) -> str:
        """The first rejected row in a few words, for a sentence in English as all refusals are."""
        first = min((f for f in self.findings if f.severity == "rejected"), key=lambda f: f.row or 0)
        column = f", {first.column}" if first.column else ""
        value = f" “{first.value}”" if first.value else ""
        return f"row {first.row}{column}{value}: {first.message.en}"


def _more(says: Bilingual, n: int) -> Bilingual:
    return Bilingual(
        f"{says.zh}（另有 {n:,} 处，未逐一列出）", f"{says.en} ({n:,} more, not listed one by one)"
    )


WORDS = {
    "boundaries": Bilingual("区划边界", "boundaries"), "tickets": Bilingual("工单", "tickets"),
    "done": Bilingual("已载入", "done"), "dry_run": Bilingual("试运行，未写入", "dry run"),
    "refused": Bilingual("拒收", "refused"), "failed": Bilingual("失败", "failed"), "run": Bilingual("批次", "run"),
    "rows": Bilingual("行数", "rows"), "row": Bilingual("行", "row"), "read": Bilingual("读入", "read"),
    "new": Bilingual("新增", "new"), "changed": Bilingual("变更", "changed"), "unchanged": Bilingual("未变", "unchanged"),
    "rejected": Bilingual("驳回", "rejected"), "repaired": Bilingual("修复", "repaired"), "note": Bilingual("提示", "note"),
    "more": Bilingual("另有", "and more:"), "crs": Bilingual("坐标系", "CRS"),
    "located": Bilingual("已定位", "located"), "default_point": Bilingual("默认点", "default point"),
    "unlocated": Bilingual("未定位", "unlocated"), "in_an_area": Bilingual("落入区域", "in an area"),
    "name_field": Bilingual("名称字段", "name field"), "code_field": Bilingual("编码字段", "code field"),
    "valid_from": Bilingual("生效日", "valid from"), "gone": Bilingual("失效区域", "gone"),
    "tickets_moved": Bilingual("重新归属的工单", "tickets moved"),
    "moved": Bilingual("最远移动（米）", "moved at most, m"),
    "roads": Bilingual("道路", "roads"), "places": Bilingual("地点", "places"), "cameras": Bilingual("监控", "cameras"),
    "sensors": Bilingual("物联设备", "sensors"), "heritage": Bilingual("文物古建", "heritage"),
    "people": Bilingual("区域人口", "people per area"), "raster": Bilingual("栅格", "raster"),
    "tickets_relinked": Bilingual("换了最近道路的工单", "tickets with another nearest road"),
    "addresses": Bilingual("新取流地址", "picture addresses set"), "counted_on": Bilingual("统计日期", "counted on"),
    "kept_as": Bilingual("保存为", "kept as"), "size": Bilingual("尺寸", "size"), "low": Bilingual("最小值", "lowest"),
    "high": Bilingual("最大值", "highest"), "known_share": Bilingual("有值比例", "share that is known"),
}  # fmt: skip
SHOWN_REJECTED = 20
SHOWN_ROWS = 12


@dataclass(frozen=True, slots=True)
class Report:
    """What a load did or, of a dry run, would do; `figures` are further counts of that kind of load."""

    kind: str
    file_name: str
    state: str
    rows: Counts
    crs: dict[str, Any]
    findings: Sequence[Finding]
    run: int | None = None
    message: str | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    language: str = "en"

    def as_dict(self, language: str | None = None) -> dict[str, Any]:
        """The report as plain values; what was found is told in one language or, of None, in each."""
        return {
            "kind": self.kind, "file": self.file_name, "run": self.run, "state": self.state, "message": self.message,
            "rows": asdict(self.rows), "crs": self.crs, "figures": self.figures,
            "findings": [finding.as_dict(language) for finding in self.findings],
        }  # fmt: skip

    def as_json(self) -> str:
        """The report as one JSON document."""
        return json.dumps(self.as_dict(self.language), ensure_ascii=False)

    def as_text(self) -> str:
        """The report for a person at a terminal, in the language of the district."""
        say, r = self._say, self.rows
        run = f" ({say('run')} {self.run})" if self.run else ""
        kept = " + ".join(
            f"{say(name)} {getattr(r, name):,}" for name in ("new", "changed", "unchanged", "rejected")
        )
        lines = [
            f"{self.file_name} → {say(self.kind)}: {say(self.state)}{run}",
            f"  {say('rows')}: {say('read')} {r.read:,} = {kept}; {say('repaired')} {r.repaired:,}",
            f"  {say('crs')}: {self.crs.get('used')}",
            *(f"  {say(key)}: {value}" for key, value in self.figures.items()),
        ]
        if self.message:
            lines.append(f"  {in_language(self.message, self.language)}")
        return "\n".join([*lines, *(line for alike in _groups(self.findings) for line in self._told(alike))])

    def _say(self, word: str) -> str:
        return WORDS[word].in_(self.language) if word in WORDS else word

    def _told(self, alike: Sequence[Finding]) -> list[str]:
        first, say = alike[0], self._say
        column = f" [{first.column}]" if first.column else ""
        times = sum(one.others or 1 for one in alike)
        says, done = first.message.in_(self.language), first.action.in_(self.language)
        head = f"  {say(first.severity)} {times:,} ×{column} {says} → {done}"
        numbered = [finding for finding in alike if finding.row is not None]
        if first.severity == "rejected":
            shown = [
                f"    {say('row')} {f.row}" + (f": {f.value}" if f.value else "")
                for f in numbered[:SHOWN_REJECTED]
            ]
            more = times - len(shown)
            return [head, *shown, *([f"    {say('more')} {more:,}"] if more else [])]
        rows = ", ".join(str(f.row) if f.row is not None else str(f.value) for f in alike[:SHOWN_ROWS])
        more = times - SHOWN_ROWS
        return [head, f"    {say('row')} {rows}" + (f" … {say('more')} {more:,}" if more > 0 else "")]


def _groups(findings: Sequence[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[int, str, str | None], list[Finding]] = {}
    order = ("refused", "rejected", "repaired", "note")
    for finding in findings:
        groups.setdefault((order.index(finding.severity), finding.code, finding.column), []).append(finding)
    return [groups[key] for key in sorted(groups, key=lambda key: key[0])]


class LoadRefused(FileRefused):
    """A file that was opened and then refused; the report tells what was found."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.message or "The file was refused.")
        self.report = report
