"""Reads from web pages what feeds leave out: articles, pictures and the addresses of feeds."""
