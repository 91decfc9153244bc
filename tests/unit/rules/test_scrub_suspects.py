"""Texts that are not suspected are not changed by scrubbing."""

from __future__ import annotations

import random

from geodata.rules.scrub import scrub, scrub_numbers, suspects

PARTS = (
    "1", "13", "8", "2", "0512", "6", "3", "9", "１", "٣", " ", "-", ".", "(", ")", "*", "+86", "+1", "x", "X", "@", "a.b", "王", "某",
    "先生", "女士", "室", "号", "路", "\n", "320508", "19900101", "212", "555-", "1234",
)  # fmt: skip
KNOWN = (
    "电话13812345678", "138 1234 5678", "138****5678", "+86-13812345678", "0512-65123456", "身份证32050819900101123X",
    "(212) 555-1234", "+1 212.555.1234", "a@b.cn", "王先生反映", "3幢502室", "１３８１２３４５６７８",
)  # fmt: skip


def test_every_text_that_is_scrubbed_was_suspected() -> None:
    drawn = random.Random(1229)
    texts = [*KNOWN, *("".join(drawn.choices(PARTS, k=drawn.randint(1, 14))) for _ in range(20_000))]
    for places, clean in ((False, scrub), (True, scrub_numbers)):
        changed = [clean(text) != text for text in texts]
        suspected = suspects(texts, places=places).tolist()
        missed = [
            t
            for t, is_changed, seen in zip(texts, changed, suspected, strict=True)
            if is_changed and not seen
        ]
        assert missed == []
        assert sum(changed) > 100
    assert not suspects(["广济北路288号周边", "6月1日反映 3 次", None]).any()
