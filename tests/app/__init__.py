"""Tests of the web without a browser."""
