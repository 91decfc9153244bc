"""Cameras 监控: a roster of places with heading and width of view, and where their pictures come from.

An address may hold a name and a password: it goes to the store and nowhere else, not even into a finding. Pictures are
fetched only from hosts that the installation allows (docs/how-to/cameras.md).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from sqlalchemy import Connection

from etl.kinds.base import Field, KindOf, LoadOptions
from etl.pipeline import Desk, Kind
from etl.quality import Fault
from etl.register_rows import areas_of, rows_of
from etl.rows import Batch, Rows, Writer
from etl.steps.base import Case
from geodata.commands.devices import Address, set_addresses, write_cameras
from geodata.commands.locating import Ground, read_ground
from geodata.commands.registers import Written
from geodata.profile import Profile
from geodata.types import Bilingual

KINDS = {
    "dome": Bilingual("球机", "dome"), "bullet": Bilingual("枪机", "bullet"), "ptz": Bilingual("云台", "ptz"),
    "panorama": Bilingual("全景", "panorama"), "ai": Bilingual("智能", "ai"),
}  # fmt: skip
STATES = {
    "online": Bilingual("在线", "online"), "offline": Bilingual("离线", "offline"), "fault": Bilingual("故障", "fault"),
    "silent": Bilingual("失联", "silent"),
}  # fmt: skip
FIELDS = ("code", "name", "kind", "state", "heading", "field_of_view", "range", "installed_on")
ADDRESSES = {"stream": "hls", "snapshot": "snapshot"}
NO_ADDRESS = Fault(
    "address_unusable", "repaired",
    Bilingual("取流地址不是 http(s) 地址", "has an address that is no http or https address"),
    Bilingual("点位已载入，地址未采用", "the camera was loaded without it"),
)  # fmt: skip
NO_PLAYLIST = Fault(
    "address_no_stream", "note",
    Bilingual("视频流地址不是 HLS（.m3u8）", "has a stream that is no HLS playlist (.m3u8)"),
    Bilingual("照原样载入，可能无法播放", "loaded as it is; it may not play"),
)  # fmt: skip
IMPOSSIBLE = Fault("view_impossible", "rejected", Bilingual("视场角须在 0–360 度之间，视距须大于 0", "its field of view is not within 0 to 360 degrees or its range not above 0"))  # fmt: skip


def _check(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    view, far = (pd.to_numeric(table[name], errors="coerce") for name in ("field_of_view", "range"))
    bad = (view <= 0) | (view > 360) | (far <= 0)
    table = case.ledger.reject(
        table, bad, IMPOSSIBLE, column=f"{case.named('field_of_view')}, {case.named('range')}"
    )
    for field in ADDRESSES:
        said = table[field]
        unusable = said.notna() & ~said.map(_usable).astype(bool)
        case.ledger.repaired(table, unusable, NO_ADDRESS, column=case.named(field))
        table = table.assign(**{field: said.mask(unusable)})
    other = (
        table["stream"].map(lambda url: isinstance(url, str) and ".m3u8" not in url.casefold()).astype(bool)
    )
    case.ledger.mark(table, other, NO_PLAYLIST, column=case.named("stream"))
    return table


def _usable(url: object) -> bool:
    if not isinstance(url, str) or any(map(str.isspace, url)):
        return False
    try:
        said = urlsplit(url)
        return bool(said.scheme in ("http", "https") and said.hostname and (said.port or 1) > 0)
    except ValueError:
        return False


class _Roster:
    """Writes batches of cameras; the ground is read once."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._ground = desk, None
        self.addresses: set[int] = set()

    def write(self, c: Connection, profile: Profile, batch: Batch) -> Written:
        self._ground = ground = self._ground or read_ground(c, profile)
        named = batch.table.assign(name=batch.table["name"].fillna(batch.table["code"]))
        batch = Batch(named, _told(batch.told), batch.load_id)
        rows = rows_of(batch, FIELDS, areas_of(batch, ground, profile))
        written = write_cameras(c, rows, told=batch.told, load_id=batch.load_id)
        others = set(set_addresses(c, _addresses(named)))
        self.addresses |= others
        more = sorted(others - {*written.new, *written.changed})
        return Written(written.new, written.changed + more, written.unchanged - len(more), written.farthest_m)

    def finish(self, _: Connection, __: Profile, ___: Written) -> dict[str, Any]:
        return {"addresses": len(self.addresses)}

    _ground: Ground | None


def _told(told: Any) -> set[str]:
    columns = {"heading": "heading_deg", "field_of_view": "field_of_view_deg", "range": "range_m"}
    return {columns.get(field, field) for field in told}


def _addresses(table: pd.DataFrame) -> list[Address]:
    return [
        Address(code, kind, url)
        for field, kind in ADDRESSES.items()
        for code, url in zip(table["code"], table[field], strict=True)
        if isinstance(url, str)
    ]


def _open(desk: Desk, options: LoadOptions) -> Kind:
    roster = _Roster(desk)
    return Rows(desk, options, KIND, Writer(roster.write, _check, roster.finish, frozenset(ADDRESSES)))


KIND = KindOf(
    key="cameras",
    title=Bilingual("监控", "Cameras"),
    shape="point",
    fields=(
        Field("code", Bilingual("监控编号", "code"), Bilingual("国标编号等；没有时按名称与位置生成", "its number; made of name and place where there is none"),
              example="32050800001320000001"),
        Field("name", Bilingual("点位名称", "name"), Bilingual("装在哪里", "where it stands, in words"), example="平江路与东北街路口"),
        Field("kind", Bilingual("摄像机类型", "type"), Bilingual("缺省为球机", "a dome where nothing is said"), form="word", words=KINDS,
              example="球机"),
        Field("state", Bilingual("状态", "state"), Bilingual("缺省为失联：还没有听到它", "silent where nothing is said: nothing was heard of it yet"),
              form="word", words=STATES, example="在线"),
        Field("heading", Bilingual("朝向", "heading"), Bilingual("自正北顺时针的度数，或东、西北等；环视留空", "degrees clockwise from north, or E, NW …; empty when all round"),
              form="angle", example="135"),
        Field("field_of_view", Bilingual("视场角", "field of view"), Bilingual("度", "degrees"), form="number", example="60"),
        Field("range", Bilingual("可视距离", "range"), Bilingual("米", "metres"), form="number", example="80"),
        Field("installed_on", Bilingual("启用日期", "installed on"), Bilingual("第一天使用", "first day in service"), form="date",
              example="2023-05-01"),
        Field("stream", Bilingual("视频流地址", "stream"), Bilingual("HLS（.m3u8）地址；只存于服务器", "HLS address (.m3u8); kept on the server only")),
        Field("snapshot", Bilingual("抓图地址", "snapshot"), Bilingual("单张图片地址；只存于服务器", "address of a still; kept on the server only")),
        Field("lon", Bilingual("经度", "longitude"), Bilingual("经度或东坐标", "longitude or easting"), form="coordinate", example="120.6293"),
        Field("lat", Bilingual("纬度", "latitude"), Bilingual("纬度或北坐标", "latitude or northing"), form="coordinate", example="31.3251"),
    ),
    open=_open,
)  # fmt: skip
