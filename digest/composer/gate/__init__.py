"""The gate before the quotes: standing, form, spam, civility, and `policy`, which asks them all."""
