"""The demo: an invented paper, a mail server, and a run of the public commands."""
