"""Every figure of the planner's page under one roof, so that a page imports one module."""

from __future__ import annotations

from geodata.queries.breakdown import BreakdownRow, breakdown
from geodata.queries.comparison import MODES, CellValues, comparison_cells
from geodata.queries.matrix import matrix
from geodata.queries.ranking import Ranking, RankRow, ranking
from geodata.queries.response_times import Times, times
from geodata.queries.trend import Trend, trend

__all__ = ["MODES", "BreakdownRow", "CellValues", "RankRow", "Ranking", "Times", "Trend", "breakdown",
           "comparison_cells", "matrix", "ranking", "times", "trend"]  # fmt: skip
