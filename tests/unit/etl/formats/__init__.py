"""File formats, each by files written with other programs."""
