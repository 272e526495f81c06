"""Prints a letter: turns an edition into HTML, text and the bytes of a mail."""
