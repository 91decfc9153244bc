"""Neighbours fit: gaps and overlaps are mended where they are narrow, else the file is refused with where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from etl.quality import Fault
from etl.steps.area_parts import areas_of
from etl.steps.base import Case, Step
from geodata.errors import FileRefused
from geodata.space import neighbours
from geodata.space.neighbours import Plane, Shapes
from geodata.types import Bilingual

NARROW_M = 2.0  # mean width; lines drawn by hand twice, and what cities publish, differ by less
OPEN_M = 50.0  # wider ones that nothing above claims may be meant: a lake, land of another district
ALONG = 0.3  # of its edge on the outline of the ground, and it is no gap between areas
MOST_TOLD = 300
FITTED = Bilingual("已拟合为公共边界", "the neighbours were fitted to one line")
OVERLAP = Fault(
    "overlap",
    "refused",
    Bilingual("与相邻区域重叠", "overlaps its neighbour"),
    Bilingual("拒收", "the file was refused"),
)
GAP = Fault(
    "gap",
    "refused",
    Bilingual("与相邻区域之间有缝隙", "leaves a gap to its neighbours"),
    Bilingual("拒收", "the file was refused"),
)
AS_IT_IS = Bilingual("照原样载入", "loaded as it is drawn")
RIM = Fault(
    "uncovered", "note",
    Bilingual("上级区域中有未覆盖之处", "leaves a part of the area above uncovered"), AS_IT_IS,
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Hold the areas of the file, and what stays beside them in the store, against each other."""
    if table.empty:
        return table
    view = _View(table, case)
    found = [(OVERLAP, fault) for fault in view.cover.overlaps()]
    inner = view.cover.gaps()
    rim, between = _rim(view, inner)
    found += [(GAP, fault) for fault in (*inner, *between)]
    mine = [(kind, fault) for kind, fault in found if any(n < len(table) for n in fault.beside)]
    for fault in rim[:MOST_TOLD]:
        view.tell(RIM, fault)
    wide = [(kind, fault) for kind, fault in mine if fault.width_m > NARROW_M]
    narrow = [fault for _, fault in mine if fault.width_m <= NARROW_M]
    _tell_wide(view, wide)
    if not narrow or case.standing.as_drawn:
        for kind, fault in mine[:MOST_TOLD]:
            if fault.width_m <= NARROW_M:
                view.tell(replace(kind, severity="note", action=AS_IT_IS), fault)
        return table
    return _fitted(view, [(kind, fault) for kind, fault in mine if fault.width_m <= NARROW_M])


class _View:
    """The areas of a file with those that stay, in a plane; the file's come first."""

    def __init__(self, table: pd.DataFrame, case: Case) -> None:
        self.table, self.case = table, case
        codes, standing = set(table["code"]), case.standing
        stays = [area for area in standing.here if standing.partial and area.code not in codes]
        shapes = np.concatenate(
            [table["shape"].to_numpy(), np.array([area.outline for area in stays], object)]
        )
        self.plane: Plane = neighbours.plane_of(shapes)
        self.cover = neighbours.Cover(self.plane.down(shapes))
        self.codes = [*table["code"].tolist(), *(area.code for area in stays)]

    @property
    def fixed(self) -> NDArray[np.bool_]:
        """Which are in the store and stay as they are."""
        return np.arange(len(self.codes)) >= len(self.table)

    def above(self) -> shapely.Geometry | None:
        """The ground of the level above, in the plane."""
        outlines = np.array([area.outline for area in self.case.standing.above], object)
        return shapely.union_all(self.plane.down(outlines)) if len(outlines) else None

    def place(self, fault: neighbours.Fault) -> str:
        """Size, width, neighbours and position in a few words."""
        (spot,) = self.plane.up(np.array([shapely.point_on_surface(fault.shape)], object))
        beside = " / ".join(str(self.codes[n]) for n in fault.beside[:3])
        return f"{fault.size_m2:,.1f} m², {fault.width_m:.2f} m, {beside}, {shapely.get_x(spot):.6f} {shapely.get_y(spot):.6f}"

    def tell(self, kind: Fault, fault: neighbours.Fault) -> None:
        """A finding at the first row of the file that it touches."""
        row = next((int(self.table.index[n]) for n in fault.beside if n < len(self.table)), None)
        (where,) = self.plane.up(np.array([fault.shape], object))
        self.case.ledger.add(kind, row=row, column="geometry", value=self.place(fault), where=where)


