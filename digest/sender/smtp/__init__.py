"""SMTP: opening connections to relays, and handing mails over on them."""
