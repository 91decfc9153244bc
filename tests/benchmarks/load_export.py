"""A large export of tickets as cities publish them, drawn with numpy: along the demo's streets, in order of receipt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

AT_ONCE = 250_000
MAPPING = """
origin = "bench"
dates = ["%Y-%m-%d %H:%M:%S"]
[columns]
number = "工单编号"
received = "受理时间"
due = "截止时间"
closed = "办结时间"
lon = "经度"
lat = "纬度"
title = "标题"
description = "内容"
address = "地址"
[state]
column = "状态"
values = { "处置中" = "handling", "办结" = "closed", "在线办结" = "resolved_online" }
[source]
column = "来源"
create = true
[category]
scheme = "bench"
columns = ["大类", "小类"]
create = true
[family]
value = "service"
"""
FIRST = np.datetime64("2022-01-01T00:00:00")
STATES = np.array(["办结", "在线办结", "处置中"], object)
SOURCES = np.array(["12345便民服务热线", "网格员上报", "“苏周到”APP", "寒山闻钟"], object)
ABOVE = np.array(["市容管理", "物业管理", "路况管理", "消费维权", "道路设施"], object)
BELOW = np.array([f"事项{n}" for n in range(60)], object)


class Streets:
    """Points along the roads of a store, each with the name of its road."""

    def __init__(self, c: Connection) -> None:
        rows = c.execute(text("select name, st_asbinary(geom) from roads order by id")).all()
        self.names = np.array([row[0] for row in rows], object)
        self.lines = np.asarray(shapely.from_wkb([bytes(row[1]) for row in rows]))
        self.odds = np.cumsum(shapely.length(self.lines))

    def draw(self, rng: np.random.Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
        """Longitude and latitude some metres beside a road, and the road's name."""
        road = np.searchsorted(self.odds, rng.random(count) * self.odds[-1])
        along = rng.random(count) * shapely.length(self.lines[road])
        xy = shapely.get_coordinates(shapely.line_interpolate_point(self.lines[road], along))
        return xy + rng.normal(0, 1e-4, xy.shape), self.names[road]


def write(file: Path, streets: Streets, *, rows: int, first: int) -> None:
    """Rows numbered from `first` on, ten seconds apart: ten million of them end before today."""
    writer = None
    for begin in range(first, first + rows, AT_ONCE):
        table = _table(streets, np.arange(begin, min(begin + AT_ONCE, first + rows)))
        writer = writer or pa_csv.CSVWriter(
            file, table.schema, write_options=pa_csv.WriteOptions(quoting_style="needed")
        )
        writer.write_table(table)
    if writer:
        writer.close()


def _table(streets: Streets, n: NDArray[np.int64]) -> pa.Table:
    rng, rows = np.random.default_rng(int(n[0])), len(n)
    xy, street = streets.draw(rng, rows)
    received = FIRST + (n * 10).astype("timedelta64[s]")
    state = rng.choice(3, rows, p=[0.7, 0.25, 0.05])
    closed = received + rng.integers(600, 400_000, rows).astype("timedelta64[s]")
    door = rng.integers(1, 800, rows)
    below = rng.integers(0, len(BELOW), rows)
    at = pa.compute.strftime
    matter = np.array(
        [
            f"市民反映{s}{d}号附近{BELOW[b]}，希望尽快处理。"
            for s, d, b in zip(street, door, below, strict=True)
        ],
        object,
    )
    return pa.table({
        "工单编号": np.char.add("B", n.astype(str)).astype(object),
        "受理时间": at(pa.array(received), "%Y-%m-%d %H:%M:%S"),
        "截止时间": at(pa.array(received + np.timedelta64(3, "D")), "%Y-%m-%d %H:%M:%S"),
        "办结时间": pa.compute.if_else(pa.array(state < 2), at(pa.array(closed), "%Y-%m-%d %H:%M:%S"), ""),
        "经度": np.round(xy[:, 0], 6), "纬度": np.round(xy[:, 1], 6),
        "标题": pa.array(BELOW[below]), "内容": pa.array(matter),
        "地址": pa.array([f"{s}{d}号" for s, d in zip(street, door, strict=True)]),
        "状态": pa.array(STATES[state]), "来源": pa.array(SOURCES[rng.integers(0, 4, rows)]),
        "大类": pa.array(ABOVE[below % 5]), "小类": pa.array(BELOW[below]),
    })  # fmt: skip
