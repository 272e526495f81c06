"""The steps from a post to a mail: `collect`, `compose`, `prepare`, `freeze`, `deliver`.

Read this package first, one file for each step, in that order. Each step is a short sequence of
reads, calls of pure functions, and writes. The pure packages make the decisions, the store has the
data, and no step depends on a later one. `audience` decides which subscribers get which variant,
and when.

`digest.newsroom` calls these steps.
"""
