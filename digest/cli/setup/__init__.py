"""The answers of `digest init`: from its options, and on a terminal from questions."""
