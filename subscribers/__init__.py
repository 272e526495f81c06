"""People and their consent: who gets which newsletter, and why that is allowed.

Stands on its own: knows nothing of feeds, editions or mails. Pure rules live in `addresses`,
`preferences`, `tokens`, `csvfile`, `rows` and `merging`; whatever touches the tables takes a
connection.
"""
