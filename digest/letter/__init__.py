"""Turns an edition into mails: variants, templates, checks, messages."""
