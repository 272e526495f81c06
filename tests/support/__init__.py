"""Shared by tests: samples, doubles, servers, and a running newsletter."""
