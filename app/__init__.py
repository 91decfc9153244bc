"""What eyes see, and the doors to it."""
