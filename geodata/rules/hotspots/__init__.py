"""Where things pile up, and whether it is more than chance; pure functions on arrays."""
