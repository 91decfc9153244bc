"""The demo district: its geography, and a year of made-up rows upon it."""
