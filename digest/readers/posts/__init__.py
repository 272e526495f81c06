"""Decides which feed entries are the same post, which are new, and in which categories they go."""
