"""Words on the map itself: kinds, states, grades and conditions of what is drawn there, in both languages."""

from __future__ import annotations

from geodata.types import Bilingual

STATES = {
    "online": Bilingual("在线", "online"),
    "offline": Bilingual("离线", "offline"),
    "fault": Bilingual("故障", "fault"),
    "normal": Bilingual("正常", "normal"),
    "notice": Bilingual("提示", "notice"),
    "watch": Bilingual("关注", "watch"),
    "warning": Bilingual("预警", "warning"),
    "danger": Bilingual("危险", "danger"),
    "silent": Bilingual("失联", "silent"),
}
TICKET_STATES = {
    "received": Bilingual("已接报", "received"),
    "resolved_online": Bilingual("在线办结", "resolved online"),
    "transferred": Bilingual("已转交", "transferred"),
    "signed": Bilingual("已签收", "signed for"),
    "handling": Bilingual("处置中", "being handled"),
    "closed": Bilingual("已办结", "closed"),
    "followed_up": Bilingual("已回访", "followed up"),
    "merged": Bilingual("已合并", "merged"),
}
SENSOR_KINDS = {
    "fire": Bilingual("消防", "fire"),
    "tilt": Bilingual("房屋倾斜", "tilt"),
    "water_quality": Bilingual("水质", "water quality"),
    "settlement": Bilingual("桥梁沉降", "settlement"),
    "water_level": Bilingual("水位", "water level"),
    "ai_event": Bilingual("智能识别", "AI event"),
}
GRADES = {
    "world": Bilingual("世界遗产", "World Heritage"),
    "national": Bilingual("全国重点文保单位", "national"),
    "provincial": Bilingual("省级文保单位", "provincial"),
    "municipal": Bilingual("市级文保单位", "municipal"),
    "controlled": Bilingual("控制保护建筑", "controlled building"),
}
CONDITIONS = {
    "good": Bilingual("保存良好", "in good condition"),
    "fair": Bilingual("保存一般", "in fair condition"),
    "poor": Bilingual("亟待修缮", "in poor condition"),
}
OTHERS = {
    "suppressed": Bilingual("数量过少，不予显示", "too few to be shown"),
    "stale": Bilingual("{layer}停在 {since}，之后没有更新", "{layer} not updated since {since}"),
}

WORDS = STATES | TICKET_STATES | SENSOR_KINDS | GRADES | CONDITIONS | OTHERS
