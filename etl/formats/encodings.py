"""Encodings of text: by name, and found from the text itself among GB 18030, Big5, UTF-8 and the western ones."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

ALIASES = {
    "936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "950": "cp950", "big5": "cp950",
    "932": "cp932", "65001": "utf-8",
}  # fmt: skip
# Lead bytes of the common characters: level 1 of GB 2312 and of Big5.
COMMON = {"gb18030": ("gb2312", 0xB0, 0xD7), "cp950": ("cp950", 0xA4, 0xC6)}
LEAST_COMMON = 0.5
WESTERN = ("cp1252",)


def codec_of(said: str) -> str | None:
    """Python's name of an encoding, of the many names it goes by; None where it is none."""
    word = said.strip().lower().removeprefix("ansi ").removeprefix("oem ").strip()
    try:
        codec = codecs.lookup(ALIASES.get(word, word)).name
        b"ab".decode(codec)  # some codecs turn bytes into bytes
    except (LookupError, ValueError):
        return None
    return codec


def fits(sample: list[bytes], codec: str) -> bool:
    """Whether the text can be in this encoding; a field may be cut within its last character."""
    longest = max(map(len, sample), default=0)
    read = [_read(value, codec, cut=len(value) == longest) for value in sample]
    return not sample or (None not in read and any(text and not text.isascii() for text in read))


def _read(value: bytes, codec: str, *, cut: bool = True) -> str | None:
    for end in range(len(value), len(value) - (4 if cut else 1), -1):
        try:
            return value[:end].decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def guessed(sample: list[bytes]) -> str | None:
    """The encoding that these pieces of text are most likely in; None when no known one makes sense of them."""
    if fits(sample, "utf-8"):
        return "utf-8"
    shares = {codec: _common(sample, codec) for codec in COMMON if fits(sample, codec)}
    best = max(shares, key=lambda codec: shares[codec], default="")
    if best:
        return best if shares[best] >= LEAST_COMMON else None
    found = from_bytes(b"\n".join(sample), cp_isolation=list(WESTERN)).best()
    return None if found is None else str(found.encoding)


def _common(sample: list[bytes], codec: str) -> float:
    """The share of common characters among the Chinese ones, if the text were in this encoding."""
    table, first, last = COMMON[codec]
    text = [sign for value in sample for sign in _read(value, codec) or "" if not sign.isascii()]
    common = sum(first <= (sign.encode(table, "replace") or b"?")[0] <= last for sign in text)
    return common / max(1, len(text))
