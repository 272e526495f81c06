"""The web pages: a public door for subscribers, an admin door on loopback.

`public` and `admin` build one application each; every page group has a module of its own. Data
comes through `ports`, so that the pages know neither the database nor the letter.
"""
