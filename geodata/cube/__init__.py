"""The heat cube: counts per cell, category, sub-district and day, answered without touching ticket rows."""
