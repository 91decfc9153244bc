"""GCJ-02 and BD-09, held to what other libraries publish, and to their own way back."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.profile import load_profile
from geodata.space import crs, offset
from geodata.space.offset import BD09, GCJ02

# WGS 84, shifted: the test vectors of eviltransform (python/test.py) for Shanghai, Shenzhen and Beijing.
EVILTRANSFORM = [
    (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
    (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
]
# What prcoords 1.0.2 answers for two corners of Gusu, for Ürümqi, Shenzhen and Harbin.
PRCOORDS = {
    GCJ02: [
        (120.524, 31.257, 120.5283220230785, 31.254907946050803),
        (120.651, 31.381, 120.6552272708346, 31.37889366867456),
        (87.6, 43.8, 87.60283897227161, 43.80121203029208),
        (113.9, 22.5, 113.90486389528537, 22.496945031454228),
        (126.6, 45.7, 126.60590230013104, 45.70192625937869),
    ],
    BD09: [
        (120.524, 31.257, 120.53490389914639, 31.26061319845203),
        (120.651, 31.381, 120.66181960348712, 31.384543237937535),
        (87.6, 43.8, 87.60921015182171, 43.80747250765041),
        (113.9, 22.5, 113.9113490883621, 22.50303644089354),
        (126.6, 45.7, 126.6122564275477, 45.70828257379876),
    ],
}
CM_DEG, MM_DEG = 1e-7, 1e-8


@pytest.mark.parametrize("vector", EVILTRANSFORM)
def test_gcj02_agrees_with_the_vectors_of_eviltransform(vector: tuple[float, ...]) -> None:
    lon, lat, shifted_lon, shifted_lat = (np.array([value]) for value in vector)
    there = offset.from_wgs84(lon, lat, GCJ02)
    np.testing.assert_allclose(np.array(there), np.array((shifted_lon, shifted_lat)), atol=1e-10)
    back = offset.to_wgs84(shifted_lon, shifted_lat, GCJ02)
    np.testing.assert_allclose(np.array(back), np.array((lon, lat)), atol=MM_DEG)


@pytest.mark.parametrize("system", [GCJ02, BD09])
def test_both_agree_with_prcoords(system: str) -> None:
    lon, lat, shifted_lon, shifted_lat = np.array(PRCOORDS[system]).T
    there = offset.from_wgs84(lon, lat, system)
    np.testing.assert_allclose(np.array(there), np.array((shifted_lon, shifted_lat)), atol=1e-10)


def test_bd09_agrees_with_the_vector_of_coordtransform() -> None:
    # Its tests give both for the same point of Beijing: 116.404 39.915 as GCJ-02 and what BD-09 makes of it.
    wgs = offset.to_wgs84(np.array([116.404]), np.array([39.915]), GCJ02)
    there = offset.from_wgs84(*wgs, BD09)
    np.testing.assert_allclose(np.ravel(there), (116.41036949371029, 39.92133699351021), atol=MM_DEG)


@pytest.mark.parametrize("system", [GCJ02, BD09])
def test_there_and_back_is_within_a_centimetre_over_the_district(system: str) -> None:
    box, rng = load_profile("gusu").bbox, np.random.default_rng(320508)
    lon, lat = rng.uniform(box.west, box.east, 20_000), rng.uniform(box.south, box.north, 20_000)
    back = offset.to_wgs84(*offset.from_wgs84(lon, lat, system), system)
    forth = offset.from_wgs84(*offset.to_wgs84(lon, lat, system), system)
    for way in (back, forth):
        worst_m = np.hypot((way[0] - lon) * 95_000, (way[1] - lat) * 111_000).max()
        assert worst_m < 0.01


@pytest.mark.parametrize(("system", "least_m", "most_m"), [(GCJ02, 440, 500), (BD09, 1050, 1150)])
def test_the_shift_is_as_large_as_the_field_knows_it(system: str, least_m: float, most_m: float) -> None:
    lon, lat = np.array([120.6]), np.array([31.31])
    east, north = offset.from_wgs84(lon, lat, system)
    metres = np.hypot(*(np.array(crs.to_metric(east, north, 4549)) - np.array(crs.to_metric(lon, lat, 4549))))
    assert least_m < metres[0] < most_m


def test_abroad_gcj02_is_wgs84() -> None:
    lon, lat = np.array([-74.0, 139.7]), np.array([40.7, 35.7])
    assert np.array_equal(offset.from_wgs84(lon, lat, GCJ02), (lon, lat))


def test_what_is_missing_stays_missing() -> None:
    lon, lat = offset.to_wgs84(np.array([np.nan, 120.6]), np.array([np.nan, 31.3]), BD09)
    assert np.isnan([lon[0], lat[0]]).all()
    assert np.isfinite([lon[1], lat[1]]).all()


@pytest.mark.parametrize(
    ("said", "name"),
    [("GCJ-02", "GCJ-02"), ("gcj02", "GCJ-02"), ("bd-09", "BD-09"), ("BD09LL", "BD-09"), ("火星坐标系", "GCJ-02"),
     ("urn:ogc:def:crs:EPSG::4549", "EPSG:4549"), ("OGC:CRS84", "EPSG:4326"), ("EPSG:4490", "EPSG:4490")],
)  # fmt: skip
def test_shifted_systems_are_named_like_any_crs(said: str, name: str) -> None:
    assert crs.known_crs(said) is not None
    assert crs.crs_name(said) == name


def test_shapes_come_back_from_a_shifted_system_with_their_heights() -> None:
    true = np.array([shapely.box(120.6, 31.3, 120.61, 31.31), shapely.Point(120.6, 31.3, 5)], object)

    def shift(points: np.ndarray) -> np.ndarray:
        return np.column_stack(offset.from_wgs84(points[:, 0], points[:, 1], GCJ02))

    shifted = np.array([shapely.transform(true[0], shift), shapely.Point(*shift(np.array([[120.6, 31.3]]))[0], 5)], object)  # fmt: skip
    back = crs.shapes_to_stored(shifted, "GCJ-02")
    assert shapely.equals_exact(back, true, 1e-9).all()
    assert shapely.get_z(back[1]) == 5
