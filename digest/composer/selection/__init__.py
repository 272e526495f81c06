"""Which posts an edition has, in which order, and why."""
