"""How a post becomes a mail: `collect`, `compose`, `prepare`, `freeze`, `deliver`.

Read this room first, one file a step, in that order. Each step is a short run of reads, pure
calls and writes: what decides lies in the pure rooms, what remembers in the store, and no step
looks back at an earlier one. `windows`, `waves` and `approval` are the rules of the middle ones.

The weeks by themselves: `tick` does what is due of the editions, `poll` of the feeds and
`dispatch` of the mails, over a `context` that is passed in; `watch` and `tell` say what needs a
person, `purge` forgets. For people who look: `plan` and `outlook` ahead, `replay` back.
"""
