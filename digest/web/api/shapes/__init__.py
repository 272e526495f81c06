"""The bodies that the API reads and answers, with the names of `--json`."""
