"""The query options of an address: $filter, $expand, $select, $orderby, $top, $skip, $count; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from geodata.errors import BadArgument
from geodata.queries.sensorthings.words import Tree, parse

TOP_AT_FIRST, TOP_MOST = 100, 1_000
KNOWN = ("$filter", "$expand", "$select", "$orderby", "$top", "$skip", "$count")


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of one entity set; `expand` by the name of the link."""

    filter: Tree | None = None
    select: tuple[str, ...] = ()
    orderby: tuple[tuple[str, bool], ...] = ()  # path and whether downwards
    top: int = TOP_AT_FIRST
    skip: int = 0
    count: bool = False
    expand: Mapping[str, Options] = field(default_factory=dict)


def read_options(told: Mapping[str, str]) -> Options:
    """The options of an address; one that is not known is refused by name."""
    unknown = [name for name in told if name not in KNOWN]
    if unknown:
        raise BadArgument(unknown[0], f"“{unknown[0]}” is not among {', '.join(KNOWN)}.")
    return Options(
        filter=parse(told["$filter"]) if told.get("$filter", "").strip() else None,
        select=tuple(x.strip() for x in told.get("$select", "").split(",") if x.strip()),
        orderby=tuple(_order(x) for x in told.get("$orderby", "").split(",") if x.strip()),
        top=min(_whole("$top", told.get("$top"), TOP_AT_FIRST), TOP_MOST),
        skip=_whole("$skip", told.get("$skip"), 0),
        count=told.get("$count", "false").strip().lower() == "true",
        expand=_expand(told.get("$expand", "")),
    )


def _expand(text: str) -> dict[str, Options]:
    """Datastreams($top=1;$expand=Observations),Locations or Datastreams/Observations."""
    found: dict[str, Options] = {}
    for part in _split(text, ","):
        head, _, inside = part.partition("(")
        if inside and not inside.endswith(")"):
            raise BadArgument("$expand", f"A bracket is missing in “{part[:60]}”.")
        told = dict(_pair(piece) for piece in _split(inside[:-1], ";"))
        name, _, below = head.strip().partition("/")
        options = (
            Options(expand=_expand(f"{below}({inside}" if inside else below)) if below else read_options(told)
        )
        before = found.get(name)
        found[name] = (
            options if before is None else replace(before, expand={**before.expand, **options.expand})
        )
    return found


def _pair(piece: str) -> tuple[str, str]:
    name, equals, value = piece.partition("=")
    if not equals:
        raise BadArgument("$expand", f"“{piece[:60]}” is no option.")
    return name.strip(), value


def _split(text: str, mark: str) -> Iterator[str]:
    """Parts between marks that stand outside brackets and quotes."""
    depth, quoted, begun = 0, False, 0
    for at, letter in enumerate(text):
        quoted ^= letter == "'"
        if quoted:
            continue
        depth += (letter == "(") - (letter == ")")
        if letter == mark and depth == 0:
            if text[begun:at].strip():
                yield text[begun:at].strip()
            begun = at + 1
    if text[begun:].strip():
        yield text[begun:].strip()


def _order(text: str) -> tuple[str, bool]:
    name, _, way = text.strip().partition(" ")
    if way.strip() not in {"", "asc", "desc"}:
        raise BadArgument("$orderby", f"“{text.strip()[:60]}” is no order; write name asc or name desc.")
    return name, way.strip() == "desc"


def _whole(name: str, text: str | None, otherwise: int) -> int:
    if text is None or not text.strip():
        return otherwise
    if not text.strip().isdecimal():
        raise BadArgument(name, f"{name} is a whole number from 0.")
    return int(text)
