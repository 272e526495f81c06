"""From an edition to the bytes of a mail: variants, templates, checks, messages."""
