"""Reads mails that come back (bounces, complaints, requests to unsubscribe) and acts on them."""
