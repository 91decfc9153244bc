"""Everything that brings data in: files through one pipeline, and the demo district."""
