"""The ranking of areas as a grid that sorts, filters and exports; assets/planning/grid.js draws its cells."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag

from app.terms import Terms, all_terms
from geodata.queries.ranking import Ranking, RankRow

THEME = """themeQuartz.withParams({
    backgroundColor: 'var(--surface)', foregroundColor: 'var(--text)', headerBackgroundColor: 'var(--surface)',
    headerTextColor: 'var(--quiet)', borderColor: 'var(--hairline)', accentColor: 'var(--jade)',
    rowHoverColor: 'var(--hover)', oddRowBackgroundColor: 'var(--surface)', chromeBackgroundColor: 'var(--surface)',
    menuBackgroundColor: 'var(--raised)', inputBackgroundColor: 'var(--surface)', fontFamily: 'inherit',
    fontSize: 'var(--size-2)', headerFontSize: 'var(--size-1)', headerFontWeight: 400, rowHeight: '2rem',
    headerHeight: '2.125rem', spacing: '5px', wrapperBorder: false, wrapperBorderRadius: 0, borderRadius: 3,
    cellHorizontalPadding: '10px', columnBorder: false, browserColorScheme: 'inherit'})"""
NUMBER = "agNumberColumnFilter"


def grid(terms: Terms) -> dag.AgGrid:
    """The empty grid; rows come with the figures."""
    options = {
        "theme": {"function": " ".join(THEME.split())},
        "localeText": _words(terms),
        "animateRows": False,
        "suppressCellFocus": False,
        "suppressDragLeaveHidesColumns": True,
        "suppressMenuHide": False,
        "enableCellTextSelection": True,
        "tooltipShowDelay": 400,
    }
    return dag.AgGrid(
        id="ranking-grid",
        columnDefs=columns(terms),
        rowData=None,
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True, "minWidth": 76},
        dashGridOptions=options,
        columnSize="responsiveSizeToFit",
        getRowId="params.data.code",
        csvExportParams={"fileName": "ranking.csv"},
        style={"height": "100%", "width": "100%"},
        className="plan-ag",
    )


def columns(terms: Terms) -> list[dict[str, Any]]:
    """What stands in the grid, the name first and always in sight."""
    wide = 196 if terms.language == "en" else 128
    name = _column(terms, "name", "agTextColumnFilter", None, "PlanName", minWidth=wide, width=wide)
    name |= {"pinned": "left", "getQuickFilterText": {"function": "params.value"}}
    change = _column(terms, "change", NUMBER, "planChange(params.value, params.data)", "PlanChange")
    return [
        name,
        _column(terms, "count", NUMBER, "planCount(params.value, params.data)", "PlanCount", sort="desc"),
        _column(terms, "before", NUMBER, "planBefore(params.value, params.data)", "PlanBefore"),
        change,
        _column(terms, "share", NUMBER, "planShare(params.value)", "PlanShare", minWidth=110),
        _column(terms, "per_km2", NUMBER, "planMeasure(params.value, 1)"),
        _column(terms, "per_1000", NUMBER, "planMeasure(params.value, 2)"),
        _column(terms, "on_time", NUMBER, "planShare(params.value)"),
        _column(terms, "median_h", NUMBER, "planMeasure(params.value, 1)"),
    ]


def _column(
    terms: Terms, field: str, kind: str, shown: str | None, drawn: str | None = None, **more: Any
) -> dict[str, Any]:
    column: dict[str, Any] = {
        "field": field,
        "headerName": terms(f"plan_column.{field}"),
        "headerTooltip": terms(f"plan_column.{field}_why"),
        "filter": kind,
        "type": "numericColumn" if kind == NUMBER else None,
        "cellRenderer": drawn,
        "valueFormatter": {"function": shown} if shown else None,
    }
    return {key: value for key, value in (column | more).items() if value is not None}


def rows(terms: Terms, found: Ranking, *, known_before: bool = True) -> list[dict[str, Any]]:
    """One row an area; `few` says that a count is too small to be told. What nobody recorded before is missing, not zero."""
    return [_row(terms, row, known_before=known_before) for row in found.rows]


def _row(terms: Terms, row: RankRow, *, known_before: bool) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": terms.pick(row.name_zh, row.name_en),
        "count": row.count,
        "before": row.before if known_before else None,
        "change": row.change_pct if known_before else None,
        "share": row.share,
        "per_km2": row.per_km2,
        "per_1000": row.per_1000,
        "on_time": row.on_time_rate,
        "median_h": row.response_median_h,
        "few": row.count is None,
        "few_before": known_before and row.before is None,
    }


def _words(terms: Terms) -> dict[str, str]:
    """The grid's own words, by the keys it knows."""
    return {
        key.removeprefix("plan_grid."): both.in_(terms.language)
        for key, both in all_terms().items()
        if key.startswith("plan_grid.")
    }
