"""Decides when editions and feeds are due, and runs the service's periodic jobs."""
