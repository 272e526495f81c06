"""The use cases of subscribers themselves, on the public pages: one module for each.

Every module may raise `StoreError` if the database is not available; the pages then answer 503.
"""
