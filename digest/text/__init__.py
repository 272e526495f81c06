"""Text processing: cleaning HTML, links, shortcodes, sentences, plain text."""
