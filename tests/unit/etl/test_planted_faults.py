"""Three hundred files with one planted fault each, and a hundred without: what the chain before the store finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from etl import steps
from etl.columns import clean
from etl.fields import guess_fields
from etl.formats import open_file
from etl.intake import take_in
from etl.quality import Ledger
from etl.steps.base import Case, Standing
from etl.where import probable, probable_of_shapes, settle
from geodata.errors import FileRefused
from geodata.profile import Profile
from geodata.space.crs import shapes_to_stored
from tests.unit.etl.faulty_town import Rows, Town, geojson, shapefile, table, town, written_in

SEED = 20261122
MOST_REJECTED = 0.05


@dataclass(frozen=True)
class Outcome:
    """What became of a file: codes found, why it was refused (else empty), and the names that were read."""

    codes: Counter[str]
    refused: str
    names: list[str]


@dataclass(frozen=True)
class Planted:
    """A file with a fault, and how to tell that it was found."""

    fault: str
    path: Path
    found: Callable[[Outcome], bool]
    given: str | None = None


@pytest.fixture(scope="module")
def small(gusu: Profile) -> Town:
    """The town that the files are of."""
    return town(gusu)


def passed(path: Path, of: Town, given: str | None = None) -> Outcome:
    """Open, name, locate and check a file as a load does, up to the store."""
    ledger, names = Ledger(), list[str]()
    try:
        for frame in _batches(path, of, ledger, given):
            names = frame["name"].tolist()
        if ledger.rejected > MOST_REJECTED * ledger.read:
            return Outcome(Counter(f.code for f in ledger.findings), "too many rows were rejected", names)
    except FileRefused as refusal:
        return Outcome(Counter(f.code for f in ledger.findings), str(refusal), names)
    return Outcome(Counter(f.code for f in ledger.findings), "", names)


def _batches(path: Path, of: Town, ledger: Ledger, given: str | None) -> Iterator[pd.DataFrame]:
    source = open_file(take_in(path))
    case = Case(of.profile, ledger, standing=Standing(of.stored, of.communities))
    for raw in source.rows(source.columns, ledger):
        if not source.has_shapes:
            x, y = (raw.table[column].astype(float).to_numpy() for column in ("lon", "lat"))
            settle(probable(x, y, "EPSG:4326", of.known), "EPSG:4326", given)
            yield raw.table.assign(name="")
            continue
        name, code = guess_fields(raw.table, None, None)
        frame = pd.DataFrame(
            {"code": clean(raw.table[code]), "name": clean(raw.table[name])}, index=raw.table.index
        )
        shapes = np.asarray(raw.shapes, object)
        used = settle(
            probable_of_shapes(shapes, source.crs, of.known, frame["name"].tolist()), source.crs, given
        )
        frame["shape"] = pd.Series(shapes_to_stored(shapes, used), frame.index, dtype=object)
        for phase in ("repair", "check", "whole"):
            for step in steps.discover("boundaries", phase):
                frame = step.apply(frame, case)
        yield frame


# ---- what is planted ----


def _refused_naming(word: str) -> Callable[[Outcome], bool]:
    return lambda outcome: f"“{word}”" in outcome.refused


def _has(*codes: str) -> Callable[[Outcome], bool]:
    return lambda outcome: any(outcome.codes[code] for code in codes)


def _reads(rows: Rows) -> Callable[[Outcome], bool]:
    """A wrong encoding is found when the names come out right after all, or the file or its rows do not come in."""
    return lambda outcome: bool(outcome.refused) or outcome.names == rows.names


def _misplaced(folder: Path, rng: np.random.Generator, of: Town, n: int, **of_what: str) -> Planted:
    system, fault = of_what["system"], of_what["fault"]
    if n % 3 == 2:
        lon, lat = _near_streets(rng, of, int(rng.integers(60, 400)))
        spots = written_in(np.asarray(shapely.points(np.column_stack([lon, lat])), object), system)
        path = table(folder / f"{fault}-{n}.csv", shapely.get_x(spots), shapely.get_y(spots))
        return Planted(fault, path, _refused_naming(system))
    rows = replace(of.cells, shapes=written_in(_redrawn(rng, of), system))
    return Planted(fault, geojson(folder / f"{fault}-{n}.geojson", rows), _refused_naming(system))


def wrong_crs(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """It says WGS 84, or one projection, and is in another."""
    system = ("EPSG:4549", "EPSG:4528", "EPSG:3857", "BD-09", "EPSG:4498", "EPSG:32651", "EPSG:4550")[n % 7]
    planted = _misplaced(folder, rng, of, n, system=system, fault="wrong CRS")
    if n % 3 == 0:
        rows = replace(of.cells, shapes=written_in(_redrawn(rng, of), system), crs="EPSG:4547")
        planted = replace(planted, path=geojson(planted.path, rows))
    return planted


def swapped(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """Latitude or northing stands first."""
    system = ("EPSG:4326 yx", "EPSG:4549 yx", "EPSG:4528 yx")[n % 3 if n % 2 else 0]
    return _misplaced(folder, rng, of, n, system=system, fault="swapped axes")


def gcj02(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """It says WGS 84 and is 465 m off."""
    return _misplaced(folder, rng, of, n, system="GCJ-02", fault="GCJ-02 as WGS 84")


def gap(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """One cell draws back from its neighbours by 0.3 to 40 m."""
    return _unfitting(folder, rng, of, n, fault="gap", grow=-1)


def overlap(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """One cell reaches over its neighbours by 0.3 to 40 m."""
    return _unfitting(folder, rng, of, n, fault="overlap", grow=1)


def _unfitting(folder: Path, rng: np.random.Generator, of: Town, n: int, *, fault: str, grow: int) -> Planted:
    shapes, one = of.cells.shapes.copy(), int(rng.integers(len(of.cells.codes)))
    by_deg = grow * float(np.exp(rng.uniform(np.log(0.3), np.log(40)))) / 100_000
    shapes[one] = shapely.intersection(
        shapely.buffer(shapes[one], by_deg, join_style="mitre"), shapely.box(*of.profile.bbox)
    )
    path = geojson(folder / f"{fault}-{n}.geojson", replace(of.cells, shapes=shapes))
    return Planted(fault, path, _has(fault))


def encoding(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """GBK without a word about it, with a wrong word, or what a wrong reading made of it before."""
    rows = replace(of.cells, shapes=_redrawn(rng, of))
    path = folder / f"encoding-{n}.zip"
    if n % 3 == 0:
        shapefile(path, rows, "GB18030", declared=None)
    elif n % 3 == 1:
        shapefile(path, rows, "GB18030", declared=("UTF-8", "ISO-8859-1")[n % 2])
    else:
        made = [name.encode(("utf-8", "gb18030")[n % 2]).decode("latin-1") for name in rows.names]
        geojson(path := folder / f"encoding-{n}.geojson", replace(rows, names=made))
    return Planted("encoding", path, _reads(rows))


def duplicate(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """A row stands twice: by its code, or by its outline under another code."""
    rows, one = replace(of.cells, shapes=_redrawn(rng, of)), int(rng.integers(len(of.cells.codes)))
    code = rows.codes[one] if n % 2 else f"{of.profile.code}999999"
    shape = shapely.reverse(rows.shapes[one])
    more = replace(
        rows, codes=[*rows.codes, code], names=[*rows.names, "又一网格"],
        shapes=np.append(rows.shapes, np.array([shape], object)),
    )  # fmt: skip
    path = geojson(folder / f"duplicate-{n}.geojson", more)
    return Planted("duplicate", path, _has("code_again" if n % 2 else "outline_again"))


def stale(folder: Path, rng: np.random.Generator, of: Town, n: int) -> Planted:
    """One to all codes are those of an older list, or of a district that was merged."""
    codes, many = list(of.cells.codes), int(rng.choice([1, 3, len(of.cells.codes)]))
    for one in rng.choice(len(codes), many, replace=False):
        codes[one] = f"{'320503' if n % 2 else of.profile.code}7{one:05d}"
    rows = replace(of.cells, codes=codes, shapes=_redrawn(rng, of))
    return Planted("stale code", geojson(folder / f"stale-{n}.geojson", rows),
                   _has("code_of_another_list", "code_of_another_district"))  # fmt: skip


def _redrawn(rng: np.random.Generator, of: Town) -> np.ndarray:
    """The cells as a later survey draws them: every inner corner some metres off, the same for all that share it."""
    phase, size_deg = rng.uniform(0, 6, 4), float(rng.choice([0.0, 2e-5, 1e-4]))
    west, south, east, north = of.profile.bbox

    def turn(points: np.ndarray) -> np.ndarray:
        x, y = points[:, 0], points[:, 1]
        inner = (x > west) & (x < east) & (y > south) & (y < north)
        off = np.column_stack([np.sin(900 * y + phase[0]) * np.cos(700 * x + phase[1]),
                               np.sin(800 * x + phase[2]) * np.cos(600 * y + phase[3])])  # fmt: skip
        return np.asarray(points + size_deg * off * inner[:, None])

    return np.asarray(shapely.transform(of.cells.shapes, turn), object)


def _near_streets(rng: np.random.Generator, of: Town, count: int) -> tuple[np.ndarray, np.ndarray]:
    edges = shapely.boundary(of.cells.shapes)
    length = shapely.length(edges)
    picked = rng.choice(len(edges), count, p=length / length.sum())
    spots = shapely.get_coordinates(
        shapely.line_interpolate_point(edges[picked], rng.uniform(0, 1, count), normalized=True)
    )
    noise_m = rng.uniform(5, 30)
    return (
        spots[:, 0] + rng.normal(0, noise_m / 95_000, count),
        spots[:, 1] + rng.normal(0, noise_m / 111_000, count),
    )


PLANTS = {wrong_crs: 38, swapped: 38, gcj02: 38, gap: 38, overlap: 37, encoding: 37, duplicate: 37, stale: 37}


def test_of_three_hundred_planted_faults_ninety_nine_in_a_hundred_are_found(
    small: Town, tmp_path: Path
) -> None:
    rng = np.random.default_rng(SEED)
    missed: list[str] = []
    count = Counter[str]()
    for plant, many in PLANTS.items():
        for n in range(many):
            planted = plant(tmp_path, rng, small, n)
            outcome = passed(planted.path, small, planted.given)
            count[planted.fault] += 1
            if not planted.found(outcome):
                missed.append(f"{planted.path.name}: {dict(outcome.codes)} {outcome.refused}")
    total = sum(count.values())
    print(f"planted {total}, found {total - len(missed)} ({1 - len(missed) / total:.1%}): {dict(count)}")
    assert total == 300
    assert len(missed) <= 3, "\n".join(missed)


def test_a_hundred_clean_files_are_not_refused(small: Town, tmp_path: Path) -> None:
    rng = np.random.default_rng(SEED + 1)
    refused: list[str] = []
    for n in range(100):
        path, given = _clean(tmp_path, rng, small, n)
        outcome = passed(path, small, given)
        wrong = set(outcome.codes) & {
            "gap",
            "overlap",
            "garbled",
            "code_again",
            "outline_again",
            "invalid_rings",
        }
        if outcome.refused or wrong:
            refused.append(f"{path.name}: {dict(outcome.codes)} {outcome.refused}")
    print(f"clean 100, refused or faulted {len(refused)}")
    assert not refused, "\n".join(refused)


def _clean(folder: Path, rng: np.random.Generator, of: Town, n: int) -> tuple[Path, str | None]:
    rows = replace(of.cells, shapes=_redrawn(rng, of))
    if n % 5 == 0:
        lon, lat = _near_streets(rng, of, int(rng.integers(1, 400)))
        return table(folder / f"clean-{n}.csv", lon, lat), None
    if n % 5 == 1:
        system = ("EPSG:4549", "EPSG:4528", "EPSG:4490", "EPSG:3857")[n % 4]
        shapes = rows.shapes if system == "EPSG:4490" else written_in(rows.shapes, system)
        return geojson(folder / f"clean-{n}.geojson", replace(rows, shapes=shapes, crs=system)), None
    if n % 5 == 2:
        system = ("GCJ-02", "BD-09", "EPSG:4549 yx")[n % 3]
        shapes = written_in(rows.shapes, system)
        return geojson(folder / f"clean-{n}.geojson", replace(rows, shapes=shapes)), system
    if n % 5 == 3:
        return shapefile(folder / f"clean-{n}.zip", rows, "UTF-8", declared="UTF-8"), None
    return geojson(folder / f"clean-{n}.geojson", rows), None
