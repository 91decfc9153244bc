"""What formats read through GDAL share: opened by the driver that is meant and no other, read as a stream."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from etl.formats.base import Raw, Source
from etl.formats.cells import as_table
from etl.quality import Fault, Ledger
from geodata.errors import FileRefused
from geodata.space.crs import known_crs
from geodata.types import Bilingual

log = logging.getLogger(__name__)

BATCH_ROWS = 20_000
BAD_SHAPE = Fault("bad_shape", "rejected", Bilingual("坐标无法构成图形", "its coordinates make no shape"))
RING_CLOSED = Fault(
    "unclosed_ring", "repaired",
    Bilingual("环未闭合", "has a ring that does not end where it began"),
    Bilingual("已闭合", "the ring was closed"),
)  # fmt: skip
OTHER_LAYERS = Fault(
    "other_layers", "note",
    Bilingual("文件中还有其他图层或工作表", "is another layer or sheet in the file"),
    Bilingual("本次未读取，可另行选择", "it was not read; it can be chosen"),
)  # fmt: skip
BROKEN_SIGN = "\ufffd"
BROKEN_TEXT = Fault(
    "broken_text", "note",
    Bilingual("文字编码有误", "holds bytes that are no text"),
    Bilingual("无法识别的字节以 \ufffd 代替", "they are shown as \ufffd"),
)  # fmt: skip
FARTHEST = 1e9  # zone-prefixed eastings end below 1e8
NO_CRS_TYPES = ("Engineering CRS", "Local")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer lies: a path of ours, GDAL's name of its driver, and how to open it.

    `keeper` is held as long as the layer may be read; `name` is what the sender calls the file, `layer` what GDAL
    calls the layer where there are several; `names` are the sender's for columns that GDAL could not call so.
    """

    path: str
    driver: str
    name: str
    keeper: Any = None
    layer: str | None = None
    encoding: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def calm(name: str) -> Iterator[None]:
    """Turn whatever a library says of a broken file into one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FileRefused:
        raise
    except Exception as fault:  # noqa: BLE001 (readers of broken files raise anything)
        log.info("a file could not be read: %s: %s", type(fault).__name__, fault)
        raise FileRefused(f"“{name}” is damaged or cut off and cannot be read; ask for it again.") from None


def layers_of(place: Place) -> tuple[str, ...]:
    """The layers of a file by name."""
    with calm(place.name):
        return tuple(str(name) for name, _ in pyogrio.list_layers(place.path))


def chosen(name: str, layers: Sequence[str], wanted: str | None) -> str:
    """The layer to read: the one named, else the first; FileRefused when there is none of that name."""
    if not layers:
        raise FileRefused(f"“{name}” holds no layer; ask for it again.")
    if wanted is None or wanted in layers:
        return wanted or layers[0]
    raise FileRefused(f"“{name}” has no layer “{wanted}”; its layers are: {', '.join(layers)}.")


def tell_others(ledger: Ledger, layers: Sequence[str], layer: str | None, *, asked: bool) -> None:
    """Note the layers that nobody chose and nobody read."""
    for other in () if asked else layers:
        if other != layer:
            ledger.add(OTHER_LAYERS, value=other)


def info_of(place: Place) -> dict[str, Any]:
    """What GDAL says of a layer; FileRefused when another driver than the one meant would read it."""
    with calm(place.name):
        info = dict(
            pyogrio.read_info(place.path, layer=place.layer, encoding=place.encoding, **place.options)
        )
        if info["driver"] != place.driver:
            raise FileRefused(f"“{place.name}” is not what it seems to be; ask for it again.")
    return info


def source_of(
    place: Place, layer: str | None, layers: tuple[str, ...], *, asked: bool, hidden: Sequence[str] = ()
) -> Source:
    """A layer as a source; `asked` says that the layer was named, `hidden` columns are none of the sender's."""
    info = info_of(place)
    said = info["crs"]
    shapes = info["geometry_type"] is not None
    columns = tuple(place.names.get(name, str(name)) for name in info["fields"] if name not in hidden)

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        tell_others(ledger, layers, layer, asked=asked)
        yield from rows_of(place, wanted, ledger)

    declared, crs = named_crs(said)
    return Source(
        columns, declared, crs if shapes else None, has_shapes=shapes, rows=rows, layers=layers, layer=layer
    )


