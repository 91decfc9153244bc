"""The geography of the demo district."""
