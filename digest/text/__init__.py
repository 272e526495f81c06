"""Everything done to words: cleaning, links, shortcodes, sentences, plain text."""
