"""The API on the admin listener: the use cases of the desk for programs, with tokens."""
