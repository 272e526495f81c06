"""How a letter is printed: from an edition to HTML, text and the bytes of a mail."""
