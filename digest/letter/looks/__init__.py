"""Rewrites a finished mail for a preview: how it looks elsewhere, with links that do nothing."""
