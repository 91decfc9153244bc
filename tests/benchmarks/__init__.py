"""Measurements on the data of a home: `./yiping bench [NAME] [--json]`; one file a subject with `run(served)`."""
