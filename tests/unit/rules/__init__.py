"""Unit tests of the rules: pure, no database."""
