"""Text of dBase tables, as in shapefiles: which encoding it is in, whether said, wrongly said or unsaid."""

from __future__ import annotations

from pathlib import Path

import pyogrio

from etl.formats.encodings import codec_of, fits, guessed
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


def encoding_of(dbf: Path, name: str, said: str | None, cpg: str | None) -> str:
    """The encoding a person names, else the first that fits of the .cpg, the language byte and the text itself."""
    sample = _sample(dbf, name)
    if said is not None:
        codec = codec_of(said)
        if codec is None or not fits(sample, codec):
            raise FileRefused(f"The text of “{name}” is not in {said}; name another encoding.")
        return codec
    with dbf.open("rb") as stream:
        language = LANGUAGES.get(stream.read(30)[-1])
    for told in (codec_of(cpg or ""), language):
        if told and told != "iso8859-1" and fits(sample, told):
            return told
    found = guessed(sample)
    if found is None:
        raise FileRefused(f"The text of “{name}” is in no known encoding; name the one it is in.")
    return found


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