def named_crs(said: str | None) -> tuple[str | None, str | None]:
    """What a person calls a CRS and what machines do: an EPSG code where it has one; None, None where it is no CRS."""
    found = known_crs(said) if said else None
    if found is None or found.type_name.startswith(NO_CRS_TYPES):
        return None, None
    code = found.to_epsg(min_confidence=70)
    return (f"EPSG:{code}", f"EPSG:{code}") if code else (found.name, said)


def rows_of(place: Place, wanted: Sequence[str], ledger: Ledger, first: int = 1) -> Iterator[Raw]:
    """The rows of a layer, numbered from `first`."""
    theirs = {told: own for own, told in place.names.items()}
    columns = [theirs.get(name, name) for name in wanted]
    with ExitStack() as held:
        with calm(place.name):
            opened = pyogrio.raw.open_arrow(
                place.path, layer=place.layer, encoding=place.encoding, columns=columns, batch_size=BATCH_ROWS,
                datetime_as_string=True, use_pyarrow=True, **place.options,
            )  # fmt: skip
            meta, reader = held.enter_context(opened)
        stream = Stream(place.name, reader, meta["geometry_name"] or "wkb_geometry", first)
        for raw in raws(stream, columns, ledger):
            yield Raw(raw.table.rename(columns=dict(place.names)), raw.shapes)


@dataclass(frozen=True, slots=True)
class Stream:
    """Arrow batches of a file called `name`, the column of shapes among theirs, and the number of the first row."""

    name: str
    batches: Iterator[Any]
    geometry: str
    first: int = 1


def raws(stream: Stream, wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
    """Arrow batches as rows."""
    first = stream.first
    while True:
        with calm(stream.name):
            batch = next(stream.batches, None)
            if batch is None:
                return
            raw = _raw(batch, stream.geometry, wanted, first, ledger)
        yield raw
        first += batch.num_rows


def _raw(batch: Any, geometry: str, wanted: Sequence[str], first: int, ledger: Ledger) -> Raw:
    """An Arrow batch as rows; those whose shape cannot be read are rejected."""
    ledger.read += batch.num_rows
    names = batch.schema.names
    columns = {name: _values(batch, name, first, ledger) for name in wanted}
    table = as_table(columns, range(first, first + batch.num_rows))
    if geometry not in names:
        return Raw(table)
    shapes, bad = _shapes(batch[geometry].to_pylist(), first, ledger)
    for row in np.flatnonzero(bad).tolist():
        refuse_shape(ledger, first + row)
    return Raw(table[~bad], shapes[~bad])


def _values(batch: Any, name: str, first: int, ledger: Ledger) -> list[Any]:
    """The values of the first column of a name; bytes that are no text are shown as such and told."""
    column = batch.column(batch.schema.names.index(name))
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = []
        for row, value in enumerate(column.cast("binary").to_pylist(), first):
            text = None if value is None else value.decode("utf-8", "replace")
            if text and BROKEN_SIGN in text:
                ledger.add(BROKEN_TEXT, row=row, column=name, value=text)
            values.append(text)
    return values


def nowhere(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which shapes reach to where no CRS on earth does; shapes that are missing or empty do not."""
    bounds = shapely.bounds(shapes)
    lost = np.isnan(bounds).any(axis=1) & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return np.asarray(lost | (np.abs(bounds) > FARTHEST).any(axis=1))


def refuse_shape(ledger: Ledger, row: int) -> None:
    """Reject a row whose coordinates make no shape."""
    ledger.add(BAD_SHAPE, row=row, column="geometry")
    ledger.rejected += 1


def closed_ring(ledger: Ledger, row: int) -> None:
    """Tell that a ring was closed."""
    ledger.add(RING_CLOSED, row=row, column="geometry")
    ledger.mended.add(row)


def _shapes(
    binary: list[bytes | None], first: int, ledger: Ledger
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    given = np.array([one is not None for one in binary], bool)
    wkb = np.empty(len(binary), object)
    wkb[:] = binary
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    bad = given & shapely.is_missing(shapes)
    for place in np.flatnonzero(bad).tolist():
        mended = shapely.from_wkb(wkb[place], on_invalid="fix")
        if mended is not None and not mended.is_empty:
            shapes[place], bad[place] = mended, False
            closed_ring(ledger, first + place)
    return shapes, bad | nowhere(shapes)
