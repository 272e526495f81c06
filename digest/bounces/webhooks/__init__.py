"""Reads the events that mail providers post: bounces, complaints and unsubscriptions.

Each provider has a module that checks the signature of a request and one function that returns its
events as `Mail` values, so that the same rules judge them as judge a mail that came back. What a
provider calls a bounce is only evidence: the words of the server that refused come first.
"""
