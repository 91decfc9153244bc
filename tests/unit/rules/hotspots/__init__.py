"""Unit tests of hotspots."""
