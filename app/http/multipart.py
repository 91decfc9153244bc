"""One file out of a multipart/form-data request (RFC 7578), read in memory up to a limit."""

from __future__ import annotations

import re
from urllib.parse import unquote

from fastapi import Request

from geodata.errors import BadArgument, FileTooLarge

FRAME_MOST_BYTES = 65_536  # what the parts' heads and borders may add to the file
BOUNDARY = re.compile(
    r'^multipart/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE
)
NAME = re.compile(r'\bfilename="((?:[^"\\]|\\.)*)"')
NAME_STAR = re.compile(r"\bfilename\*=UTF-8''([^;\s]+)", re.IGNORECASE)
FIELD = re.compile(r'(?:^|[;\s])name="file"')


async def one_file(request: Request, most_bytes: int) -> tuple[str, bytes]:
    """Name and content of the field `file`; refused when there is none or when it is larger than allowed."""
    found = BOUNDARY.match(request.headers.get("content-type", ""))
    if found is None:
        raise BadArgument("file", "Send the file as multipart/form-data in the field “file”.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most_bytes + FRAME_MOST_BYTES:
            raise FileTooLarge(f"The file is larger than {most_bytes // 2**20} MB.")
    return _file(bytes(body), (found[1] or found[2]).encode("latin-1", "replace"))


def _file(body: bytes, boundary: bytes) -> tuple[str, bytes]:
    border = b"\r\n--" + boundary
    for part in (b"\r\n" + body).split(border)[1:]:
        if part.startswith(b"--"):
            break
        head, gap, content = part.partition(b"\r\n\r\n")
        told = head.decode("utf-8", "replace")
        if gap and FIELD.search(told):
            return _name(told), content
    raise BadArgument("file", "There is no field “file” in the form.")


def _name(head: str) -> str:
    if star := NAME_STAR.search(head):
        return unquote(star[1])
    plain = NAME.search(head)
    return unquote(plain[1].replace('\\"', '"')) if plain else "file"
