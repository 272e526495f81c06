"""The door of the queue: `digest run` wakes workers, and `digest worker` sends when it is woken.

The ledger says what is due. A job only says "look at edition 12 now".
"""
