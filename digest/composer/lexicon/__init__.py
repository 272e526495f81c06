"""The words of each language, and what is done to words to compare them."""
