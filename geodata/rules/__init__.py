"""Pure policy, no I/O."""
