"""Pure functions that return components."""
