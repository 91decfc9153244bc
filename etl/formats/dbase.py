"""Text of dBase tables, as in shapefiles: which encoding it is in, whether said, wrongly said or unsaid."""

from __future__ import annotations

import codecs
from pathlib import Path

import pyogrio
from charset_normalizer import from_bytes

from etl.formats.gdal import calm
from geodata.errors import FileRefused

BLOCK_ROWS, MOST_BLOCKS = 20_000, 20
ENOUGH = 3_000  # values that are not plain ASCII
PLAIN = "ISO-8859-1"  # each byte one character: the way to the bytes themselves
# dBase language bytes that mean one encoding; 0x03 and 0x57 are written by programs that did not ask.
LANGUAGES = {
    0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "cp950", 0x78: "cp950", 0x79: "cp949", 0x7A: "gb18030",
    0x7B: "cp932",
}  # fmt: skip
ALIASES = {
    "936": "gb18030", "cp936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "950": "cp950", "big5": "cp950",
    "932": "cp932", "65001": "utf-8",
}  # fmt: skip
# Lead bytes of the common characters: level 1 of GB 2312 and of Big5.
COMMON = {"gb18030": ("gb2312", 0xB0, 0xD7), "cp950": ("cp950", 0xA4, 0xC6)}
LEAST_COMMON = 0.5
WESTERN = ("cp1252", "cp1250", "cp1251")


def encoding_of(dbf: Path, name: str, said: str | None, cpg: str | None) -> str:
    """The encoding a person names, else the first that fits of the .cpg, the language byte and the text itself."""
    sample = _sample(dbf, name)
    if said is not None:
        codec = _codec(said)
        if codec is None or not _fits(sample, codec):
            raise FileRefused(f"The text of “{name}” is not in {said}; name another encoding.")
        return codec
    with dbf.open("rb") as stream:
        language = LANGUAGES.get(stream.read(30)[-1])
    for told in (_codec(cpg or ""), language):
        if told and told != "iso8859-1" and _fits(sample, told):
            return told
    return _guessed(sample, name)


def _sample(dbf: Path, name: str) -> list[bytes]:
    """Names of columns and values that are not plain ASCII, as bytes."""
    found: dict[str, None] = {}
    with calm(name):
        for block in range(MOST_BLOCKS):
            meta, _, _, columns = pyogrio.raw.read(
                dbf,
                encoding=PLAIN,
                read_geometry=False,
                skip_features=block * BLOCK_ROWS,
                max_features=BLOCK_ROWS,
            )
            texts = [column for column in columns if column.dtype == object]
            values = (value for column in (meta["fields"], *texts) for value in column)
            found |= dict.fromkeys(
                value for value in values if isinstance(value, str) and not value.isascii()
            )
            if len(found) >= ENOUGH or not len(columns) or len(columns[0]) < BLOCK_ROWS:
                break
    return [value.encode(PLAIN) for value in found]


def _codec(said: str) -> str | None:
    """Python's name of an encoding, of the many names it goes by; None where it is none."""
    word = said.strip().lower().removeprefix("ansi ").removeprefix("oem ").strip()
    try:
        return codecs.lookup(ALIASES.get(word, word)).name
    except (LookupError, ValueError):
        return None


def _fits(sample: list[bytes], codec: str) -> bool:
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


def _guessed(sample: list[bytes], name: str) -> str:
    if _fits(sample, "utf-8"):
        return "utf-8"
    shares = {codec: _common(sample, codec) for codec in COMMON if _fits(sample, codec)}
    best = max(shares, key=lambda codec: shares[codec], default="")
    if best and shares[best] >= LEAST_COMMON:
        return best
    found = None if best else from_bytes(b"\n".join(sample), cp_isolation=list(WESTERN)).best()
    if found is None:
        raise FileRefused(f"The text of “{name}” is in no known encoding; name the one it is in.")
    return str(found.encoding)


def _common(sample: list[bytes], codec: str) -> float:
    """The share of common characters among the Chinese ones, if the text were in this encoding."""
    table, first, last = COMMON[codec]
    text = [sign for value in sample for sign in _read(value, codec) or "" if not sign.isascii()]
    common = sum(first <= (sign.encode(table, "replace") or b"?")[0] <= last for sign in text)
    return common / max(1, len(text))
