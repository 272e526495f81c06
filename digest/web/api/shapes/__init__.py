"""What the API reads and answers: the shapes of its document, with the names of `--json`."""
