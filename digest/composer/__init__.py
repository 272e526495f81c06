"""Composes editions from posts: selection, excerpts, quotes, and the reason for each choice."""
