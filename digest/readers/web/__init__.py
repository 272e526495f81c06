"""Fetches documents over HTTP, with checks against internal addresses and limits per server."""
