"""What a class of a cell or a line means to a planner, and what it does not, in plain words of both languages."""

from __future__ import annotations

from typing import Literal

from geodata.types import Bilingual

Exposure = Literal["none", "population", "area", "tickets", "history"]
EXPOSURES: tuple[Exposure, ...] = ("none", "population", "area", "tickets", "history")

AGAINST: dict[Exposure, Bilingual] = {
    "none": Bilingual("工单随机散布时", "if tickets fell on the hexagons at random"),
    "population": Bilingual("按常住人口推算", "from how many people live there"),
    "area": Bilingual("按面积推算", "from how much ground there is"),
    "tickets": Bilingual("按当地全部其他工单推算", "from how many other tickets there are"),
    "history": Bilingual("按当地过去一年推算", "from the year before at the same place"),
}
CAUTION: dict[Exposure, Bilingual] = {
    "none": Bilingual(
        "人多、店多的街面本来就多，要看是否“异常”，请改按人口或全部工单比较",
        "busy streets have more anyway: to see what is unusual, compare with residents or all tickets",
    ),
    "population": Bilingual(
        "只算住在那里的人，不算路过、上班和游玩的人",
        "only residents are reckoned, not those who pass, work or visit",
    ),
    "area": Bilingual("没有扣除人多少的影响", "how many people are there is not reckoned"),
    "tickets": Bilingual(
        "比的是这类工单在当地的占比，总量少的地方也可能入选",
        "it compares this kind's share there, so that a place with few tickets may stand out too",
    ),
    "history": Bilingual(
        "一直就多的地方不会入选，只看比以往多出来的",
        "a place that always had many is not told, only what is more than before",
    ),
}
GI = {
    "cold_99": Bilingual("明显偏少（误报 ≤ 1%）", "far fewer (≤ 1 % false)"),
    "cold_95": Bilingual("偏少（误报 ≤ 5%）", "fewer (≤ 5 % false)"),
    "cold_90": Bilingual("略偏少（误报 ≤ 10%）", "rather fewer (≤ 10 % false)"),
    "none": Bilingual("与随机无异", "no different from chance"),
    "hot_90": Bilingual("略偏多（误报 ≤ 10%）", "rather more (≤ 10 % false)"),
    "hot_95": Bilingual("偏多（误报 ≤ 5%）", "more (≤ 5 % false)"),
    "hot_99": Bilingual("明显偏多（误报 ≤ 1%）", "far more (≤ 1 % false)"),
}
MORAN = {
    "low_low": Bilingual("少中之少", "low among low"),
    "low_high": Bilingual("多中有少", "low among high"),
    "none": Bilingual("与随机无异", "no different from chance"),
    "high_low": Bilingual("少中有多", "high among low"),
    "high_high": Bilingual("多中之多", "high among high"),
}
PATTERNS = {
    "new": Bilingual("新出现", "new"),
    "consecutive": Bilingual("连续", "consecutive"),
    "intensifying": Bilingual("加剧", "intensifying"),
    "persistent": Bilingual("持续", "persistent"),
    "diminishing": Bilingual("减弱", "diminishing"),
    "sporadic": Bilingual("时有时无", "sporadic"),
    "oscillating": Bilingual("冷热交替", "oscillating"),
    "historical": Bilingual("曾经", "historical"),
}
SIDES = {"hot": Bilingual("热点", "hot spot"), "cold": Bilingual("冷点", "cold spot")}
PATTERN_MEANS = {
    "new": Bilingual(
        "只在最近一期才显著，宜尽快到现场看", "stands out only in the last step; worth a look soon"
    ),
    "consecutive": Bilingual(
        "最近几期连续显著，此前没有", "has stood out in the last steps without a break, never before"
    ),
    "intensifying": Bilingual(
        "九成以上时期显著，并且还在加剧", "has stood out in nine steps of ten and gets stronger"
    ),
    "persistent": Bilingual(
        "九成以上时期显著，不升不降，是老问题", "has stood out in nine steps of ten, neither up nor down"
    ),
    "diminishing": Bilingual(
        "九成以上时期显著，但正在减弱", "has stood out in nine steps of ten, but gets weaker"
    ),
    "sporadic": Bilingual("时断时续，最近一期又显著", "comes and goes, and stands out in the last step"),
    "oscillating": Bilingual(
        "时多时少，最近一期显著", "was the opposite at times, and stands out in the last step"
    ),
    "historical": Bilingual(
        "九成以上时期显著，最近一期已不显著", "stood out in nine steps of ten, no more in the last"
    ),
}
NOT_CAUSE = Bilingual(
    "这只说明并非偶然，不说明原因，也不代表处置不力",
    "this says that it is not chance; it says nothing of the cause, nor of how well it is handled",
)
TOO_FEW = Bilingual("工单不足 5 件，不作判断", "Fewer than 5 tickets: nothing can be said.")


