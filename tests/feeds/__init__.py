"""Feeds against real brokers and servers."""
