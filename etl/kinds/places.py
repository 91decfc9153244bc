"""Places that people name: landmarks, estates, stations; addresses are found by them."""

from __future__ import annotations

from sqlalchemy import Connection

from etl.kinds.base import Field, KindOf, LoadOptions
from etl.pipeline import Desk, Kind
from etl.register_rows import rows_of
from etl.rows import Batch, Rows, Writer
from geodata.commands.places import write_places
from geodata.commands.registers import Written
from geodata.profile import Profile
from geodata.types import Bilingual

KINDS = {
    "landmark": Bilingual("地标", "landmark"), "estate": Bilingual("小区", "estate"), "garden": Bilingual("园林", "garden"),
    "temple": Bilingual("寺观", "temple"), "station": Bilingual("车站", "station"), "market": Bilingual("市场", "market"),
    "school": Bilingual("学校", "school"), "hospital": Bilingual("医院", "hospital"),
    "government": Bilingual("机关", "government office"), "bridge": Bilingual("桥", "bridge"), "gate": Bilingual("城门", "gate"),
}  # fmt: skip


def _write(c: Connection, _: Profile, batch: Batch) -> Written:
    rows = rows_of(batch, ("code", "kind", "name", "name_en", "address"))
    return write_places(c, rows, told=batch.told, load_id=batch.load_id)


def _open(desk: Desk, options: LoadOptions) -> Kind:
    return Rows(desk, options, KIND, Writer(_write))


KIND = KindOf(
    key="places",
    title=Bilingual("地点", "Places"),
    shape="point",
    fields=(
        Field("code", Bilingual("编码", "code"), Bilingual("在来源中的编码；没有时按名称与位置生成", "key in its source; made of name and place where there is none"),
              example="P-001"),
        Field("name", Bilingual("名称", "name"), Bilingual("人们怎样称呼它", "as people say it"), required=True, example="杨枝新村"),
        Field("kind", Bilingual("类型", "type"), Bilingual("缺省为地标", "a landmark where nothing is said"), form="word", words=KINDS,
              example="小区"),
        Field("name_en", Bilingual("英文名", "English name"), Bilingual("供英文读者", "for an English reader")),
        Field("address", Bilingual("地址", "address"), Bilingual("门牌地址", "street address"), example="杨枝塘路58号"),
        Field("lon", Bilingual("经度", "longitude"), Bilingual("经度或东坐标", "longitude or easting"), form="coordinate", example="120.6321"),
        Field("lat", Bilingual("纬度", "latitude"), Bilingual("纬度或北坐标", "latitude or northing"), form="coordinate", example="31.2895"),
    ),
    open=_open,
)  # fmt: skip
