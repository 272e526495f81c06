"""Parses feeds of every format, character encoding and date format into posts."""
