"""Runs the parsers in separate processes that are killed at a deadline."""
