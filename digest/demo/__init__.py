"""The demo: an invented paper, a mail server, and the public commands between them."""
