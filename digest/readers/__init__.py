"""Reads posts and comments from URLs: fetches, parses, and decides which are new.

In the order of the data flow: `web` fetches documents, `parsing` runs the parsers in separate
processes, `feeds` and `pages` parse feeds and web pages, `responses` parses comments, and `posts`
decides which posts are new. `opml` reads and writes lists of feeds; `limits` has the size limits.
"""
