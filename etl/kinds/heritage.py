"""Heritage 文物: protected objects of the old town with grade and condition."""

from __future__ import annotations

from sqlalchemy import Connection

from etl.kinds.base import Field, KindOf, LoadOptions
from etl.pipeline import Desk, Kind
from etl.register_rows import rows_of
from etl.rows import Batch, Rows, Writer
from geodata.commands.places import write_heritage
from geodata.commands.registers import Written
from geodata.profile import Profile
from geodata.types import Bilingual

GRADES = {
    "world": Bilingual("世界遗产", "world heritage"), "national": Bilingual("全国重点", "national"),
    "provincial": Bilingual("省级", "provincial"), "municipal": Bilingual("市级", "municipal"),
    "controlled": Bilingual("控保", "controlled"),
}  # fmt: skip
CONDITIONS = {
    "good": Bilingual("好", "good"),
    "fair": Bilingual("一般", "fair"),
    "poor": Bilingual("差", "poor"),
}


def _write(c: Connection, _: Profile, batch: Batch) -> Written:
    rows = rows_of(batch, ("code", "name", "name_en", "grade", "condition", "era", "address"))
    return write_heritage(c, rows, told=batch.told, load_id=batch.load_id)


def _open(desk: Desk, options: LoadOptions) -> Kind:
    return Rows(desk, options, KIND, Writer(_write))


KIND = KindOf(
    key="heritage",
    title=Bilingual("文物古建", "Heritage"),
    shape="point",
    fields=(
        Field("code", Bilingual("编码", "code"), Bilingual("文物编号；没有时按名称与位置生成", "its number; made of name and place where there is none"),
              example="H-001"),
        Field("name", Bilingual("名称", "name"), Bilingual("公布的名称", "as it was announced"), required=True, example="云岩寺塔"),
        Field("grade", Bilingual("保护级别", "grade"), Bilingual("由谁公布", "who protects it"), required=True, form="word", words=GRADES,
              example="全国重点"),
        Field("condition", Bilingual("保存状况", "condition"), Bilingual("好、一般或差", "good, fair or poor"), required=True, form="word",
              words=CONDITIONS, example="好"),
        Field("era", Bilingual("年代", "era"), Bilingual("朝代或时期", "dynasty or period"), example="五代"),
        Field("address", Bilingual("地址", "address"), Bilingual("门牌地址", "street address"), example="虎丘山"),
        Field("name_en", Bilingual("英文名", "English name"), Bilingual("供英文读者", "for an English reader"), example="Yunyan Pagoda"),
        Field("lon", Bilingual("经度", "longitude"), Bilingual("经度或东坐标", "longitude or easting"), form="coordinate", example="120.5745"),
        Field("lat", Bilingual("纬度", "latitude"), Bilingual("纬度或北坐标", "latitude or northing"), form="coordinate", example="31.3385"),
    ),
    open=_open,
)  # fmt: skip
