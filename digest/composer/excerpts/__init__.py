"""Writes excerpts: the first sentences of a post, without the text that its site added."""
