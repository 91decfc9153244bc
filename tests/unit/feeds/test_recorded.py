"""Recorded series: columns found or asked for, rows in order, and real files nobody here wrote."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.feeds.recorded import read_series
from etl.feeds.replay import due
from geodata.errors import FileRefused

START = datetime(2026, 11, 22, 4, tzinfo=UTC)


def file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "series.csv"
    path.write_text(text, encoding)
    return path


def test_columns_are_found_and_rows_put_in_order(tmp_path: Path) -> None:
    told = "站点,时间,读数\nA,2026-01-01 00:10,3\nA,2026-01-01 00:00,1\nA,2026-01-01 00:05,x\nA,,9\nA,2026-01-01 00:10,4\n"
    series = read_series(file(tmp_path, told * 1, "gb18030"), value_column="读数")
    assert series.gaps_s.tolist() == [0, 600]
    assert series.values.tolist() == [1, 4]
    assert (series.time_column, series.left_out) == ("时间", 3)


@pytest.mark.parametrize(("text", "said"), [
    ("a,b,c\n2026-01-01,1,2\n2026-01-02,3,4\n", "several columns of values (b, c); name one with --value-column"),
    ("a,b\nx,1\ny,2\n", "no column of times; its columns are a, b; name one with --time-column"),
    ("a,b\n2026-01-01,x\n", "no column of values"),
    ("", "no table with a header line"),
])  # fmt: skip
def test_what_cannot_be_told_is_refused_with_the_way_out(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_series(file(tmp_path, text))
    assert said in str(refusal.value)


def test_a_wrong_name_is_answered_with_the_right_ones(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="no column “temp”; its columns are a, b"):
        read_series(file(tmp_path, "a,b\n2026-01-01,1\n"), value_column="temp")
    with pytest.raises(FileRefused, match="There is no file"):
        read_series(tmp_path / "none.csv")


@pytest.mark.parametrize(("name", "value_column", "rows", "gap_s"), [
    ("nyc_taxi_half_hourly.csv", None, 10_320, 1800), ("occupancy_6005.csv", None, 2_380, 300),
    ("fremont_hourly_bike.csv", "Fremont Bridge NB", None, 3600),
])  # fmt: skip
def test_real_recordings_are_read_whole(
    shared_data: Path, name: str, value_column: str | None, rows: int | None, gap_s: int
) -> None:
    series = read_series(shared_data / "sensors" / name, value_column=value_column)
    assert rows is None or len(series.values) + series.left_out == rows
    assert series.gaps_s[0] == 0
    assert series.gaps_s[1] == gap_s
    assert (series.gaps_s[1:] > series.gaps_s[:-1]).all()


def test_a_recording_with_two_counts_is_not_guessed(shared_data: Path) -> None:
    with pytest.raises(FileRefused, match="Fremont Bridge NB, Fremont Bridge SB"):
        read_series(shared_data / "sensors" / "fremont_hourly_bike.csv")


class Clock:
    """A clock that a test moves; an event whose waiting moves it."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """What it shows."""
        return self.at

    def wait(self, seconds: float) -> bool:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        return False


def test_gaps_are_kept_divided_by_the_speed_and_no_row_comes_before_its_moment(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-01 00:{minute:02d},{minute}\n" for minute in (0, 1, 2, 30))
    series, clock = read_series(file(tmp_path, "time,value\n" + rows)), Clock()
    sent = []
    for batch in due(series, "S1", 60.0, clock.now, clock):  # type: ignore[arg-type]
        sent += [(datetime.fromisoformat(row["at"]), row["value"]) for row in batch]
        assert all(datetime.fromisoformat(row["at"]) <= clock.at for row in batch)
    assert [(at - START).total_seconds() for at, _ in sent] == [0, 1, 2, 30]
    assert [value for _, value in sent] == [0, 1, 2, 30]


def test_told_to_stop_it_stops(tmp_path: Path) -> None:
    series = read_series(file(tmp_path, "time,value\n2026-01-01 00:00,1\n2026-01-02 00:00,2\n"))
    stop = threading.Event()
    stop.set()
    assert [len(rows) for rows in due(series, "S1", 1.0, lambda: datetime.now(UTC), stop)] == [1]
