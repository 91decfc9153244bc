"""Which CRS coordinates are probably in, by what is known of the district; it says so and never converts.

Every CRS that departments here use is tried. Those that bring the coordinates into the district contend, and what the
store knows decides between them: points lie near roads, boundaries run along boundaries, what has the same name stands at
the same place. How much a match says is measured by moving the same coordinates elsewhere, some hundred metres at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.quality import Fault, Ledger
from etl.where_candidates import Candidate, candidates
from etl.where_witnesses import witnesses
from geodata.errors import FileRefused
from geodata.queries.evidence import Evidence
from geodata.refusals import in_language
from geodata.space.crs import crs_name, to_metric
from geodata.types import Bilingual

Numbers = NDArray[np.float64]
SAMPLE = 300
SURE = 0.9
NEAR_DISTRICT_DEG = 0.03  # what lies so near its box may belong to it
FEW = 0.02  # of the coordinates must come to lie there, or the file is of another place
SAME_M = 3.0
PRIOR_SAID, PRIOR_NONE = 0.75, 0.1
TELLING = 1.0  # natural logarithm; less than this on the best is no evidence
OTHER = Fault(
    "crs_doubted", "note",
    Bilingual("坐标看来属于另一坐标系", "has coordinates that look like those of another CRS"),
    Bilingual("按所给坐标系载入", "loaded by the CRS that was given"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Where:
    """What coordinates probably are: a CRS or None when it cannot be told, how sure (0 to 1), and by what.

    `swapped` means that northing or latitude comes first.
    """

    probable: str | None
    confidence: float
    swapped: bool
    why: str

    @property
    def crs(self) -> str | None:
        """What to give as the CRS, the order of the axes included."""
        return f"{self.probable} yx" if self.probable and self.swapped else self.probable


UNTOLD = Where(None, 0.0, swapped=False, why="there is nothing to compare with")


def probable(
    x: Numbers, y: Numbers, said: str | None, known: Evidence, names: Sequence[str | None] | None = None
) -> Where:
    """What coordinates probably are, as the file has them; `names` stand beside them where things have names.

    `said` is the CRS that the file or its mapping declares, which counts for something.
    """
    x, y, named = _sample(np.asarray(x, float), np.asarray(y, float), names)
    if not len(x):
        return UNTOLD
    contend = _in_district(candidates(x, y, said, known.box), known)
    if not contend:
        return Where(None, 0.0, swapped=False, why="under no known CRS does it lie in this district")
    apart = _apart(contend, known.metric_srid)
    heard = witnesses([spots for _, spots in apart], known, named)
    return _judge([one for one, _ in apart], heard, said)


def probable_of_shapes(
    shapes: NDArray[np.object_], said: str | None, known: Evidence, names: Sequence[str | None] | None = None
) -> Where:
    """The same for shapes: points as they are, of all others places along their lines."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = shapes[there]
    named = [name for name, kept in zip(names, there, strict=True) if kept] if names is not None else None
    if len(shapes) and (shapely.get_type_id(shapes) == 0).all():
        return probable(shapely.get_x(shapes), shapely.get_y(shapes), said, known, named)
    along = _along(shapes)
    middle = shapely.centroid(shapes) if named else np.array([], object)
    x = np.concatenate([along[:, 0], shapely.get_x(middle)])
    y = np.concatenate([along[:, 1], shapely.get_y(middle)])
    return probable(x, y, said, known, [None] * len(along) + list(named or ()))


def settle(where: Where, said: str | None, given: str | None) -> str:
    """The CRS to use: what a person gives, else what the file says; FileRefused when that is nothing or surely wrong."""
    if given:
        return given
    guess = f"its coordinates look like {where.crs} ({where.confidence:.0%} sure)" if where.crs else ""
    if said is None:
        choice = (
            f"{guess}: load it with --crs “{where.crs}” if that is so" if guess else "say which with --crs"
        )
        raise FileRefused(f"The file does not say its CRS; {choice}.")
    if not doubted(where, said):
        return said
    raise FileRefused(
        f"The file says {crs_name(said)}, but {guess}: {where.why};"
        f" load it with --crs “{where.crs}”, or with --crs “{crs_name(said)}” if it is right."
    )


def doubted(where: Where, used: str) -> bool:
    """Whether coordinates are surely of another CRS than the one that is used."""
    return where.crs is not None and where.confidence >= SURE and where.crs != crs_name(used)


def tell(ledger: Ledger, where: Where, used: str) -> dict[str, object]:
    """What a report says of the CRS but for what was declared; a note when one is used against the evidence."""
    if doubted(where, used):
        why = Bilingual(in_language(where.why, "zh"), where.why)
        says = Bilingual(f"{OTHER.says.zh}：{why.zh}", f"{OTHER.says.en}: {why.en}")
        ledger.add(replace(OTHER, says=says), value=f"{where.crs} ({where.confidence:.0%})")
    return {"used": used, "probable": where.crs, "confidence": round(where.confidence, 3)}


