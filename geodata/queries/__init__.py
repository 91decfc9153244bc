"""Reads, one file a subject; every figure the product shows has one function here."""