def label(key: str) -> Bilingual:
    """The short name of a class of any of the methods."""
    pattern, _, side = key.rpartition("_")
    if pattern in PATTERNS and side in SIDES:
        return Bilingual(
            f"{PATTERNS[pattern].zh}{SIDES[side].zh}", f"{PATTERNS[pattern].en} {SIDES[side].en}"
        )
    return GI.get(key) or MORAN[key]


def of_class(key: str, exposure: Exposure = "none") -> Bilingual:
    """One sentence that a planner may read aloud for a class."""
    pattern, _, side = key.rpartition("_")
    if pattern in PATTERN_MEANS:
        return PATTERN_MEANS[pattern]
    if key == "none":
        return Bilingual("多少都可能只是偶然", "its number may well be chance")
    against = AGAINST[exposure]
    if key in GI:
        zh, en = ("多", "more") if pattern == "hot" else ("少", "fewer")
        return Bilingual(
            f"这里连同四周一圈的工单，比{against.zh}应有的{zh}，此类判断中误报不超过 {100 - int(side)}%",
            f"here and in the ring around it are {en} tickets than {against.en};"
            f" of all cells told so, at most {100 - int(side)} % are expected to be false",
        )
    own, around = ({"high": ("多", "many"), "low": ("少", "few")}[part] for part in key.split("_"))
    return Bilingual(f"本格{own[0]}，四周也比随机{around[0]}" if own == around else f"本格{own[0]}，四周却{around[0]}",
                     f"{own[1]} here, {around[1]} around it, more so than by chance")  # fmt: skip


def of_cells(hot: int, cold: int, hectares: float, share: float, exposure: Exposure) -> Bilingual:
    """The sentence over a map of significance; `share` is the part of all tickets that lies in hot cells."""
    against, caution = AGAINST[exposure], CAUTION[exposure]
    if not hot and not cold:
        return Bilingual(f"与{against.zh}应有的相比，没有哪里多得或少得超出偶然。",
                         f"Nowhere are there more or fewer than expected {against.en}.")  # fmt: skip
    return Bilingual(
        f"{hot:,} 个六边形（约 {hectares:,.0f} 公顷，占工单 {share:.1%}）比{against.zh}应有的多，{cold:,} 个偏少，"
        f"误报率控制在 5%；{NOT_CAUSE.zh}；{caution.zh}。",
        f"{hot:,} hexagons (some {hectares:,.0f} ha with {share:.1%} of the tickets) have more than expected {against.en},"
        f" {cold:,} have fewer; at most 5 % of them are expected to be false. {_first(NOT_CAUSE.en)}; {caution.en}.",
    )


def of_emerging(counts: dict[str, int], steps: int, step_days: int) -> Bilingual:
    """The sentence over a map of emerging hot spots, from the number of cells of each class."""
    told = [(key, n) for key, n in counts.items() if n and key.endswith("_hot")]
    if not told:
        return Bilingual(f"{steps} 期（每期 {step_days} 天）里没有形成热点。",
                         f"No hot spot formed in {steps} steps of {step_days} days.")  # fmt: skip
    zh = "、".join(f"{label(key).zh} {n:,} 个" for key, n in told)
    en = ", ".join(f"{label(key).en} {n:,}" for key, n in told)
    return Bilingual(
        f"按 {steps} 期、每期 {step_days} 天：{zh}；“新出现”“连续”最值得先看，“持续”多为老问题；{NOT_CAUSE.zh}。",
        f"Over {steps} steps of {step_days} days: {en}. Look at new and consecutive ones first; persistent ones are mostly"
        f" known. {_first(NOT_CAUSE.en)}.",
    )


def of_lines(share: float, length_share: float, bandwidth_m: float) -> Bilingual:
    """The sentence over a map of densities along roads: what the busiest lines hold, and on how much of the roads."""
    return Bilingual(
        f"颜色最深的两级占道路长度的 {length_share:.1%}，集中了 {share:.1%} 的沿路工单；按沿路 {bandwidth_m:.0f} 米平滑，"
        "适合安排巡查路线；它只描述密度，不判断是否超出偶然。",
        f"The two darkest classes are {length_share:.1%} of the road length and hold {share:.1%} of the tickets along roads;"
        f" smoothed over {bandwidth_m:.0f} m along the road. Good for planning rounds; it describes density and does not"
        " test whether it is more than chance.",
    )


def _first(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
