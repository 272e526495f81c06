"""How a post becomes a mail: `collect`, `compose`, `prepare`, `freeze`, `deliver`.

Read this room first, one file for each step, in that order. Each step is a short run of reads, pure
calls and writes. The decisions are made in the pure rooms, the data is in the store, and no step
looks back at an earlier one. `audience` has the rules of who gets what, and when.

Who asks for a step is in `digest.newsroom`.
"""
