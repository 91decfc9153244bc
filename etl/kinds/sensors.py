"""Sensors 物联设备: a roster with kind, unit, interval and the four thresholds of each."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection

from etl.kinds.base import Field, KindOf, LoadOptions
from etl.pipeline import Desk, Kind
from etl.quality import Fault
from etl.register_rows import areas_of, rows_of
from etl.rows import Batch, Rows, Writer
from etl.steps.base import Case
from geodata.commands.devices import write_sensors
from geodata.commands.locating import read_ground
from geodata.commands.registers import Written
from geodata.profile import Profile
from geodata.types import Bilingual

KINDS = {
    "fire": Bilingual("消防", "fire"), "tilt": Bilingual("倾斜", "tilt"), "water_quality": Bilingual("水质", "water quality"),
    "settlement": Bilingual("沉降", "settlement"), "water_level": Bilingual("水位", "water level"),
    "ai_event": Bilingual("视频事件", "video event"),
}  # fmt: skip
STATES = {
    "normal": Bilingual("正常", "normal"), "notice": Bilingual("提示", "notice"), "watch": Bilingual("关注", "watch"),
    "warning": Bilingual("预警", "warning"), "danger": Bilingual("危险", "danger"), "silent": Bilingual("失联", "silent"),
    "fault": Bilingual("故障", "fault"),
}  # fmt: skip
LEVELS = ("notice", "watch", "warning", "danger")
FIELDS = ("code", "name", "kind", "unit", "state", "interval", *LEVELS)
COLUMNS = {"interval": "interval_s"} | {level: f"{level}_at" for level in LEVELS}
CROSSED = Fault(
    "thresholds_cross",
    "rejected",
    Bilingual("四级阈值须依次升高或依次降低", "its thresholds neither all rise nor all fall"),
)
NO_TIME = Fault(
    "interval_impossible", "rejected", Bilingual("采集间隔须大于 0 秒", "its interval is not above 0 seconds")
)


def _check(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    interval = pd.to_numeric(table["interval"], errors="coerce")
    table = case.ledger.reject(table, interval <= 0, NO_TIME, column=case.named("interval"), shown="interval")
    steps = table[list(LEVELS)].apply(pd.to_numeric, errors="coerce").diff(axis=1).iloc[:, 1:]
    crossed = (steps > 0).any(axis=1) & (steps < 0).any(axis=1)
    columns = ", ".join(case.named(level) for level in LEVELS if level in case.columns)
    return case.ledger.reject(table, crossed, CROSSED, column=columns)


def _write(c: Connection, profile: Profile, batch: Batch) -> Written:
    batch = Batch(batch.table, {COLUMNS.get(field, field) for field in batch.told}, batch.load_id)
    rows = rows_of(batch, FIELDS, areas_of(batch, read_ground(c, profile), profile))
    return write_sensors(c, rows, told=batch.told, load_id=batch.load_id)


def _open(desk: Desk, options: LoadOptions) -> Kind:
    return Rows(desk, options, KIND, Writer(_write, _check))


KIND = KindOf(
    key="sensors",
    title=Bilingual("物联设备", "Sensors"),
    shape="point",
    fields=(
        Field("code", Bilingual("设备编号", "code"), Bilingual("读数以此归属", "what its readings are told by"), required=True,
              example="SW-0001"),
        Field("name", Bilingual("设备名称", "name"), Bilingual("装在哪里", "where it stands, in words"), required=True, example="山塘桥水位"),
        Field("kind", Bilingual("监测类型", "kind"), Bilingual("监测什么", "what it watches"), required=True, form="word", words=KINDS,
              example="水位"),
        Field("unit", Bilingual("计量单位", "unit"), Bilingual("读数的单位", "unit of its readings, as printed"), required=True, example="m"),
        Field("interval", Bilingual("采集间隔", "interval"), Bilingual("两次读数之间的秒数", "seconds between readings"), required=True,
              form="number", example="300"),
        Field("state", Bilingual("状态", "state"), Bilingual("缺省为失联：还没有听到它", "silent where nothing is said: nothing was heard of it yet"),
              form="word", words=STATES, example="正常"),
        Field("notice", Bilingual("提示阈值", "notice from"), Bilingual("以读数单位计", "in the unit of its readings"), form="number", example="3.3"),
        Field("watch", Bilingual("关注阈值", "watch from"), Bilingual("以读数单位计", "in the unit of its readings"), form="number", example="3.6"),
        Field("warning", Bilingual("预警阈值", "warning from"), Bilingual("以读数单位计", "in the unit of its readings"), form="number", example="3.8"),
        Field("danger", Bilingual("危险阈值", "danger from"), Bilingual("以读数单位计", "in the unit of its readings"), form="number", example="4.2"),
        Field("lon", Bilingual("经度", "longitude"), Bilingual("经度或东坐标", "longitude or easting"), form="coordinate", example="120.5921"),
        Field("lat", Bilingual("纬度", "latitude"), Bilingual("纬度或北坐标", "latitude or northing"), form="coordinate", example="31.3211"),
    ),
    open=_open,
)  # fmt: skip
