"""Measurements against a named peer in the same run; absolute times only tell a hang."""
