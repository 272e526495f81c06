"""Parsing in processes that a deadline can kill."""