def _sample(
    x: Numbers, y: Numbers, names: Sequence[str | None] | None
) -> tuple[Numbers, Numbers, list[str | None]]:
    """Some of the coordinates, each place once; those with names first."""
    finite = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & ~((x == 0) & (y == 0)))
    places = np.column_stack([x[finite], y[finite]])
    _, first = np.unique(places, axis=0, return_index=True)
    order = np.random.default_rng(320508).permutation(finite[first])
    all_names = list(names) if names is not None else [None] * len(x)
    has_name = np.array([all_names[place] is not None for place in order], bool)
    chosen = np.concatenate([order[has_name][: SAMPLE // 2], order[~has_name][:SAMPLE]])
    if has_name.all():
        chosen = order[:SAMPLE]
    return x[chosen], y[chosen], [all_names[place] for place in chosen]


def _along(shapes: NDArray[np.object_]) -> Numbers:
    """Places along the lines of shapes, evenly by length, some corners among them."""
    lines = shapely.boundary(shapes[np.isin(shapely.get_type_id(shapes), (2, 3, 6))])
    open_lines = shapes[np.isin(shapely.get_type_id(shapes), (1, 5))]
    lines = np.concatenate([lines, open_lines])
    rng = np.random.default_rng(320508)
    lines = lines[~shapely.is_empty(lines)]
    length = shapely.length(lines)
    if not length.sum() > 0:
        return shapely.get_coordinates(shapes)
    picked = rng.choice(len(lines), SAMPLE, p=length / length.sum())
    spots = shapely.line_interpolate_point(lines[picked], rng.uniform(0, 1, SAMPLE), normalized=True)
    return np.asarray(shapely.get_coordinates(spots))


def _in_district(tried: Sequence[Candidate], known: Evidence) -> list[Candidate]:
    """Those that bring about as much of the file into the district as the best does."""
    shares = [_share(one, known) for one in tried]
    best = max(shares, default=0.0)
    if best < FEW:
        return []
    return [one for one, share in zip(tried, shares, strict=True) if share >= best / 2]


def _share(one: Candidate, known: Evidence) -> float:
    return float(_near(one.lon, one.lat, known).mean())


def _near(lon: Numbers, lat: Numbers, known: Evidence) -> NDArray[np.bool_]:
    box, more = known.box, NEAR_DISTRICT_DEG
    across = (lon > box.west - more) & (lon < box.east + more)
    return np.asarray(across & (lat > box.south - more) & (lat < box.north + more))


def _apart(contend: Sequence[Candidate], srid: int) -> list[tuple[Candidate, Numbers]]:
    """Candidates with their places in metres; of several that put them at the same places, the first."""
    kept: list[tuple[Candidate, Numbers]] = []
    for one in contend:
        spots = np.column_stack(to_metric(one.lon, one.lat, srid))
        spots[~np.isfinite(spots).all(axis=1)] = np.nan
        if all(not _median_m(spots, others) < SAME_M for _, others in kept):
            kept.append((one, spots))
    return kept


def _median_m(one: Numbers, other: Numbers) -> float:
    apart = np.hypot(*(one - other).T)
    apart = apart[np.isfinite(apart)]
    return float(np.median(apart)) if len(apart) else np.inf


def _judge(contend: Sequence[Candidate], heard: tuple[Numbers, list[str]], said: str | None) -> Where:
    """Bayes: how likely each was before, times how much better it explains what was heard than chance does."""
    evidence, words = heard
    is_said = np.array([said is not None and one.is_said for one in contend])
    before = np.array([one.prior for one in contend])
    before = before / before.sum() * (1 - PRIOR_NONE)
    if is_said.any() and len(contend) > 1:
        others = before[~is_said].sum()
        before = np.where(is_said, PRIOR_SAID, before / others * (1 - PRIOR_SAID - PRIOR_NONE))
    weight = before * np.exp(evidence)
    after = weight / (weight.sum() + PRIOR_NONE)
    best = int(np.argmax(after))
    one, sure = contend[best], float(after[best])
    if len(contend) > 1 and evidence[best] < TELLING:
        names = ", ".join(each.label for each in contend)
        return Where(
            None, min(sure, 0.5), swapped=False, why=f"it may be {names}: too little to compare with"
        )
    why = (
        words[best]
        if len(contend) > 1 and words[best]
        else f"so it lies in this district, by {one.label} alone"
    )
    return Where(one.crs, min(sure, 0.995), swapped=one.swapped, why=why)
