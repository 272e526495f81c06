"""From posts to an edition: what is in it, what is said of it, and why."""
