"""Rules of the house, run."""
