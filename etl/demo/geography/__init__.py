"""The geography of the demo district, Gusu 姑苏区: the old town of Suzhou, from hand-made data."""

from __future__ import annotations

from etl.demo.geography.town import Geography, build

__all__ = ["Geography", "build"]