def _tell_wide(view: _View, wide: Sequence[tuple[Fault, neighbours.Fault]]) -> None:
    """Refuse what is too wide to mend, but for open ground that may be meant and what is to be taken as drawn."""
    standing = view.case.standing
    above = view.above()
    bad = []
    for kind, fault in sorted(wide, key=lambda each: -each[1].size_m2)[:MOST_TOLD]:
        meant = kind is GAP and fault.width_m > OPEN_M and not _claimed(fault, above)
        if meant or standing.as_drawn or not standing.strict:
            view.tell(replace(kind, severity="note", action=AS_IT_IS), fault)
        else:
            view.tell(kind, fault)
            bad.append((kind, fault))
    if bad:
        count = {kind.code: sum(1 for each, _ in bad if each is kind) for kind in (OVERLAP, GAP)}
        said = " and ".join(f"{n:,} {code}{'s' if n > 1 else ''}" for code, n in count.items() if n)
        raise FileRefused(
            f"Neighbouring areas have {said} wider than {NARROW_M:g} m, the largest {view.place(bad[0][1])};"
            " have the file mended, or load it with --as-drawn if it is meant."
        )


def _claimed(fault: neighbours.Fault, above: shapely.Geometry | None) -> bool:
    if above is None:
        return False
    return float(shapely.area(shapely.intersection(above, fault.shape))) > fault.size_m2 / 2


def _rim(
    view: _View, told: Sequence[neighbours.Fault]
) -> tuple[list[neighbours.Fault], list[neighbours.Fault]]:
    """Ground of the areas above that the file reaches but does not cover, beyond gaps that were told: the rest, and gaps.

    A gap runs between areas; what runs along the outline of the ground is another line for the same limit.
    """
    standing = view.case.standing
    if not standing.above or not standing.strict:
        return [], []
    outlines = view.plane.down(np.array([area.outline for area in standing.above], object))
    reached = view.cover.tree.query(shapely.buffer(outlines, -1.0), predicate="intersects")[0]
    ground = shapely.union_all(outlines[np.unique(reached)])
    limit = shapely.buffer(shapely.boundary(ground), neighbours.NOISE_M)
    known = shapely.union_all([fault.shape for fault in told]) if told else shapely.Polygon()
    rest, between = [], []
    for fault in sorted(view.cover.left_over(ground), key=lambda each: -each.size_m2):
        if shapely.intersects(shapely.buffer(fault.shape, -fault.width_m / 4), known):
            continue
        edge = shapely.boundary(fault.shape)
        along = shapely.length(shapely.intersection(edge, limit)) / shapely.length(edge)
        if along < ALONG and fault.width_m <= OPEN_M and len(fault.beside) > 1:
            between.append(fault)
        elif fault.width_m > NARROW_M:
            rest.append(fault)
    return rest, between


def _fitted(view: _View, narrow: Sequence[tuple[Fault, neighbours.Fault]]) -> pd.DataFrame:
    """The table with narrow gaps and overlaps closed; each is told, and each area that changed with its old outline."""
    table, case = view.table, view.case
    gaps, overlapping = ([fault for each, fault in narrow if each is kind] for kind in (GAP, OVERLAP))
    result, changed = neighbours.mended(view.cover, view.fixed, gaps, overlapping)
    mine = changed[changed < len(table)]
    for kind, fault in narrow:
        view.tell(replace(kind, severity="repaired", action=FITTED), fault)
    moved = pd.Series(np.isin(np.arange(len(table)), mine), table.index)
    case.mended(table, moved, MOVED)
    shapes = table["shape"].to_numpy().copy()
    shapes[mine] = _sound(view.plane.up(result[mine]))
    return table.assign(shape=shapes)


def _sound(shapes: Shapes) -> Shapes:
    """What is valid in the plane may, by the last digit, not be in degrees."""
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = [areas_of(shape) for shape in shapely.make_valid(shapes[broken], method="structure")]
    return shapes


MOVED = Fault(
    "edge_fitted", "repaired",
    Bilingual("边界与相邻区域不完全吻合", "has an edge that does not quite meet its neighbour's"), FITTED,
)  # fmt: skip
STEP = Step("area_coverage", "boundaries", "whole", 20, apply)
