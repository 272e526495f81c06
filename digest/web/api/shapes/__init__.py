<<<<<<< HEAD
"""The shapes that the API reads and answers, in its document, with the names of `--json`."""
=======
"""The bodies that the API reads and answers, with the names of `--json`."""
>>>>>>> api
