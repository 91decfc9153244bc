"""Empty templates for departments: a table with the columns of a kind, and what each of them means."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl.kinds import kind_of
from etl.kinds.base import Field, KindOf
from geodata.errors import Refused
from geodata.types import Bilingual

FORMS = ("xlsx", "csv", "geojson")
EXPLAINED = Bilingual("填写说明", "What goes where")
HEADS = (
    Bilingual("列", "Column"), Bilingual("必填", "Required"), Bilingual("含义（中文）", "Meaning (Chinese)"),
    Bilingual("含义（英文）", "Meaning (English)"), Bilingual("可填的词", "Words it takes"), Bilingual("示例", "Example"),
)  # fmt: skip
YES = Bilingual("是", "yes")
SHAPES = {
    "area": Bilingual("图形另附：面（如 GeoJSON、Shapefile）。本表只列属性。", "Shapes come with it: areas, as GeoJSON or Shapefile. This table lists the attributes alone."),
    "line": Bilingual("图形另附：线（如 GeoJSON、Shapefile）。本表只列属性。", "Shapes come with it: lines, as GeoJSON or Shapefile. This table lists the attributes alone."),
    "point": Bilingual("坐标写在两列中，默认 WGS 84；其他坐标系请告知。", "Coordinates stand in two columns, WGS 84 unless you say otherwise."),
    "none": Bilingual("按区域编码或名称对应，不需要坐标。", "Areas are found by code or name; no coordinates are needed."),
}  # fmt: skip
NO_PERSONS = Bilingual(
    "请勿填写姓名、电话、证件号等个人信息，含此类列的文件会被拒收。",
    "No names, telephone or identity numbers of persons: a file with such columns is refused.",
)
HEAD, MUST = PatternFill("solid", fgColor="1F4E79"), PatternFill("solid", fgColor="C55A11")
GEOMETRIES = {"point": "Point", "line": "LineString", "area": "Polygon"}


def template(kind: str, form: str, language: str = "zh") -> bytes:
    """An empty file of a kind: xlsx, csv or geojson. Refused when there is none in that form."""
    found = kind_of(kind)
    if not found.fields:
        raise Refused(f"{found.title.en} have no columns, so there is no template; send a GeoTIFF.")
    if form == "xlsx":
        return workbook(found, language)
    if form == "csv":
        return _csv(found, language)
    if form == "geojson" and found.shape in GEOMETRIES:
        return _geojson(found, language)
    raise Refused(
        f"There is no template of {found.title.en.lower()} as “{form}”; there are: {', '.join(_forms(found))}."
    )


def workbook(kind: KindOf, language: str) -> bytes:
    """A workbook: an empty table, and a sheet that explains its columns in both languages."""
    book = Workbook()
    table, explained = book.worksheets[0], book.create_sheet(EXPLAINED.in_(language))
    table.title = kind.title.in_(language)
    for place, field in enumerate(kind.fields, 1):
        cell = table.cell(1, place, field.title.in_(language))
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), MUST if field.required else HEAD
        table.column_dimensions[get_column_letter(place)].width = 18
    table.freeze_panes = "A2"
    _explain(explained, kind, language)
    return _bytes(book)


def _explain(sheet: Worksheet, kind: KindOf, language: str) -> None:
    for said in (SHAPES[kind.shape], NO_PERSONS):
        sheet.append([said.zh if language == "zh" else said.en])
        sheet.append([said.en if language == "zh" else said.zh])
    sheet.append([])
    sheet.append([head.in_(language) for head in HEADS])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for field in kind.fields:
        sheet.append(_explained(field, language))
    for letter, width in zip("ABCDEF", (18, 8, 42, 52, 60, 28), strict=True):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=7):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _explained(field: Field, language: str) -> list[str]:
    words = "、".join(title.in_(language) for title in field.words.values())
    must = YES.in_(language) if field.required else ""
    return [field.title.in_(language), must, field.what.zh, field.what.en, words, field.example]


def _csv(kind: KindOf, language: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerow([field.title.in_(language) for field in kind.fields])
    return stream.getvalue().encode("utf-8-sig")


def _geojson(kind: KindOf, language: str) -> bytes:
    fields = [field for field in kind.fields if field.form != "coordinate"]
    empty = {"type": GEOMETRIES[kind.shape], "coordinates": []}
    feature = {
        "type": "Feature",
        "properties": {field.title.in_(language): None for field in fields},
        "geometry": empty,
    }
    document = {"type": "FeatureCollection", "features": [feature]}
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _forms(kind: KindOf) -> Sequence[str]:
    return FORMS if kind.shape in GEOMETRIES else FORMS[:2]


def _bytes(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
