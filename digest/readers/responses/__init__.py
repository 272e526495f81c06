"""Reads comments from feeds, REST, pages and exports, and merges them into one list."""
