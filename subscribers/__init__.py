"""Subscribers, their subscriptions and their consent.

This package is independent: it has no feeds, editions or mails. `addresses`, `preferences`,
`tokens`, `csvfile`, `rows` and `merging` are pure; functions that use the tables take a
connection.
"""
