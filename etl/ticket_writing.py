"""Tickets from checked tables into the store: gathered into large batches, written while the next ones are made ready."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection

from geodata.commands.ticket_columns import Columns
from geodata.commands.tickets import TicketRow, Written, write_columns
from geodata.space.hexes import cells_at_all

AT_ONCE = 80_000  # rows; more lie nearer together in the indexes, and cost more memory
NAMES = {"family": "family_key", "state": "state_key", "lon": "lon_deg", "lat": "lat_deg"}
TEXTS = (
    "number", "family", "title", "description", "address", "state", "outcome", "location_quality",
)  # fmt: skip
KEYS = ("source_id", "category_id", "unit_id", "area_id", "road_id")
CELLS = ("hex_r9", "hex_r10", "hex_r11")


class Writing:
    """Writes on one connection in a thread of its own; nobody else may use that connection before `rest`."""

    def __init__(
        self, connection: Connection, *, origin: str, load_id: int | None, silent: Collection[str]
    ) -> None:
        self._connection, self._origin, self._load_id, self._silent = connection, origin, load_id, silent
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tickets")
        self._waiting: list[Columns] = []
        self._rows = 0
        self._under_way: Future[Written] | None = None
        self.new = self.changed = 0

    def add(self, columns: Columns) -> None:
        """Take a batch, and write when enough have come together."""
        self._waiting.append(columns)
        self._rows += len(columns["number"])
        if self._rows >= AT_ONCE:
            self._send()

    def rest(self) -> None:
        """Wait until nothing is being written; raises what went wrong."""
        if self._under_way:
            under_way, self._under_way = self._under_way, None
            written = under_way.result()
            self.new += written.new
            self.changed += written.changed

    def finish(self) -> None:
        """Write what is left."""
        if self._rows:
            self._send()
        self.rest()
        self.close()

    def close(self) -> None:
        """End the thread, after what it is writing just now."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _send(self) -> None:
        self.rest()
        names = TicketRow._fields
        columns = {name: np.concatenate([part[name] for part in self._waiting]) for name in names}
        self._waiting, self._rows = [], 0
        self._under_way = self._thread.submit(self._write, columns)

    def _write(self, columns: Columns) -> Written:
        return write_columns(
            self._connection, columns, origin=self._origin, load_id=self._load_id, silent=self._silent
        )


def placed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with how well each ticket is located and the hexagons that show it (0: none)."""
    point = table["lon_deg"].notna().to_numpy()
    said = table["quality_key"].to_numpy(object)
    given = np.where(np.isin(said, ["area", "none"]), "given", said)
    unplaced = np.where(table["area_id"].to_numpy() > 0, "area", "none")
    cells = np.zeros((3, len(table)), np.int64)
    cells[:, point] = cells_at_all(table["lon_deg"].to_numpy()[point], table["lat_deg"].to_numpy()[point])
    return table.assign(
        location_quality=np.where(point, given, unplaced), **dict(zip(CELLS, cells, strict=True))
    )


def columns_of(table: pd.DataFrame, mended: Collection[int]) -> Columns:
    """The columns of a placed table as they are written."""
    made: dict[str, NDArray[np.generic]] = {}
    for field in TicketRow._fields:
        column = NAMES.get(field, field)
        if field in TEXTS:
            made[field] = table[column].to_numpy(object)
        elif field.endswith("_at"):
            made[field] = table[column].dt.tz_convert(None).to_numpy("datetime64[us]")
        elif field in KEYS:
            made[field] = pd.to_numeric(table[column]).fillna(0).to_numpy(np.int64)
    made |= {
        "lon": table["lon_deg"].to_numpy(float), "lat": table["lat_deg"].to_numpy(float),
        "road_offset_m": table["road_offset_m"].to_numpy(float), "row_number": table.index.to_numpy(),
        "is_default_point": table["is_default_point"].to_numpy(bool),
        "repaired": table.index.isin(mended) if mended else np.zeros(len(table), bool),
        **{cell: table[cell].to_numpy(np.int64) for cell in CELLS},
    }  # fmt: skip
    return made
