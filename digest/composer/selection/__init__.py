"""Selects and orders the posts of an edition, with a reason for each."""
