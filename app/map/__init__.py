"""The map: what the browser must know to draw it, and what its marks mean."""
