"""When an edition is due: wall-clock slots."""
