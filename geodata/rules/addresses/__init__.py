"""Finding the place that a Chinese address names: wording, names with slips, segmentation, judgement; no I/O."""
