"""The city as data; knows nothing of web pages or files."""
