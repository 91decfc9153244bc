"""Live feeds: outside senders of the demo and of drills, and bridges from other protocols; one file a feed."""
