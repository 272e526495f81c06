"""What may be printed of a comment: one rule a file, and `policy`, which asks them all."""
