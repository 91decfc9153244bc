"""Tests of the demo's rows."""
