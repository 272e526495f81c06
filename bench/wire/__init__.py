"""Compares `digest send` with other senders of mail: speed, processor time and memory.

`python -m bench.wire` measures everything but the million subscribers; `python -m bench.wire
PART…` only the named parts, which `--help` lists.
"""
