"""How a post becomes a mail: `collect`, `compose`, `prepare`, `freeze`, `deliver`.

Read this room first, one file a step, in that order. Each step is a short run of reads, pure
calls and writes: what decides lies in the pure rooms, what remembers in the store, and no step
looks back at an earlier one.
"""
