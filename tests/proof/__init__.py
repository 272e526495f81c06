"""Proofs that take long or need a machine of their own; `make proof` runs them."""
