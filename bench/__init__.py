"""Benchmarks against a named peer in the same run; absolute times only show hangs."""
