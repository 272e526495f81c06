"""The shapes that the API reads and answers, in its document, with the names of `--json`."""
