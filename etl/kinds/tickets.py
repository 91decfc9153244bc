"""Tickets 工单: what citizens and patrols reported, by a mapping that says which column is what."""

from __future__ import annotations

from etl.kinds.base import Field, KindOf, LoadOptions
from etl.mapping import Mapping
from etl.pipeline import Desk, Kind
from etl.tickets import Tickets
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.types import Bilingual

STATES = {
    "received": Bilingual("接报", "received"), "transferred": Bilingual("转交办", "transferred"),
    "signed": Bilingual("签收", "signed"), "handling": Bilingual("处置中", "handling"),
    "resolved_online": Bilingual("在线办结", "resolved online"), "closed": Bilingual("办结", "closed"),
    "followed_up": Bilingual("已回访", "followed up"), "merged": Bilingual("并案", "merged"),
}  # fmt: skip
FAMILIES = {
    "service": Bilingual("便民服务", "service request"),
    "city": Bilingual("数字城管", "city management"),
}
QUALITIES = {
    "given": Bilingual("随单坐标", "given"), "address": Bilingual("按门牌定位", "address"),
    "road": Bilingual("按道路定位", "road"), "landmark": Bilingual("按地标定位", "landmark"),
    "area": Bilingual("仅知区域", "area"), "none": Bilingual("无法定位", "none"),
}  # fmt: skip


def _check(_: Profile, options: LoadOptions) -> None:
    if options.mapping is None:
        raise Refused(
            "Tickets need a mapping that says which column is what: name one with --map, or write a first one with --suggest."
        )


def _open(desk: Desk, options: LoadOptions) -> Kind:
    return Tickets(desk, Mapping.model_validate(options.mapping))


KIND = KindOf(
    key="tickets",
    title=Bilingual("工单", "Tickets"),
    shape="point",
    fields=(
        Field("number", Bilingual("工单编号", "number"), Bilingual("在来源系统中的编号", "number in the system it comes from"),
              required=True, example="GD202403150001"),
        Field("received", Bilingual("受理时间", "received"), Bilingual("受理的时刻", "when it was received"),
              required=True, form="moment", example="2024-03-15 08:30:00"),
        Field("due", Bilingual("截止时间", "due"), Bilingual("应办结的时刻", "by when it is to be closed"), form="moment",
              example="2024-03-18 18:00:00"),
        Field("closed", Bilingual("办结时间", "closed"), Bilingual("办结的时刻；未办结留空", "when it was closed; empty while open"),
              form="moment", example="2024-03-16 10:05:00"),
        Field("state", Bilingual("状态", "state"), Bilingual("办理到哪一步", "how far it has come"), required=True,
              form="word", words=STATES, example="办结"),
        Field("source", Bilingual("来源", "source"), Bilingual("诉求渠道", "the channel it came by"), required=True,
              example="12345便民服务热线"),
        Field("category", Bilingual("类别", "category"), Bilingual("事项类别，可有一至三级", "what it is about, one to three levels"),
              required=True, example="市容管理", many=True),
        Field("family", Bilingual("家族", "family"), Bilingual("便民服务或数字城管", "service request or city management"),
              form="word", words=FAMILIES, example="便民服务"),
        Field("unit", Bilingual("承办单位", "unit"), Bilingual("由谁办理", "who handles it"), example="平江街道"),
        Field("lon", Bilingual("经度", "longitude"), Bilingual("经度或东坐标", "longitude or easting"), form="coordinate",
              example="120.6312"),
        Field("lat", Bilingual("纬度", "latitude"), Bilingual("纬度或北坐标", "latitude or northing"), form="coordinate",
              example="31.3127"),
        Field("address", Bilingual("地址", "address"), Bilingual("事发地点", "where it happened"), example="平江路288号周边"),
        Field("area", Bilingual("所属区域", "area"), Bilingual("所在区域的编码或名称", "code or name of the area it lies in"),
              example="平江街道"),
        Field("title", Bilingual("标题", "title"), Bilingual("一句话概括", "in a few words"), example="占道经营", many=True),
        Field("description", Bilingual("内容", "description"), Bilingual("不含个人信息的经过", "what happened, without persons"),
              example="店铺门口堆放杂物"),
        Field("outcome", Bilingual("结果", "outcome"), Bilingual("如何办结", "how it ended"), example="已清理"),
        Field("quality", Bilingual("定位方式", "location quality"), Bilingual("坐标怎样得来", "where the coordinates are from"),
              form="word", words=QUALITIES, example="随单坐标"),
    ),
    check=_check,
    open=_open,
)  # fmt: skip
